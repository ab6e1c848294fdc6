/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/personality.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <linux/magic.h>

#include <criterion/criterion.h>

#include "asked.h"
#include "few_descriptors.h"
#include "files.h"
#include "hresult.h"

/* The real calls, counted since a test said 0; `slow_ms` is what the disk takes for one. */
static unsigned synced;
static unsigned synced_whole;
static unsigned asked_only;
static long slow_ms;

/* So many syncs fail from now on; the kernel says it once. */
static unsigned failing;

/* A file that somebody removes, or writes anew, as soon as another one is synced. */
static const char *removed;
static const char *replaced;

/* Whether nobody can say what a descriptor is of. */
static bool blind;

/* What file system there is said to be, and what each file on it answers. */
static __typeof__(((struct statfs *)NULL)->f_type) kind = EXT4_SUPER_MAGIC;
static int range_error;

int fstat(int fd, struct stat *st)
{
	if (!blind)
		return fstatat(fd, "", st, AT_EMPTY_PATH);
	errno = EIO;
	return -1;
}

int fsync(int fd)
{
	const struct timespec pause = {.tv_nsec = slow_ms * 1000000};

	synced++;
	nanosleep(&pause, NULL);
	if (synced == 2 && removed)
		unlink(removed);
	if (synced == 2 && replaced)
		rename(replaced, scratch_path("dl/a"));
	if (failing) {
		failing--;
		errno = EIO;
		return -1;
	}
	return (int)syscall(SYS_fsync, fd);
}

int syncfs(int fd)
{
	synced_whole++;
	return (int)syscall(SYS_syncfs, fd);
}

int sync_file_range(int fd, off64_t from, off64_t bytes, unsigned flags)
{
	cr_expect_eq(from, 0);
	cr_expect_eq(bytes, 0);
	cr_expect_eq(flags, SYNC_FILE_RANGE_WAIT_BEFORE, "it would write, or flush a cache");
	asked_only++;
	if (!range_error)
		return (int)syscall(SYS_sync_file_range, fd, from, bytes, flags);
	errno = range_error;
	return -1;
}

int fstatfs(int fd, struct statfs *st)
{
	struct stat any;

	*st = (struct statfs){.f_type = kind};
	return fstatat(fd, "", &any, AT_EMPTY_PATH);
}

TestSuite(look_sync, .init = asked_init, .fini = asked_done);

static bool sync_all(bool each)
{
	struct ctm_looking l = asked_looking();
	bool done;

	l.sync_whole = !each;
	done = ctm_look_sync_rest(&l);
	ctm_close_fd(&l.root_fd);
	return done;
}

Test(look_sync, one)
{
	struct ctm_looking l = asked_looking();
	CTM_CLEANUP_FD int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	synced = 0;
	cr_expect_eq(ctm_look_sync(&l, l.root_fd), 0);
	cr_expect_eq(synced, 1);
	cr_expect_eq(ctm_look_sync(&l, null), 0, "what can't be synced need not be");
	cr_expect_eq(ctm_look_sync(&l, -1), -EBADF);
	ctm_close_fd(&l.root_fd);
}

Test(look_sync, directories)
{
	asked_there("a", "1");
	asked_there("sub/b", "1");
	asked_there("sub/c", "1");
	asked_there("sub/deep/d", "1");
	asked_there("other/e", "1");
	synced = 0;
	cr_expect(sync_all(true));
	cr_expect_geq(synced, 4, "three directories and local_path");
	cr_expect_eq(synced_whole, 0);
	synced = 0;
	asked_only = 0;
	cr_expect(sync_all(false));
	cr_expect_eq(synced, 0);
	cr_expect_eq(synced_whole, 1);
	cr_expect_eq(asked_only, 1, "local_path");
	cr_expect_eq(asked.result.answer, CTM_LOOK_RIGHT);
}

/* So many files, each in a directory of its own, on a disk that takes 100 ms for a sync. */
static void put_on_slow_disk(unsigned files)
{
	for (unsigned i = 0; i < files; i++) {
		char name[32];

		snprintf(name, sizeof name, "d%u/f", i);
		asked_there(name, "1");
	}
	slow_ms = 100;
	synced = 0;
}

/* A disk that takes its time for each sync: the rest is left to one for all. */
Test(look_sync, slow_disk)
{
	put_on_slow_disk(100);
	cr_expect_eq(asked_look(), CTM_LOOK_RIGHT, "%s", asked.result.text);
	cr_expect_gt(synced, 1);
	cr_expect_leq(synced, CTM_LOOK_SYNC_PATIENCE / 100 + 1);
	cr_expect_eq(synced_whole, 1);
	cr_expect_eq(asked_only, 100 - synced + 1, "the other files, and local_path");
}

/* What is looked at first is looked at once more where the whole took its time. */
Test(look_sync, changed_while_others_are_looked_at)
{
	asked_there("a", "1");
	asked_there("sub/b", "1");
	slow_ms = 150;
	synced = 0;
	cr_expect_eq(asked_look(), CTM_LOOK_RIGHT, "%s", asked.result.text);
	synced = 0;
	replaced = scratch_write("another", "2");
	cr_expect_eq(asked_look(), CTM_LOOK_CANNOT_TELL);
	cr_expect_not_null(strstr(asked.result.text, "has changed"), "%s", asked.result.text);
	cr_expect_eq(asked.result.n_findings, 0, "the next look judges it");
	replaced = NULL;
	synced = 0;
	removed = scratch_path("dl/a");
	cr_expect_eq(asked_look(), CTM_LOOK_CANNOT_TELL);
	removed = NULL;
	cr_expect_eq(asked_look(), CTM_LOOK_WRONG);
}

/* Want of descriptors says nothing of the file. */
Test(look_sync, once_more_without_descriptors)
{
	struct ctm_looking l;
	struct rlimit limit;

	asked_there("a", "1");
	cr_assert_eq(asked_look(), CTM_LOOK_RIGHT, "%s", asked.result.text);
	l = asked_looking();
	cr_expect(ctm_look_again(&l));
	limit = few_descriptors(0);
	cr_expect_not(ctm_look_again(&l));
	cr_assert_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	cr_expect_eq(asked.result.answer, CTM_LOOK_CANNOT_TELL);
	cr_expect_eq(asked.result.error, -EMFILE);
	cr_expect_eq(asked.result.hresult, CTM_E_OUTOFMEMORY);
	ctm_close_fd(&l.root_fd);
}

static bool syncs_each(void)
{
	return personality(UNAME26) >= 0 && asked_look() == CTM_LOOK_RIGHT &&
	       synced >= 2 * CTM_LOOK_SYNC_PATIENCE / 100 && synced_whole == 0;
}

/* syncfs() of a kernel before 5.8 does not say that a file could not be written: it is not asked.
 */
Test(look_sync, old_kernel)
{
	int status;
	pid_t child;

	put_on_slow_disk(CTM_LOOK_SYNC_PATIENCE / 100);
	child = fork();
	if (child == 0)
		_exit(syncs_each() ? 0 : 1);
	cr_assert_eq(waitpid(child, &status, 0), child);
	cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* Nor is a file system whose answer is not known to mean anything. */
Test(look_sync, file_systems)
{
	static const struct {
		unsigned kind;
		bool tells;
	} table[] = {
		{EXT4_SUPER_MAGIC, true},
		{XFS_SUPER_MAGIC, true},
		{BTRFS_SUPER_MAGIC, true},
		{F2FS_SUPER_MAGIC, true},
		{TMPFS_MAGIC, true},
		{OVERLAYFS_SUPER_MAGIC, false},
		{FUSE_SUPER_MAGIC, false},
		{NFS_SUPER_MAGIC, false},
		{0x2fc12fc1, false},
		{0, false},
	};

	for (unsigned i = 0; i < sizeof table / sizeof *table; i++) {
		struct ctm_looking l = asked_looking();

		kind = table[i].kind;
		ctm_look_leave_to_syncfs(&l);
		cr_expect_eq(l.sync_whole, table[i].tells, "0x%x", table[i].kind);
		synced = asked_only = 0;
		cr_expect_eq(ctm_look_sync(&l, l.root_fd), 0);
		cr_expect_eq(synced, !table[i].tells);
		cr_expect_eq(asked_only, table[i].tells);
		kind = EXT4_SUPER_MAGIC;
		ctm_look_leave_to_syncfs(&l);
		cr_expect_eq(l.sync_whole, table[i].tells, "it is asked once");
		ctm_close_fd(&l.root_fd);
	}
}

/* Somebody else has heard of it, so syncfs() is silent; the file itself is not. */
Test(look_sync, error_that_was_heard_of)
{
	struct ctm_looking l = asked_looking();

	l.sync_whole = true;
	synced = asked_only = 0;
	range_error = ENOSPC;
	cr_expect_eq(ctm_look_sync(&l, l.root_fd), -ENOSPC);
	cr_expect_eq(asked_only, 1);
	cr_expect_eq(synced, 0);
	range_error = ENOSYS;
	cr_expect_eq(ctm_look_sync(&l, l.root_fd), 0);
	cr_expect_eq(synced, 1, "a kernel that can't be asked so");
	ctm_close_fd(&l.root_fd);
}

/* A disk below "dl" that is full though its file system has room; false: not to be had here. */
static bool mount_full_disk(void)
{
	char command[1024];

	if (geteuid() != 0 || unshare(CLONE_NEWNS) < 0)
		return false;
	snprintf(command, sizeof command,
		"cd '%s' && exec >/dev/null 2>&1 && mount --make-rprivate / && mkdir below && "
		"mount -t tmpfs -o size=16M tmpfs below && truncate -s 64M below/image && "
		"mkfs.ext4 -q -F -O ^has_journal below/image && "
		"mount -o loop,errors=continue below/image dl && "
		"{ dd if=/dev/zero of=below/ballast bs=64k || true; }",
		scratch_dir());
	return system(command) == 0;
}

static bool hears_after_another(void)
{
	static char bytes[1 << 20];
	struct ctm_looking l;
	int fd;

	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (char)(i * 2654435761u >> 13);
	fd = open(scratch_path("dl/file"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	for (unsigned i = 0; i < 4; i++)
		if (write(fd, bytes, sizeof bytes) < 0)
			return false;
	close(fd);
	fd = open(scratch_path("dl"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (syncfs(fd) == 0)
		return false;
	close(fd);
	l = asked_looking();
	l.sync_whole = true;
	fd = open(scratch_path("dl/file"), O_RDONLY | O_CLOEXEC);
	return ctm_look_sync(&l, fd) < 0;
}

/* The same with a disk that fails. */
Test(look_sync, full_disk_that_was_heard_of)
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		if (!mount_full_disk())
			_exit(77);
		status = hears_after_another() ? 0 : 1;
		_exit(status);
	}
	cr_assert_eq(waitpid(child, &status, 0), child);
	cr_assert(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		cr_skip_test("no such disk may be mounted here");
	cr_expect_eq(WEXITSTATUS(status), 0);
}

/* A disk that will not say where a file is has not failed to write it: what is asked is the sync.
 */
Test(look_sync, blind)
{
	struct ctm_looking l = asked_looking();

	l.sync_whole = true;
	blind = true;
	synced = 0;
	cr_expect_eq(ctm_look_sync(&l, l.root_fd), 0);
	blind = false;
	cr_expect_eq(synced, 1);
	ctm_close_fd(&l.root_fd);
}

/* One syncfs() is for one file system: what is on another is synced by itself all the same. */
Test(look_sync, elsewhere)
{
	struct ctm_looking l = asked_looking();

	asked_there("a", "1");
	asked_there("sub/b", "1");
	asked_there("sub/deep/c", "1");
	l.sync_whole = true;
	l.root_device++;
	synced = 0;
	cr_expect_eq(ctm_look_sync(&l, l.root_fd), 0);
	cr_expect_eq(synced, 1);
	cr_expect(ctm_look_sync_rest(&l));
	cr_expect_eq(synced, 1 + 3, "sub, sub/deep and local_path");
	cr_expect_eq(synced_whole, 1);
	ctm_close_fd(&l.root_fd);
}

/* What can't be synced is not on stable storage. */
Test(look_sync, directory_gone)
{
	asked_there("a", "1");
	asked_there("sub/b", "1");
	cr_assert_eq(rename(scratch_path("dl/sub"), scratch_path("moved")), 0);
	cr_expect_not(sync_all(true));
	cr_expect_neq(asked.result.answer, CTM_LOOK_RIGHT);
}

static bool can_not_read(void)
{
	return setgroups(0, NULL) == 0 && setgid(65534) == 0 && setuid(65534) == 0 &&
	       !sync_all(true) && asked.result.answer == CTM_LOOK_CANNOT_TELL;
}

/* No permission says nothing about the files: evidence stays. */
Test(look_sync, no_permission)
{
	int status;
	pid_t child;

	if (geteuid() != 0)
		cr_skip_test("needs root to become somebody else");
	asked_there("sub/a", "1");
	cr_assert_eq(chmod(scratch_dir(), 0755), 0);
	cr_assert_eq(chmod(scratch_path("dl/sub"), 0711), 0);
	child = fork();
	if (child == 0)
		_exit(can_not_read() ? 0 : 1);
	cr_assert_eq(waitpid(child, &status, 0), child);
	cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* Every directory between a file and local_path, though its neighbour in the list shares some. */
Test(look_sync, each_level)
{
	static const char *const moved[] = {"dl/p/q/r", "dl/p/q", "dl/p", "dl/pp"};

	asked_there("p/x", "1");
	asked_there("pp/x", "1");
	asked_there("p/q/r/s", "1");
	asked_there("p/q/t", "1");
	for (size_t i = 0; i < sizeof moved / sizeof *moved; i++) {
		ctm_look_result_done(&asked.result);
		cr_expect(sync_all(true));
		cr_assert_eq(rename(scratch_path(moved[i]), scratch_path("moved")), 0);
		cr_expect_not(sync_all(true), "%s", moved[i]);
		cr_assert_eq(rename(scratch_path("moved"), scratch_path(moved[i])), 0);
	}
}

/* What the look saw of it is what tells later whether somebody has written it since. */
Test(look_sync, unwritten)
{
	struct ctm_file *file = asked_there("a", "12345");

	failing = 1;
	cr_expect_eq(asked_look(), CTM_LOOK_WRONG);
	cr_expect(ctm_look_has_fault(&asked.result));
	cr_expect_eq(asked_finding(1), CTM_E_WRITE_FAULT);
	cr_assert(asked.result.seen[0].known);
	file->unwritten = asked.result.seen[0];
	cr_expect_eq(asked_look(), CTM_LOOK_WRONG, "the kernel has forgotten it");
	cr_expect_eq(asked_finding(1), CTM_E_WRITE_FAULT);
	cr_expect(ctm_look_has_fault(&asked.result));
	nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
	scratch_write("dl/a", "12345");
	cr_expect_eq(asked_look(), CTM_LOOK_RIGHT, "written anew: %s", asked.result.text);
	cr_expect_not(ctm_look_has_fault(&asked.result));
}

/* A directory that could not be written: each name in it may be lost. */
Test(look_sync, unwritten_directory)
{
	asked_there("sub/a", "12345");
	asked_there("b", "12345");
	failing = 3;
	cr_expect_eq(asked_look(), CTM_LOOK_WRONG);
	failing = 0;
	cr_expect(ctm_look_has_fault(&asked.result));
	cr_expect(asked.result.seen[0].known && asked.result.seen[1].known);
}
