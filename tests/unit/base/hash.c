/* SPDX-License-Identifier: MIT */
#include "hash.h"

#include <criterion/criterion.h>

#include "leaks.h"

TestSuite(hash, .fini = ctm_test_check_leaks);

/* The vectors of FNV-1a's authors. */
Test(hash, vectors)
{
	cr_expect_eq(ctm_hash("", 0), UINT64_C(0xcbf29ce484222325));
	cr_expect_eq(ctm_hash("a", 1), UINT64_C(0xaf63dc4c8601ec8c));
	cr_expect_eq(ctm_hash("foobar", 6), UINT64_C(0x85944171f73967e8));
}

Test(hash, goes_on)
{
	uint64_t hash = ctm_hash_add(CTM_HASH_INIT, "foo", 3);

	cr_expect_eq(ctm_hash_add(hash, "bar", 3), ctm_hash("foobar", 6));
	cr_expect_neq(ctm_hash("a\0b", 3), ctm_hash("a", 1));
}
