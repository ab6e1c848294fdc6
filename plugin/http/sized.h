/* SPDX-License-Identifier: MIT */
/*
 * sized.h - structs that begin with their size, between two sides of different age
 */
#ifndef CTM_HTTP_SIZED_H
#define CTM_HTTP_SIZED_H

#include <stdbool.h>
#include <stddef.h>

/* Copies what the other side knows of a struct into ours. False: it has no room for its size. */
bool ctm_sized_in(void *ours, size_t our_size, const void *theirs);

/* Copies as many members of ours as theirs says to hold; its size stays as it is. */
void ctm_sized_out(const void *ours, size_t our_size, void *theirs);

#endif
