/* SPDX-License-Identifier: MIT */
#include "base64.h"

#include <errno.h>

#include <criterion/criterion.h>

#include "leaks.h"

TestSuite(base64, .fini = ctm_test_check_leaks);

/* RFC 4648, section 10, and bytes that are no text. */
Test(base64, known_pairs)
{
	static const struct {
		const char *encoded;
		const char *bytes;
		size_t len;
	} cases[] = {
		{"", "", 0},
		{"Zg==", "f", 1},
		{"Zm8=", "fo", 2},
		{"Zm9v", "foo", 3},
		{"Zm9vYg==", "foob", 4},
		{"Zm9vYmE=", "fooba", 5},
		{"Zm9vYmFy", "foobar", 6},
		{"AAAA", "\0\0\0", 3},
		{"/+8=", "\xff\xef", 2},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(64);

		cr_assert_eq(ctm_base64_decode(cases[i].encoded, &b), 0, "%s", cases[i].encoded);
		cr_assert_eq(b.len, cases[i].len);
		if (b.len)
			cr_expect_arr_eq(b.data, cases[i].bytes, b.len);
	}
}

Test(base64, refuses)
{
	static const char *const bad[] = {"Z", "Zg",
		"Zg=", "Zg===", "Zh==", "Zm9=", "=Zg=", "Zg==Zg==", "Zm 9", "Zm-_", "Zm9v\n",
		"====", "Zm9vYg=a", "\xc3\xa4\xc3\xa4"};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(64);

		cr_expect_eq(ctm_base64_decode(bad[i], &b), -EINVAL, "%s", bad[i]);
	}
}

Test(base64, limit)
{
	CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(5);

	cr_expect_eq(ctm_base64_decode("Zm9vYmFy", &b), -ENOBUFS);
}
