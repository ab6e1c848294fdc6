/* SPDX-License-Identifier: MIT */
#include "buf.h"

#include <errno.h>
#include <stdlib.h>

#include <criterion/criterion.h>

#include "leaks.h"

TestSuite(buf, .fini = ctm_test_check_leaks);

Test(buf, grows)
{
	CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(100000);

	for (int i = 0; i < 10000; i++)
		ctm_buf_printf(&b, "%d,", i % 10);
	cr_assert_eq(b.error, 0);
	cr_assert_eq(b.len, 20000);
	cr_expect_eq(b.data[b.len], '\0');
	cr_expect_eq(strncmp(b.data, "0,1,2,", 6), 0);
}

Test(buf, limit_is_exact_and_sticks)
{
	CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(3);

	ctm_buf_add_str(&b, "abc");
	cr_expect_eq(b.error, 0);
	ctm_buf_add_char(&b, 'd');
	cr_expect_eq(b.error, -ENOBUFS);
	ctm_buf_add(&b, "", 0);
	cr_expect_eq(b.error, -ENOBUFS);
	cr_expect_str_eq(b.data, "abc");
	cr_expect_null(ctm_buf_take(&b));
	cr_expect_eq(b.error, 0);
}

Test(buf, in_an_array)
{
	char bytes[4];
	struct ctm_buf b = CTM_BUF_IN(bytes);

	ctm_buf_add_str(&b, "abc");
	cr_expect_eq(b.error, 0);
	cr_expect_eq(b.data, bytes);
	cr_expect_str_eq(bytes, "abc");
	ctm_buf_add_char(&b, 'd');
	cr_expect_eq(b.error, -ENOBUFS);
	cr_expect_str_eq(bytes, "abc");
}

Test(buf, reset_forgets)
{
	CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(3);

	ctm_buf_printf(&b, "%s", "too long");
	cr_expect_eq(b.error, -ENOBUFS);
	ctm_buf_reset(&b);
	ctm_buf_add_str(&b, "ok");
	cr_expect_str_eq(b.data, "ok");
}

Test(buf, take)
{
	struct ctm_buf b = CTM_BUF_INIT(10);
	char *s = ctm_buf_take(&b);

	cr_expect_str_eq(s, "");
	free(s);
	ctm_buf_add(&b, "a\0b", 3);
	s = ctm_buf_take(&b);
	cr_expect_arr_eq(s, "a\0b", 4);
	cr_expect_null(b.data);
	cr_expect_eq(b.len, 0);
	free(s);
	ctm_buf_done(&b);
}
