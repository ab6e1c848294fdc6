/* SPDX-License-Identifier: MIT */
#include "rpc_secret.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "scratch.h"

TestSuite(rpc_secret, .init = scratch_init, .fini = scratch_done);

static char token[CTM_RPC_TOKEN_SIZE];
static struct ctm_error e;

static int read_bytes(const void *bytes, size_t len, mode_t mode)
{
	const char *path = scratch_write_bytes("secret", bytes, len);

	cr_assert_eq(chmod(path, mode), 0);
	strcpy(token, "before");
	return ctm_rpc_secret_read(path, token, &e);
}

static int read_text(const char *text)
{
	return read_bytes(text, strlen(text), 0600);
}

Test(rpc_secret, the_first_line)
{
	static const char *const texts[] = {
		"hush", "hush\n", "hush \t\r\n", "hush\nsecond\n", "hush\n\xff\n"};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		cr_expect_eq(read_text(texts[i]), 0, "case %zu: %s", i, e.text);
		cr_expect_str_eq(token, "token:hush");
	}
}

/* Named by its file, and never shown. */
static void expect_failure(int r, int error, const char *why)
{
	cr_expect_eq(r, error, "%d: %s", r, e.text);
	cr_expect_eq(e.code, error);
	cr_expect_not_null(strstr(e.text, why), "%s", e.text);
	cr_expect_not_null(strstr(e.text, "secret_file \"/"), "%s", e.text);
	cr_expect_null(strstr(e.text, "hush"));
	cr_expect_str_eq(token, "before");
}

Test(rpc_secret, no_such_line)
{
	static const char nul[] = "hush\0hush\n";
	static char large[CTM_RPC_SECRET_MAX + 2];

	expect_failure(read_text(""), -EINVAL, "first line");
	expect_failure(read_text("\nhush\n"), -EINVAL, "first line");
	expect_failure(read_text(" \t\nhush\n"), -EINVAL, "first line");
	expect_failure(read_text("hush\xff\n"), -EINVAL, "UTF-8");
	expect_failure(read_bytes(nul, sizeof nul - 1, 0600), -EINVAL, "first line");
	memset(large, 'x', sizeof large - 1);
	expect_failure(read_text(large), -EINVAL, "at most 1024");
	large[CTM_RPC_SECRET_MAX] = '\n';
	cr_expect_eq(read_text(large), 0);
	cr_expect_eq(strlen(token), sizeof token - 1);
}

Test(rpc_secret, what_others_can_reach)
{
	expect_failure(read_bytes("hush", 4, 0604), -EPERM, "change its mode");
	expect_failure(read_bytes("hush", 4, 0602), -EPERM, "change its mode");
	cr_expect_eq(read_bytes("hush", 4, 0640), 0);
}

Test(rpc_secret, what_is_no_file)
{
	const char *fifo = scratch_path("fifo");

	strcpy(token, "before");
	expect_failure(
		ctm_rpc_secret_read(scratch_path("none"), token, &e), -ENOENT, "No such file");
	expect_failure(ctm_rpc_secret_read(scratch_dir(), token, &e), -EINVAL, "not a regular");
	cr_assert_eq(mkfifo(fifo, 0600), 0);
	expect_failure(ctm_rpc_secret_read(fifo, token, &e), -EINVAL, "not a regular");
}
