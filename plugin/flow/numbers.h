/* SPDX-License-Identifier: MIT */
/*
 * numbers.h - a growing set of numbers of jobs or files
 */
#ifndef CTM_NUMBERS_H
#define CTM_NUMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ctm_numbers {
	uint32_t *items;
	size_t n;
	size_t cap;
};

/* Adds the number if it is not the last one that was added. 0 or -ENOMEM. */
int ctm_numbers_add(struct ctm_numbers *numbers, uint32_t number);

/* Sorts, and drops what is there twice. */
void ctm_numbers_unique(struct ctm_numbers *numbers);

/* Whether it is among them; sorted they have to be. */
bool ctm_numbers_has(const struct ctm_numbers *numbers, uint32_t number);

void ctm_numbers_done(struct ctm_numbers *numbers);

#endif
