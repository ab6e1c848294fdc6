/* SPDX-License-Identifier: MIT */
#include "errors.h"

#include <errno.h>

#include <criterion/criterion.h>

#include "leaks.h"

TestSuite(errors, .fini = ctm_test_check_leaks);

Test(errors, texts)
{
	struct ctm_error e = CTM_ERROR_INIT;
	char text[1024];

	cr_expect_eq(ctm_error_set(&e, -EACCES, "cannot open \"%s\"", "x"), -EACCES);
	cr_expect_str_eq(ctm_error_print(&e, text, sizeof text), "cannot open \"x\"");
	cr_expect_eq(ctm_error_wrap(&e, "job %d", 7), -EACCES);
	cr_expect_str_eq(ctm_error_print(&e, text, sizeof text), "job 7: cannot open \"x\"");
	cr_expect_eq(ctm_error_at(&e, -EINVAL, "a.ini", 3, "bad"), -EINVAL);
	cr_expect_str_eq(ctm_error_print(&e, text, sizeof text), "a.ini:3: bad");
	ctm_error_at(&e, -EINVAL, "a.ini", 0, "bad");
	cr_expect_str_eq(ctm_error_print(&e, text, sizeof text), "a.ini: bad");
	ctm_error_set(&e, -ENOENT, "x");
	cr_expect_str_eq(e.file, "");
	cr_expect_eq(e.line, 0);
}

Test(errors, nobody_listens)
{
	cr_expect_eq(ctm_error_set(NULL, -EIO, "x"), -EIO);
	cr_expect_eq(ctm_error_at(NULL, -EIO, "f", 1, "x"), -EIO);
	cr_expect_eq(ctm_error_wrap(NULL, "x"), 0);
}

Test(errors, without_text)
{
	struct ctm_error e = {.code = -ENOENT};
	char text[1024];

	cr_expect_str_eq(ctm_error_print(&e, text, sizeof text), "No such file or directory");
	ctm_error_wrap(&e, "reading");
	cr_expect_str_eq(e.text, "reading: No such file or directory");
}

Test(errors, of_a_call_that_filled_nothing)
{
	struct ctm_error e = CTM_ERROR_INIT;
	char text[1024];

	cr_expect_eq(ctm_error_of(&e, -ENOMEM), &e);
	cr_expect_str_eq(ctm_error_print(&e, text, sizeof text), "Cannot allocate memory");
	ctm_error_set(&e, -EACCES, "cannot open \"%s\"", "x");
	cr_expect_eq(ctm_error_of(&e, -ENOMEM)->code, -EACCES);
	cr_expect_str_eq(ctm_error_print(&e, text, sizeof text), "cannot open \"x\"");
}

Test(errors, cut)
{
	struct ctm_error e = CTM_ERROR_INIT;
	char text[8];

	ctm_error_at(&e, -EIO, "f", 1, "%*s", 5000, "x");
	cr_expect_eq(strlen(e.text), CTM_ERROR_TEXT - 1);
	ctm_error_wrap(&e, "%*s", 5000, "y");
	cr_expect_eq(strlen(e.text), CTM_ERROR_TEXT - 1);
	cr_expect_eq(strlen(ctm_error_print(&e, text, sizeof text)), 7);
}
