/* SPDX-License-Identifier: MIT */
#include "secret.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "scratch.h"

TestSuite(secret, .init = scratch_init, .fini = scratch_done);

static struct ctm_transport_outcome outcome;
static struct ctm_secret secret;

static int read_text(const char *text, size_t max_lines)
{
	outcome = (struct ctm_transport_outcome){.size = sizeof outcome};
	return ctm_secret_read(
		scratch_write("s", text, 0600), "token_file", max_lines, &secret, &outcome);
}

Test(secret, lines)
{
	cr_assert_eq(read_text("token", 1), 0);
	cr_assert_eq(secret.n, 1);
	cr_assert_str_eq(secret.lines[0], "token");
	cr_assert_eq(read_text("token \t\r\nsecond\n", 1), 0);
	cr_assert_eq(secret.n, 1);
	cr_assert_str_eq(secret.lines[0], "token");
	cr_assert_eq(read_text("one\r\ntwo\r\nthree\r\n", 2), 0);
	cr_assert_eq(secret.n, 2);
	cr_assert_str_eq(secret.lines[0], "one");
	cr_assert_str_eq(secret.lines[1], "two");
	cr_assert_eq(read_text("one\n\nthree\n", 2), 0);
	cr_assert_eq(secret.n, 1);
}

Test(secret, is_wiped)
{
	static const struct ctm_secret zero;

	cr_assert_eq(read_text("token\nrest", 1), 0);
	ctm_secret_done(&secret);
	cr_assert_eq(memcmp(&secret, &zero, sizeof secret), 0);
}

/* Names the file and never the content. */
static void expect_failure(int r, int error, uint32_t hresult, const char *why)
{
	cr_expect_eq(r, -error, "%d", r);
	cr_expect_eq(outcome.verdict, CTM_TRANSPORT_PERSON);
	cr_expect_eq(outcome.hresult, hresult, "0x%08X", outcome.hresult);
	cr_expect_eq(strncmp(outcome.text, "token_file \"/", 13), 0, "%s", outcome.text);
	cr_expect_not_null(strstr(outcome.text, why), "%s", outcome.text);
	cr_expect_null(strstr(outcome.text, "hush"));
}

Test(secret, refuses_what_is_no_line)
{
	static char large[CTM_SECRET_BYTES_MAX + 2];

	expect_failure(read_text("", 1), EINVAL, 0x8007000D, "empty first line");
	expect_failure(read_text("\nhush\n", 1), EINVAL, 0x8007000D, "empty first line");
	expect_failure(read_text(" \t\r\nhush\n", 1), EINVAL, 0x8007000D, "empty first line");
	memset(large, 'x', sizeof large - 1);
	expect_failure(read_text(large, 1), EINVAL, 0x8007000D, "too long");
	large[5] = '\n';
	cr_expect_eq(read_text(large, 1), 0);
	expect_failure(read_text(large, 2), EINVAL, 0x8007000D, "too long");
	scratch_write_bytes("nul", "hush\0hush\n", 10, 0600);
	expect_failure(ctm_secret_read(scratch_path("nul"), "token_file", 1, &secret, &outcome),
		EINVAL, 0x8007000D, "NUL");
}

Test(secret, refuses_what_others_can_reach)
{
	static const struct {
		mode_t mode;
		int r;
	} cases[] = {{0600, 0}, {0400, 0}, {0640, 0}, {0604, -EPERM}, {0644, -EPERM},
		{0602, -EPERM}, {0666, -EPERM}};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *path = scratch_write("m", "hush\n", cases[i].mode);

		cr_expect_eq(ctm_secret_read(path, "token_file", 1, &secret, &outcome), cases[i].r);
		cr_expect_eq(ctm_secret_check(path, "token_file", &outcome), cases[i].r);
		if (cases[i].r < 0)
			expect_failure(cases[i].r, EPERM, 0x80070005, "change its mode");
		unlink(path);
	}
}

Test(secret, refuses_what_is_no_regular_file)
{
	const char *fifo = scratch_path("fifo");

	expect_failure(ctm_secret_read(scratch_path("none"), "token_file", 1, &secret, &outcome),
		ENOENT, 0x80070002, "No such file");
	expect_failure(ctm_secret_read(scratch_path("."), "token_file", 1, &secret, &outcome),
		EINVAL, 0x8007000D, "not a regular file");
	cr_assert_eq(mkfifo(fifo, 0600), 0);
	expect_failure(ctm_secret_read(fifo, "token_file", 1, &secret, &outcome), EINVAL,
		0x8007000D, "not a regular file");
	scratch_write("x", "hush\n", 0600);
	expect_failure(ctm_secret_read(scratch_path("x/below"), "token_file", 1, &secret, &outcome),
		ENOTDIR, 0x80070003, "Not a directory");
}

Test(secret, follows_a_link)
{
	const char *path = scratch_write("real", "hush\n", 0600);
	const char *name = scratch_path("link");

	cr_assert_eq(symlink(path, name), 0);
	cr_assert_eq(ctm_secret_read(name, "token_file", 1, &secret, &outcome), 0);
	cr_assert_str_eq(secret.lines[0], "hush");
}
