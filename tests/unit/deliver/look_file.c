/* SPDX-License-Identifier: MIT */
/* One file of a look: right, each way to be wrong, each way not to be told. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "asked.h"
#include "clock.h"
#include "few_descriptors.h"
#include "files.h"
#include "hresult.h"
#include "num.h"
#include "sight.h"

TestSuite(look_file, .init = asked_init, .fini = asked_done, .timeout = 60);

/* The job has one file, and that is wrong with this HRESULT. */
static void expect_wrong(uint32_t hresult, const char *what)
{
	cr_expect_eq(asked_look(), CTM_LOOK_WRONG, "%s: %s", what, asked.result.text);
	cr_expect_eq(asked_finding(1), hresult, "%s: 0x%08X, %s", what, asked_finding(1),
		asked.result.text);
	cr_expect_not_null(strstr(asked.result.text, asked.request.files[0].path), "%s", what);
}

Test(look_file, size)
{
	struct ctm_file *file = asked_there("a", "12345");

	file->size = 4;
	expect_wrong(CTM_E_FILE_CORRUPT, "too long");
	file->size = 6;
	expect_wrong(CTM_E_FILE_CORRUPT, "too short");
	file->size = 0;
	expect_wrong(CTM_E_FILE_CORRUPT, "should be empty");
	file->has_size = false;
	cr_expect_eq(asked_look(), CTM_LOOK_RIGHT);
	cr_expect_eq(asked.result.totals.bytes, 5);
}

Test(look_file, hash)
{
	struct ctm_file *file = asked_there("a", "abc");

	file->has_sha256 = true;
	cr_assert_eq(ctm_num_parse_hex(
			     "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
			     file->sha256, 32),
		0);
	cr_expect_eq(asked_look(), CTM_LOOK_RIGHT, "%s", asked.result.text);
	file->sha256[31] ^= 1;
	expect_wrong(CTM_E_HASH_VALUE, "another hash");
}

Test(look_file, gone)
{
	asked_file("sub/a");
	expect_wrong(CTM_E_FILE_NOT_FOUND, "with its directory");
	scratch_make_dir("dl/sub");
	expect_wrong(CTM_E_FILE_NOT_FOUND, "alone");
	cr_assert_eq(rmdir(scratch_path("dl/sub")), 0);
	scratch_write("dl/sub", "a file");
	expect_wrong(CTM_E_FILE_NOT_FOUND, "its directory is a file");
}

/* Gone, but so is the volume that it was on: it may come back. */
Test(look_file, volume_away)
{
	struct ctm_file *file = asked_file("a");
	struct stat st;

	file->boot = asked.request.boot;
	file->device = 12345;
	cr_expect_eq(asked_look(), CTM_LOOK_CANNOT_TELL);
	cr_expect_eq(asked.result.hresult, CTM_E_PATH_NOT_FOUND);
	file->boot++;
	cr_expect_eq(asked_look(), CTM_LOOK_CANNOT_TELL, "devices of another boot say nothing");
	file->boot = 0;
	cr_expect_eq(asked_look(), CTM_LOOK_CANNOT_TELL, "of an unknown boot neither");
	file->boot = asked.request.boot;
	cr_assert_eq(stat(asked.request.local_path, &st), 0);
	file->device = (uint64_t)st.st_dev;
	expect_wrong(CTM_E_FILE_NOT_FOUND, "the volume is there");
	scratch_write("dl/a", "x");
	file->since_ms = ctm_clock_wall_ms();
	file->device = 12345;
	cr_expect_eq(asked_look(), CTM_LOOK_RIGHT, "it is there, wherever that is now");
}

Test(look_file, links)
{
	asked_file("a");
	scratch_write("dl/real", "x");
	cr_assert_eq(symlink("real", scratch_path("dl/a")), 0);
	expect_wrong(CTM_E_DIRECTORY, "a link to a file beside it");
	cr_assert_eq(unlink(scratch_path("dl/a")), 0);
	cr_assert_eq(symlink("/etc/passwd", scratch_path("dl/a")), 0);
	expect_wrong(CTM_E_DIRECTORY, "a link to a file elsewhere");
	cr_assert_eq(unlink(scratch_path("dl/a")), 0);
	cr_assert_eq(symlink("nowhere", scratch_path("dl/a")), 0);
	expect_wrong(CTM_E_DIRECTORY, "a link to nothing");
}

Test(look_file, directory_links_out)
{
	asked_file("sub/a");
	scratch_make_dir("outside");
	scratch_write("outside/a", "x");
	cr_assert_eq(symlink("../outside", scratch_path("dl/sub")), 0);
	expect_wrong(CTM_E_DIRECTORY, "by a relative link");
	cr_assert_eq(unlink(scratch_path("dl/sub")), 0);
	cr_assert_eq(symlink(scratch_path("outside"), scratch_path("dl/sub")), 0);
	expect_wrong(CTM_E_DIRECTORY, "by an absolute link");
}

Test(look_file, outside_local_path)
{
	struct ctm_file *file = asked_file("a");

	scratch_write("b", "x");
	strcpy(strrchr(file->path, '/') - 2, "b");
	cr_assert_str_eq(file->path, scratch_path("b"));
	expect_wrong(CTM_E_DIRECTORY, "a path that is not below local_path");
}

/* Opening none of these may wait, or have an effect. */
Test(look_file, no_regular_file)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	CTM_CLEANUP_FD int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	asked_file("a");
	scratch_make_dir("dl/a");
	expect_wrong(CTM_E_DIRECTORY, "a directory");
	cr_assert_eq(rmdir(scratch_path("dl/a")), 0);
	cr_assert_eq(mkfifo(scratch_path("dl/a"), 0600), 0);
	expect_wrong(CTM_E_DIRECTORY, "a fifo");
	cr_assert_eq(unlink(scratch_path("dl/a")), 0);
	snprintf(address.sun_path, sizeof address.sun_path, "%s", scratch_path("dl/a"));
	cr_assert_eq(bind(fd, (const struct sockaddr *)&address, sizeof address), 0);
	expect_wrong(CTM_E_DIRECTORY, "a socket");
}

static void see(struct ctm_file *file)
{
	struct stat st;

	cr_assert_eq(stat(file->path, &st), 0);
	file->sight = (struct ctm_sight){
		.known = true,
		.inode = (uint64_t)st.st_ino,
		.size = (uint64_t)st.st_size,
		.mtime_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec,
		.ctime_ns = (int64_t)st.st_ctim.tv_sec * 1000000000 + st.st_ctim.tv_nsec,
	};
}

/* The hook saw the file that aria2 spoke of: another one since is another download's. */
Test(look_file, not_what_was_seen)
{
	struct ctm_file *file = asked_there("a", "12345");
	struct ctm_sight sight;

	see(file);
	sight = file->sight;
	file->since_ms -= 3600000;
	cr_expect_eq(asked_look(), CTM_LOOK_RIGHT, "%s", asked.result.text);
	cr_assert_eq(chmod(file->path, 0600), 0);
	cr_expect_eq(asked_look(), CTM_LOOK_RIGHT, "its bytes are the same: %s", asked.result.text);
	file->sight.mtime_ns++;
	expect_wrong(CTM_E_FILE_CORRUPT, "written to");
	file->sight = sight;
	file->sight.inode++;
	expect_wrong(CTM_E_FILE_CORRUPT, "replaced");
	file->sight = sight;
	file->sight.size++;
	expect_wrong(CTM_E_FILE_CORRUPT, "of another size");
}

/* The hook saw nothing, or another file of the torrent: clocks must tell. */
Test(look_file, touched_since)
{
	struct ctm_file *file = asked_there("a", "12345");
	const int64_t now_ms = ctm_clock_wall_ms();
	const struct timespec old[] = {{.tv_sec = 1000}, {.tv_sec = 1000}};

	file->since_ms = now_ms - 60000;
	expect_wrong(CTM_E_FILE_CORRUPT, "written after aria2 reported it");
	file->since_ms = now_ms - 1000;
	cr_expect_eq(asked_look(), CTM_LOOK_RIGHT, "clocks tick in steps: %s", asked.result.text);
	file->since_ms = now_ms - 60000;
	cr_assert_eq(utimensat(-1, file->path, old, 0), 0);
	cr_expect_eq(asked_look(), CTM_LOOK_RIGHT, "moved, not written: %s", asked.result.text);
}

/* A hash says more than any clock. */
Test(look_file, hash_of_a_file_that_was_touched)
{
	struct ctm_file *file = asked_there("a", "abc");

	file->has_sha256 = true;
	cr_assert_eq(ctm_num_parse_hex(
			     "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
			     file->sha256, 32),
		0);
	file->since_ms = 1;
	file->sight = (struct ctm_sight){.known = true};
	cr_expect_eq(asked_look(), CTM_LOOK_RIGHT, "%s", asked.result.text);
}

/* aria2 named another file of the torrent; this one has a control file of its own. */
Test(look_file, inferred)
{
	struct ctm_file *file = asked_there("sub/a", "12345");

	file->inferred = true;
	cr_expect_eq(asked_look(), CTM_LOOK_RIGHT, "%s", asked.result.text);
	scratch_write("dl/sub/a.aria2", "x");
	cr_expect_eq(asked_look(), CTM_LOOK_CANNOT_TELL);
	cr_expect_eq(asked.result.hresult, CTM_E_BUSY);
	file->inferred = false;
	file->sight = ctm_sight_see(scratch_path("dl/sub/a"));
	cr_assert(file->sight.known);
	cr_expect_eq(asked_look(), CTM_LOOK_RIGHT, "aria2 named it: %s", asked.result.text);
}

/*
 * With --dry-run aria2 says that it is complete, and nothing is there; a moment later the download
 * begins, and the file is as large as it will be.
 */
Test(look_file, unseen_and_under_way)
{
	struct ctm_file *file = asked_there("sub/a", "12345");

	file->sight = (struct ctm_sight){.absent = true};
	cr_expect_eq(asked_look(), CTM_LOOK_RIGHT, "%s", asked.result.text);
	scratch_write("dl/sub/a.aria2", "x");
	cr_expect_eq(asked_look(), CTM_LOOK_CANNOT_TELL);
	cr_expect_eq(asked.result.hresult, CTM_E_BUSY);
	file->sight.absent = false;
	cr_expect_eq(asked_look(), CTM_LOOK_CANNOT_TELL, "nor did its hook see whether");
}

Test(look_file, renamed_twin)
{
	asked.request.kind = CTM_KIND_TOTALS;
	asked_there("sub/setup.1.exe", "12345");
	cr_expect_eq(asked_look(), CTM_LOOK_RIGHT, "a name like any other: %s", asked.result.text);
	scratch_write("dl/sub/setup.exe", "");
	expect_wrong(CTM_E_ALREADY_EXISTS, "aria2 renamed it because of the other");
	cr_expect_not_null(strstr(asked.result.text, "auto-file-renaming=false"));
	asked.request.kind = CTM_KIND_LISTED;
	cr_expect_eq(asked_look(), CTM_LOOK_RIGHT, "the list asks for it by that name");
	asked.request.kind = CTM_KIND_TOTALS;
	cr_assert_eq(unlink(scratch_path("dl/sub/setup.exe")), 0);
	scratch_write("dl/setup.exe", "");
	cr_expect_eq(asked_look(), CTM_LOOK_CANNOT_TELL, "a stray file");
	cr_expect_eq(asked_finding(1), 0, "but one in another directory is no twin");
}

/* Whether there is a twin, or a control file, can't be seen: that is no reason for a success. */
Test(look_file, short_of_descriptors_beside)
{
	struct ctm_file *file = asked_there("setup.1.exe", "12345");
	struct rlimit limit;

	scratch_write("dl/setup.exe", "");
	asked.request.kind = CTM_KIND_TOTALS;
	limit = few_descriptors(2); /* local_path and the file */
	cr_expect_eq(asked_look(), CTM_LOOK_CANNOT_TELL);
	cr_expect_eq(asked.result.error, -EMFILE);
	cr_expect_not_null(strstr(asked.result.text, "beside"), "%s", asked.result.text);
	asked.request.kind = CTM_KIND_LISTED;
	file->inferred = true;
	cr_expect_eq(asked_look(), CTM_LOOK_CANNOT_TELL);
	cr_expect_not_null(strstr(asked.result.text, "beside"), "%s", asked.result.text);
	cr_assert_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	cr_expect_eq(asked_look(), CTM_LOOK_RIGHT, "%s", asked.result.text);
	cr_expect_eq(asked.result.error, 0);
}

/* As another user than the one that can read everything. */
Test(look_file, no_permission)
{
	int status;
	pid_t child;

	if (geteuid() != 0)
		cr_skip_test("needs root to become somebody else");
	asked_there("sub/a", "12345");
	asked_there("b", "1");
	cr_assert_eq(chmod(scratch_dir(), 0755), 0);
	cr_assert_eq(chmod(scratch_path("dl/sub"), 0700), 0);
	cr_assert_eq(chmod(scratch_path("dl/b"), 0600), 0);
	child = fork();
	if (child == 0) {
		bool told = setgroups(0, NULL) == 0 && setgid(65534) == 0 && setuid(65534) == 0 &&
			    asked_look() == CTM_LOOK_CANNOT_TELL &&
			    asked.result.hresult == CTM_E_ACCESSDENIED &&
			    asked.result.n_findings == 0;

		_exit(told ? 0 : 1);
	}
	cr_assert_eq(waitpid(child, &status, 0), child);
	cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	cr_assert_eq(chmod(scratch_path("dl"), 0700), 0);
	child = fork();
	if (child == 0)
		_exit(setgroups(0, NULL) == 0 && setgid(65534) == 0 && setuid(65534) == 0 &&
					asked_look() == CTM_LOOK_CANNOT_TELL &&
					asked.result.hresult == CTM_E_ACCESSDENIED
				? 0
				: 1);
	cr_assert_eq(waitpid(child, &status, 0), child);
	cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0, "local_path can't be opened");
}
