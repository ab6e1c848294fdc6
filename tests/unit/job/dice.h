/* SPDX-License-Identifier: MIT */
/*
 * dice.h - random numbers that can be thrown again
 *
 * A property test throws its cases from one seed and names it when a case fails: with that value in
 * CTM_TEST_SEED the same cases come again. Without it each run throws others.
 */
#ifndef TEST_DICE_H
#define TEST_DICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

struct dice {
	uint64_t seed; /* for the message of a failure */
	uint64_t state;
};

static inline struct dice dice_init(void)
{
	const char *text = getenv("CTM_TEST_SEED");
	uint64_t seed = 1;

	if (text)
		seed = strtoull(text, NULL, 10);
	else if (getrandom(&seed, sizeof seed, GRND_NONBLOCK) < 0)
		seed = 1;
	return (struct dice){.seed = seed, .state = seed};
}

/* splitmix64 */
static inline uint64_t dice_u64(struct dice *d)
{
	uint64_t z = d->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static inline uint32_t dice_u32(struct dice *d)
{
	return (uint32_t)dice_u64(d);
}

/* 0 to n - 1. */
static inline uint32_t dice_below(struct dice *d, uint32_t n)
{
	return (uint32_t)(dice_u64(d) % n);
}

static inline bool dice_flip(struct dice *d)
{
	return dice_u64(d) & 1;
}

/* Shuffles n numbers. */
static inline void dice_shuffle(struct dice *d, size_t *items, size_t n)
{
	for (size_t i = n; i > 1; i--) {
		size_t j = (size_t)(dice_u64(d) % i);
		size_t item = items[i - 1];

		items[i - 1] = items[j];
		items[j] = item;
	}
}

/* len random bytes, none of them NUL, and a NUL. */
static inline char *dice_text(struct dice *d, size_t len)
{
	char *text = malloc(len + 1);

	if (!text)
		abort();
	for (size_t i = 0; i < len; i++)
		text[i] = (char)(1 + dice_below(d, 255));
	text[len] = '\0';
	return text;
}

#endif
