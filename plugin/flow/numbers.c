/* SPDX-License-Identifier: MIT */
#include "numbers.h"

#include <errno.h>
#include <stdlib.h>

int ctm_numbers_add(struct ctm_numbers *numbers, uint32_t number)
{
	if (numbers->n && numbers->items[numbers->n - 1] == number)
		return 0;
	if (numbers->n == numbers->cap) {
		size_t cap = numbers->cap ? numbers->cap * 2 : 16;
		uint32_t *items = reallocarray(numbers->items, cap, sizeof *items);

		if (!items)
			return -ENOMEM;
		numbers->items = items;
		numbers->cap = cap;
	}
	numbers->items[numbers->n++] = number;
	return 0;
}

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a;
	uint32_t y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

void ctm_numbers_unique(struct ctm_numbers *numbers)
{
	size_t kept = 0;

	if (!numbers->n)
		return;
	qsort(numbers->items, numbers->n, sizeof *numbers->items, compare);
	for (size_t i = 1; i < numbers->n; i++)
		if (numbers->items[i] != numbers->items[kept])
			numbers->items[++kept] = numbers->items[i];
	numbers->n = kept + 1;
}

bool ctm_numbers_has(const struct ctm_numbers *numbers, uint32_t number)
{
	return numbers->n && bsearch(&number, numbers->items, numbers->n, sizeof number, compare);
}

void ctm_numbers_done(struct ctm_numbers *numbers)
{
	free(numbers->items);
	*numbers = (struct ctm_numbers){0};
}
