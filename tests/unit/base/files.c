/* SPDX-License-Identifier: MIT */
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "leaks.h"

static char dir[] = "/tmp/ctm-files-XXXXXX";

static void enter(void)
{
	cr_assert_not_null(mkdtemp(dir));
	cr_assert_eq(chdir(dir), 0);
}

static void leave(void)
{
	char command[64];

	snprintf(command, sizeof command, "rm -rf %s", dir);
	cr_expect_eq(system(command), 0);
	ctm_test_check_leaks();
}

TestSuite(files, .init = enter, .fini = leave);

Test(files, replace_and_read)
{
	CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(100000);
	CTM_CLEANUP_FREE char *large = calloc(1, 50000);
	CTM_CLEANUP_FD int fd = -1;
	struct stat st;

	cr_assert_not_null(large);
	memset(large, 'x', 50000);
	cr_assert_eq(ctm_files_replace("a", "old", 3, 0600), 0);
	cr_assert_eq(ctm_files_replace("a", large, 50000, 0640), 0);
	fd = open("a", O_RDONLY | O_CLOEXEC);
	cr_assert_eq(fstat(fd, &st), 0);
	cr_expect_eq(st.st_mode & 07777, 0640);
	cr_assert_eq(ctm_files_read(fd, &b), 0);
	cr_assert_eq(b.len, 50000);
	cr_expect_arr_eq(b.data, large, 50000);
	ctm_buf_reset(&b);
	b.limit = 49999;
	cr_expect_eq(ctm_files_read(fd, &b), -ENOBUFS);
}

Test(files, replace_leaves_nothing_behind)
{
	cr_assert_eq(mkdir("a", 0700), 0);
	cr_expect_eq(ctm_files_replace("a", "x", 1, 0600), -EISDIR);
	cr_expect_eq(rmdir("a"), 0);
	cr_expect_eq(ctm_files_replace("none/a", "x", 1, 0600), -ENOENT);
	cr_assert_eq(chdir("/"), 0);
	cr_expect_eq(rmdir(dir), 0, "something was left");
	cr_assert_eq(mkdir(dir, 0700), 0);
}

Test(files, make_dirs)
{
	struct stat st;

	cr_expect_eq(ctm_files_make_dirs("a/b//c/", 0750), 0);
	cr_expect_eq(ctm_files_make_dirs("a/b/c", 0700), 0);
	cr_assert_eq(stat("a/b/c", &st), 0);
	cr_expect_eq(st.st_mode & 07777, 0750);
	cr_assert_eq(ctm_files_replace("f", "", 0, 0600), 0);
	cr_expect_eq(ctm_files_make_dirs("f/x", 0700), -ENOTDIR);
}

Test(files, write_fails)
{
	CTM_CLEANUP_FD int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);

	cr_expect_eq(ctm_files_write(fd, "x", 1), -ENOSPC);
	cr_expect_eq(ctm_files_write(fd, "x", 0), 0);
	cr_expect_eq(ctm_files_write(-1, "x", 1), -EBADF);
}

Test(files, close_keeps_errno)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	errno = ENOENT;
	ctm_close_fd(&fd);
	cr_expect_eq(errno, ENOENT);
	cr_expect_eq(fd, -1);
	ctm_close_fd(&fd);
}

/* Of what is there, of what is not, and of what never was; relative and absolute. */
Test(files, sync_parent)
{
	cr_assert_eq(ctm_files_make_dirs("a/b", 0700), 0);
	cr_expect_eq(ctm_files_sync_parent("a"), 0);
	cr_expect_eq(ctm_files_sync_parent("a/b"), 0);
	cr_expect_eq(ctm_files_sync_parent("a/none"), 0);
	cr_expect_eq(ctm_files_sync_parent("a/none/at/all"), 0);
	cr_expect_eq(ctm_files_sync_parent("/"), 0);
	cr_expect_eq(ctm_files_sync_parent("/none/at/all"), 0);
	cr_expect_eq(ctm_files_sync_parent("/proc/self/none"), 0);
}

/* In a child, because a test program needs its descriptors. */
Test(files, stdio)
{
	const pid_t child = fork();
	int status;

	if (child == 0) {
		int high;

		close(0);
		close(2);
		ctm_files_null_stdio(false);
		high = dup(0);
		if (high < 3 || fcntl(2, F_GETFD) < 0)
			_exit(1);
		ctm_files_close_above_stdio();
		if (fcntl(high, F_GETFD) >= 0 || fcntl(1, F_GETFD) < 0)
			_exit(2);
		ctm_files_null_stdio(true);
		_exit(write(1, "x", 1) == 1 && lseek(1, 0, SEEK_CUR) == 0 ? 0 : 3);
	}
	cr_assert_eq(waitpid(child, &status, 0), child);
	cr_expect_eq(status, 0);
}

static rlim_t room(rlim_t soft, rlim_t hard)
{
	struct rlimit limit = {.rlim_cur = soft, .rlim_max = hard};

	cr_assert_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	ctm_files_allow_descriptors();
	cr_assert_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	cr_assert_eq(limit.rlim_max, hard);
	return limit.rlim_cur;
}

/* Criterion runs each test in a process of its own: the limits are this one's. */
Test(files, allow_descriptors)
{
	struct rlimit had;

	cr_assert_eq(getrlimit(RLIMIT_NOFILE, &had), 0);
	if (had.rlim_max < 2000)
		cr_skip_test("the hard limit is below 2000");
	cr_expect_eq(room(1500, 2000), 1500, "what is more is left alone");
	cr_expect_eq(room(16, 2000), 1024);
	cr_expect_eq(room(16, 500), 500, "no more than the hard limit");
}
