/* SPDX-License-Identifier: MIT */
#include "scan_find.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "path.h"
#include "lock.h"
#include "sides.h"
#include "world.h"

TestSuite(scan_find, .init = world_init, .fini = world_done);

static struct ctm_found_list list;

/* Takes libc's place: how often it is called, and how often while the state's lock is held. */
static unsigned looks;
static unsigned looks_under_lock;

int lstat(const char *restrict path, struct stat *restrict st)
{
	if (world.state) {
		CTM_CLEANUP_LOCK int lock = ctm_lock_try(world.state->dir_fd, CTM_LOCK_FILE);

		looks++;
		looks_under_lock += lock == -EAGAIN;
	}
	return fstatat(AT_FDCWD, path, st, AT_SYMLINK_NOFOLLOW);
}

/* Finds, and drops what was found before. Returns how many there are. */
static size_t find(bool again)
{
	struct ctm_error e = CTM_ERROR_INIT;

	ctm_found_list_done(&list);
	cr_assert_eq(ctm_scan_find(world.state, again, &list, &e), 0, "%s", e.text);
	return list.n;
}

static bool is_found(size_t i, const char *name, bool beside)
{
	return i < list.n && strcmp(list.items[i].path, scratch_path(name)) == 0 &&
	       list.items[i].beside == beside;
}

Test(scan_find, in_the_directory)
{
	cr_expect_eq(find(false), 0);
	scratch_write("state/jobs/b.ctm.ini", "");
	scratch_write("state/jobs/a.ctm.ini", "");
	scratch_write("state/jobs/c.ini", "");
	scratch_write("state/jobs/.hidden.ctm.ini", "");
	scratch_write("state/jobs/.ctm.ini", "");
	scratch_write("state/jobs/d.ctm.ini.tmp", "");
	scratch_make_dir("state/jobs/below");
	scratch_write("state/jobs/below/e.ctm.ini", "");
	cr_expect_eq(find(false), 2);
	cr_expect(is_found(0, "state/jobs/a.ctm.ini", false), "by name");
	cr_expect(is_found(1, "state/jobs/b.ctm.ini", false));
	ctm_found_list_done(&list);
}

Test(scan_find, no_directory)
{
	struct ctm_error e = CTM_ERROR_INIT;

	cr_assert_eq(rmdir(scratch_path("state/jobs")), 0);
	cr_expect_eq(find(false), 0);
	scratch_write("state/jobs", "a file");
	cr_expect_eq(ctm_scan_find(world.state, false, &list, &e), -ENOTDIR);
	cr_expect_not_null(strstr(e.text, "state/jobs"), "%s", e.text);
	ctm_found_list_done(&list);
}

struct noting {
	const char *path;
	enum ctm_sidecar_fate fate;
};

static int note_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	const struct noting *n = context;
	const struct ctm_stamp now = ctm_clock_now();
	const struct ctm_volume volume = {0};
	struct stat st;

	(void)e;
	cr_assert_eq(stat(n->path, &st), 0);
	return ctm_register_rejected(txn, n->path, &st, &volume, n->fate, NULL, "", &now);
}

/* Each is parsed once, until it changes. */
Test(scan_find, known)
{
	static const struct {
		enum ctm_sidecar_fate fate;
		bool found;
		bool found_again;
	} table[] = {
		{CTM_FATE_REGISTERED, false, false},
		{CTM_FATE_INVALID, false, true},
		{CTM_FATE_REFUSED, false, true},
		{CTM_FATE_DUPLICATE, false, true},
		{CTM_FATE_NOT_WHOLE, true, true},
	};
	struct noting n = {.path = scratch_write("state/jobs/a.ctm.ini", "x")};
	const struct timespec times[] = {{.tv_sec = 1000}, {.tv_sec = 1000, .tv_nsec = 1}};

	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		n.fate = table[i].fate;
		world_update(note_body, &n);
		cr_expect_eq(find(false), table[i].found, "row %zu", i);
		cr_expect_eq(find(true), table[i].found_again, "row %zu", i);
	}
	n.fate = CTM_FATE_REGISTERED;
	world_update(note_body, &n);
	cr_assert_eq(utimensat(-1, n.path, times, 0), 0);
	cr_expect_eq(find(false), 1, "another mtime");
	world_update(note_body, &n);
	cr_expect_eq(find(false), 0);
	scratch_write("state/jobs/a.ctm.ini", "xy");
	cr_assert_eq(utimensat(-1, n.path, times, 0), 0);
	cr_expect_eq(find(false), 1, "another size");
	world_update(note_body, &n);
	scratch_write("state/jobs/other", "xy");
	cr_assert_eq(rename(scratch_path("state/jobs/other"), n.path), 0);
	cr_assert_eq(utimensat(-1, n.path, times, 0), 0);
	cr_expect_eq(find(false), 1, "another inode");
	ctm_found_list_done(&list);
}

static int keep_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	const struct ctm_event event = world_event(CTM_EVENT_COMPLETE, 1, 1, context);
	const struct ctm_stamp now = ctm_clock_now();

	(void)e;
	return ctm_store_unclaimed_add(txn, &event, &now);
}

/* From [sidecar] root down to the file, outermost first; each once. */
Test(scan_find, beside)
{
	char a[] = "c/sub/a";
	char b[] = "c/sub/b";

	world_update(keep_body, a);
	world_update(keep_body, b);
	scratch_make_dir("dl/c/sub");
	scratch_write("dl/c/sub/a.ctm.ini", "");
	scratch_write("dl/c.ctm.ini", "");
	scratch_write("dl/c/sub.ctm.ini", "");
	scratch_write("dl/c/x.ctm.ini", "");
	scratch_write("dl.ctm.ini", "");
	cr_expect_eq(find(false), 0, "only where that is configured");
	world.config->sidecar_beside = true;
	cr_expect_eq(find(false), 4);
	cr_expect(is_found(0, "dl.ctm.ini", true));
	cr_expect(is_found(1, "dl/c.ctm.ini", true));
	cr_expect(is_found(2, "dl/c/sub.ctm.ini", true));
	cr_expect(is_found(3, "dl/c/sub/a.ctm.ini", true));

	free(world.config->sidecar_root);
	world.config->sidecar_root = strdup(scratch_path("dl"));
	cr_expect_eq(find(false), 3, "nothing above [sidecar] root");
	cr_expect(is_found(0, "dl/c.ctm.ini", true));
	free(world.config->sidecar_root);
	world.config->sidecar_root = strdup("/elsewhere");
	cr_expect_eq(find(false), 0);
	ctm_found_list_done(&list);
}

/* [sidecar] root is a directory, however it is written; events' paths are canonical. */
Test(scan_find, beside_below_any_root)
{
	static const char *const roots[] = {
		"dl", "dl/", "dl//", "dl/.", "./dl", "c/../dl", "link", "link/", "link/../dl"};
	char a[] = "c/a";

	world_update(keep_body, a);
	scratch_make_dir("c");
	scratch_make_dir("dl/c");
	scratch_write("dl.ctm.ini", "");
	scratch_write("dl/c.ctm.ini", "");
	cr_assert_eq(symlink(world.dl, scratch_path("link")), 0);
	world.config->sidecar_beside = true;
	for (size_t i = 0; i < sizeof roots / sizeof *roots; i++) {
		free(world.config->sidecar_root);
		world.config->sidecar_root = ctm_path_join(scratch_path(""), roots[i]);
		cr_expect_eq(find(false), 1, "%s", world.config->sidecar_root);
		cr_expect(is_found(0, "dl/c.ctm.ini", true), "%s", world.config->sidecar_root);
	}
	free(world.config->sidecar_root);
	world.config->sidecar_root = strdup("//.");
	cr_expect_eq(find(false), 2);
	ctm_found_list_done(&list);
}

/* Content can be on a volume that hangs: everybody else would wait with us. */
Test(scan_find, no_look_under_the_lock)
{
	char a[] = "c/a";

	world_update(keep_body, a);
	scratch_make_dir("dl/c");
	scratch_write("dl/c.ctm.ini", "");
	scratch_write("state/jobs/a.ctm.ini", "");
	world.config->sidecar_beside = true;
	looks = looks_under_lock = 0;
	cr_expect_eq(find(false), 2);
	cr_expect_gt(looks, 2);
	cr_expect_eq(looks_under_lock, 0, "%u of %u", looks_under_lock, looks);
	ctm_found_list_done(&list);
}
