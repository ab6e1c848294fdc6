/* SPDX-License-Identifier: MIT */
#include "arena.h"

#include <stdint.h>
#include <string.h>

#include <criterion/criterion.h>

#include "leaks.h"

TestSuite(arena, .fini = ctm_test_check_leaks);

Test(arena, nothing)
{
	struct ctm_arena arena = {0};

	ctm_arena_rewind(&arena, &(struct ctm_arena){0});
	ctm_arena_done(&arena);
	cr_expect_null(arena.last);
}

/* Texts stay as they are, however many follow, and whatever their length. */
Test(arena, texts)
{
	static const size_t lengths[] = {0, 1, 70000, 65534, 65535, 65536, 3, 9};
	enum {
		N = sizeof lengths / sizeof *lengths
	};
	static char text[70001];
	struct ctm_arena arena = {0};
	char *copies[N];

	for (size_t i = 0; i < N; i++) {
		memset(text, (int)('a' + i), sizeof text);
		text[lengths[i]] = '\0';
		copies[i] = ctm_arena_text(&arena, text);
		cr_assert_not_null(copies[i]);
	}
	for (size_t i = 0; i < N; i++) {
		cr_expect_eq(strlen(copies[i]), lengths[i]);
		cr_expect_eq(strspn(copies[i], (char[]){(char)('a' + i), '\0'}), lengths[i]);
	}
	ctm_arena_done(&arena);
	cr_expect_not_null(ctm_arena_text(&arena, "it can be used again"));
	ctm_arena_done(&arena);
}

/* What was taken before the mark stays; what comes then takes the place of what went. */
Test(arena, rewind)
{
	static char text[50000];
	struct ctm_arena arena = {0};
	char *before = ctm_arena_text(&arena, "before");
	struct ctm_arena mark = arena;
	char *first = ctm_arena_text(&arena, "first");

	memset(text, 'x', sizeof text - 1);
	for (int i = 0; i < 5; i++)
		cr_assert_not_null(ctm_arena_text(&arena, text));
	ctm_arena_rewind(&arena, &mark);
	cr_expect_str_eq(before, "before");
	cr_expect_eq(ctm_arena_text(&arena, "other"), first);
	cr_expect_str_eq(before, "before");
	ctm_arena_done(&arena);
}
