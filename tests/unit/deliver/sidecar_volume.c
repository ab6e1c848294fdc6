/* SPDX-License-Identifier: MIT */
#include "sidecar_volume.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "world.h"

TestSuite(sidecar_volume, .init = world_init, .fini = world_done);

#define NAME "state/jobs/a.ctm.ini"

/* Where the sidecar is, which is made for that. */
static struct ctm_volume made(const char *name)
{
	const char *path = scratch_write(name, "x");
	struct stat st;

	cr_assert_eq(lstat(path, &st), 0);
	return ctm_sidecar_volume(path, &st);
}

static bool is_gone(const char *name, const struct ctm_volume *volume)
{
	return ctm_sidecar_is_gone(scratch_path(name), volume);
}

Test(sidecar_volume, says_where)
{
	const struct ctm_volume volume = made(NAME);
	struct stat st;

	cr_assert_eq(stat(scratch_path("state/jobs"), &st), 0);
	cr_expect_eq(volume.device, (uint64_t)st.st_dev);
	cr_expect_eq(volume.directory, (uint64_t)st.st_ino);
	cr_expect(volume.mount_len > 0 && volume.mount_len <= strlen(scratch_path("state/jobs")));
}

/* What was read is not the file that is there now. */
Test(sidecar_volume, another_file)
{
	struct stat st = {.st_ino = 1};

	scratch_write(NAME, "x");
	cr_expect_eq(ctm_sidecar_volume(scratch_path(NAME), &st).mount_len, 0);
	cr_expect_eq(ctm_sidecar_volume(scratch_path("no/such"), &st).mount_len, 0);
	cr_expect_eq(ctm_sidecar_volume("/no-such.ctm.ini", &st).mount_len, 0);
}

Test(sidecar_volume, mount_points)
{
	struct stat st;

	cr_assert_eq(stat("/proc/version", &st), 0);
	cr_expect_eq(ctm_sidecar_volume("/proc/version", &st).mount_len, strlen("/proc"));
	cr_assert_eq(stat("/proc/sys/kernel/version", &st), 0);
	cr_expect_eq(
		ctm_sidecar_volume("/proc/sys/kernel/version", &st).mount_len, strlen("/proc"));
}

Test(sidecar_volume, gone)
{
	const struct ctm_volume volume = made(NAME);

	cr_expect_not(is_gone(NAME, &volume));
	cr_assert_eq(unlink(scratch_path(NAME)), 0);
	cr_expect(is_gone(NAME, &volume));
	cr_assert_eq(symlink("/no/such", scratch_path(NAME)), 0);
	cr_expect_not(is_gone(NAME, &volume), "something is there");
}

/* The file is not there; what is known of its volume is what that is now, but for one thing. */
Test(sidecar_volume, another_volume)
{
	const struct ctm_volume volume = made(NAME);
	struct ctm_volume other;

	scratch_write("state/jobs/b.ctm.ini", "");
	cr_assert_eq(unlink(scratch_path(NAME)), 0);
	cr_assert(is_gone(NAME, &volume));
	other = volume;
	other.mount_len++;
	cr_expect_not(is_gone(NAME, &other), "mounted elsewhere");
	other = volume;
	other.type++;
	cr_expect_not(is_gone(NAME, &other), "another kind of file system");
	other = volume;
	other.device++;
	cr_expect_not(is_gone(NAME, &other), "another device");
	other.boot++;
	cr_expect(is_gone(NAME, &other), "its number is of another boot");
}

/* Directories are deleted and made anew; one that only waits for a volume is empty. */
Test(sidecar_volume, another_directory)
{
	struct ctm_volume volume;

	scratch_make_dir("dl/c/d");
	volume = made("dl/c/d/a.ctm.ini");
	cr_assert_eq(unlink(scratch_path("dl/c/d/a.ctm.ini")), 0);
	cr_assert_eq(rmdir(scratch_path("dl/c/d")), 0);
	cr_expect_not(is_gone("dl/c/d/a.ctm.ini", &volume), "the next one above is empty");
	scratch_write("dl/c/other", "");
	cr_expect(is_gone("dl/c/d/a.ctm.ini", &volume));
	/* Another inode: the old one would be given again. */
	scratch_make_dir("dl/c/e");
	scratch_make_dir("dl/c/d");
	if (made("dl/c/d/b.ctm.ini").directory != volume.directory) {
		cr_assert_eq(unlink(scratch_path("dl/c/d/b.ctm.ini")), 0);
		cr_expect_not(is_gone("dl/c/d/a.ctm.ini", &volume), "made anew, and empty");
	}
	scratch_write("dl/c/d/b.ctm.ini", "");
	cr_expect(is_gone("dl/c/d/a.ctm.ini", &volume));
}

/* Registered by an older version. */
Test(sidecar_volume, unknown)
{
	const struct ctm_volume unknown = {0};

	cr_expect_not(is_gone(NAME, &unknown), "its directory is empty");
	scratch_write("state/jobs/b.ctm.ini", "");
	cr_expect(is_gone(NAME, &unknown));
	cr_expect_not(is_gone("state/jobs/below/a.ctm.ini", &unknown), "there is no directory");
	cr_expect_not(is_gone("state/jobs/b.ctm.ini/a.ctm.ini", &unknown), "it is a file");
}
