/* SPDX-License-Identifier: MIT */
#include "near.h"

#include <stdint.h>
#include <string.h>

#define LONGEST 64u /* letters of a word that are looked at */

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Optimal string alignment, with three rows of its table. */
static size_t distance(const char *a, size_t len_a, const char *b, size_t len_b)
{
	size_t rows[3][LONGEST + 1];
	size_t *before = rows[0];
	size_t *last = rows[1];
	size_t *row = rows[2];

	for (size_t j = 0; j <= len_b; j++)
		last[j] = j;
	for (size_t i = 1; i <= len_a; i++) {
		size_t *const oldest = before;

		row[0] = i;
		for (size_t j = 1; j <= len_b; j++) {
			row[j] = least(last[j], row[j - 1]) + 1;
			row[j] = least(row[j], last[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = least(row[j], before[j - 2] + 1);
		}
		before = last;
		last = row;
		row = oldest;
	}
	return last[len_b];
}

const char *ctm_near_find(const char *word, const char *const *words, size_t n, bool *ret_close)
{
	const size_t len = strnlen(word, LONGEST);
	const char *nearest = NULL;
	size_t best = SIZE_MAX;

	for (size_t i = 0; i < n; i++) {
		const size_t d = distance(word, len, words[i], strnlen(words[i], LONGEST));

		if (d < best) {
			best = d;
			nearest = words[i];
		}
	}
	*ret_close = nearest && best <= (strlen(nearest) + 2) / 3;
	return nearest;
}
