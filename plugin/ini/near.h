/* SPDX-License-Identifier: MIT */
/*
 * near.h - which known word was meant
 *
 * The distance of two words counts letters that are missing, too many or wrong, and neighbours that
 * are swapped.
 */
#ifndef CTM_NEAR_H
#define CTM_NEAR_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The nearest of n words, which are borrowed; the first of several equally near ones. NULL: n is 0.
 * *ret_close: so near that it was probably meant, at most a third of its letters away.
 */
const char *ctm_near_find(const char *word, const char *const *words, size_t n, bool *ret_close);

#endif
