/* SPDX-License-Identifier: MIT */
/* A zoo of modules, each refused with its own message; TEST_FIXTURES is the directory of them. */
#include "module.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "files.h"
#include "scratch.h"

#define MODULE "transport-http.so"

static void copy(const char *from_name, const char *to_name)
{
	CTM_CLEANUP_BUF struct ctm_buf bytes = CTM_BUF_INIT((size_t)1 << 30);
	CTM_CLEANUP_FD int fd = -1;
	char from[4096];

	snprintf(from, sizeof from, "%s/%s", TEST_FIXTURES, from_name);
	fd = open(from, O_RDONLY | O_CLOEXEC);
	cr_assert_geq(fd, 0, "%s", from);
	cr_assert_eq(ctm_files_read(fd, &bytes), 0);
	cr_assert_eq(chmod(scratch_write_bytes(to_name, bytes.data, bytes.len), 0755), 0);
}

static void enter(void)
{
	scratch_init();
	copy("module-opener", "opener");
}

TestSuite(module, .init = enter, .fini = scratch_done);

static char said[2048];

/* What the opener says of the module that stands beside it: an errno. */
static int try(void)
{
	FILE *out = popen(scratch_path("opener"), "r");
	size_t n;
	int status;

	cr_assert_not_null(out);
	n = fread(said, 1, sizeof said - 1, out);
	said[n] = '\0';
	status = pclose(out);
	cr_assert(WIFEXITED(status), "%d", status);
	return -WEXITSTATUS(status);
}

Test(module, good)
{
	copy("fake-good.so", MODULE);
	cr_expect_eq(try(), 0, "%s", said);
	cr_expect_str_eq(said, "opened fake\n");
}

/* A module of an earlier release sends, and is not asked. */
Test(module, minors)
{
	copy("fake-asks.so", MODULE);
	cr_expect_eq(try(), 0, "%s", said);
	cr_expect_str_eq(said, "opened fake that answers\n");
	copy("fake-good.so", MODULE);
	cr_expect_eq(try(), 0, "%s", said);
	cr_expect_str_eq(said, "opened fake\n");
}

Test(module, none)
{
	cr_expect_eq(try(), -ENOENT);
	cr_expect_not_null(strstr(said, scratch_path(MODULE)), "%s", said);
}

Test(module, no_module)
{
	scratch_write(MODULE, "a text");
	cr_expect_eq(try(), -ELIBBAD);
	cr_expect_not_null(strstr(said, "cannot load"), "%s", said);
	copy("fake-nothing.so", MODULE);
	cr_expect_eq(try(), -ELIBBAD);
	cr_expect_not_null(strstr(said, "is no transport module"), "%s", said);
}

Test(module, another_release)
{
	copy("fake-major.so", MODULE);
	cr_expect_eq(try(), -EPROTO);
	cr_expect_not_null(strstr(said, "version 99"), "%s", said);
	cr_expect_not_null(strstr(said, "install both from one release"), "%s", said);
	copy("fake-short.so", MODULE);
	cr_expect_eq(try(), -EPROTO, "a table that lacks members");
}

Test(module, does_not_open)
{
	copy("fake-fails.so", MODULE);
	cr_expect_eq(try(), -ENOTSUP);
	cr_expect_not_null(strstr(said, "cannot open transport"), "%s", said);
}

/* Nobody but root and ourselves may be able to change what we run. */
Test(module, others_could_write)
{
	copy("fake-good.so", MODULE);
	cr_assert_eq(chmod(scratch_path(MODULE), 0757), 0);
	cr_expect_eq(try(), -EPERM);
	cr_expect_not_null(strstr(said, "others can write it"), "%s", said);
	cr_assert_eq(chmod(scratch_path(MODULE), 0755), 0);
	cr_assert_eq(chmod(scratch_dir(), 0707), 0);
	cr_expect_eq(try(), -EPERM, "nor its directory");
	cr_expect_null(strstr(said, MODULE), "%s", said);
	cr_assert_eq(chmod(scratch_dir(), 0700), 0);
	cr_expect_eq(try(), 0, "%s", said);
}

Test(module, of_somebody_else)
{
	copy("fake-good.so", MODULE);
	if (geteuid() != 0)
		cr_skip_test("needs root to give a file away");
	cr_assert_eq(chown(scratch_path(MODULE), 65534, 65534), 0);
	cr_expect_eq(try(), -EPERM);
	cr_expect_not_null(strstr(said, "owner 65534"), "%s", said);
	cr_assert_eq(chown(scratch_path(MODULE), 0, 65534), 0);
	cr_assert_eq(chmod(scratch_path(MODULE), 0775), 0);
	cr_expect_eq(try(), -EPERM, "a group of others");
}
