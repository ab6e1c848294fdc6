/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "asked.h"
#include "files.h"

static int at;

static void enter(void)
{
	scratch_init();
	scratch_make_dir("root/sub/deep");
	scratch_write("root/sub/deep/file", "x");
	scratch_write("outside", "x");
	at = open(scratch_path("root"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cr_assert_geq(at, 0);
}

static void leave(void)
{
	close(at);
	scratch_done();
}

TestSuite(look_open, .init = enter, .fini = leave);

static int try(const char *path, int flags)
{
	int fd = ctm_look_open_beneath(at, path, flags);

	if (fd >= 0) {
		cr_expect(fcntl(fd, F_GETFD) & FD_CLOEXEC, "\"%s\"", path);
		close(fd);
	}
	return fd < 0 ? fd : 0;
}

Test(look_open, beneath)
{
	cr_expect_eq(try("sub/deep/file", O_RDONLY), 0);
	cr_expect_eq(try("sub/deep", O_RDONLY | O_DIRECTORY), 0);
	cr_expect_eq(try("sub/deep/file", O_PATH), 0);
	cr_expect_eq(try("sub/deep/none", O_RDONLY), -ENOENT);
	cr_expect_eq(try("none/file", O_RDONLY), -ENOENT);
}

Test(look_open, out)
{
	static const struct {
		const char *link;
		const char *target;
		const char *path;
	} table[] = {
		{"last", "sub/deep/file", "last"},
		{"up", "..", "up/outside"},
		{"sub/up", "../..", "sub/up/outside"},
		{"abs", "/etc", "abs/passwd"},
		{"loop", "loop", "loop/x"},
		{"proc", "/proc/self/root", "proc/etc/passwd"},
	};

	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		int r;

		cr_assert_eq(symlinkat(table[i].target, at, table[i].link), 0);
		r = try(table[i].path, O_RDONLY);
		cr_expect(r == -ELOOP || r == -EXDEV, "\"%s\": %d", table[i].path, r);
	}
	cr_expect_eq(try("../outside", O_RDONLY), -EXDEV);
	cr_expect_eq(try("sub/../../outside", O_RDONLY), -EXDEV);
}

/* The descriptors that a refusal opened on its way are closed again. */
Test(look_open, leaves_nothing_open)
{
	int before = dup(at);

	close(before);
	for (int i = 0; i < 100; i++) {
		try("sub/deep/none", O_RDONLY);
		try("../outside", O_RDONLY);
		try("sub/deep/file", O_RDONLY);
	}
	cr_expect_eq(dup(at), before);
	close(before);
}
