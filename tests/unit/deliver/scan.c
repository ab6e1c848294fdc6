/* SPDX-License-Identifier: MIT */
#include "scan.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "lock.h"
#include "register.h"
#include "sides.h"
#include "world.h"

TestSuite(scan, .init = world_init, .fini = world_done);

/* Takes libc's place: how often it is called, and how often while the state's lock is held. */
static unsigned looks;
static unsigned looks_under_lock;

int fstatat(int fd, const char *path, struct stat *st, int flags)
{
	static bool inside;

	if (world.state && !inside && strstr(path, ".ctm.ini")) {
		inside = true;
		CTM_CLEANUP_LOCK int lock = ctm_lock_try(world.state->dir_fd, CTM_LOCK_FILE);

		looks++;
		looks_under_lock += lock == -EAGAIN;
		inside = false;
	}
	return (int)syscall(SYS_newfstatat, fd, path, st, flags);
}

static const char *put(const char *name, unsigned id, const char *files)
{
	char path[128];
	char text[1024];

	snprintf(path, sizeof path, "state/jobs/%s.ctm.ini", name);
	snprintf(text, sizeof text,
		"[job]\nid = %s\nkind = listed\nendpoint = ctm\nclient_data = x\nlocal_path = %s\n"
		"files_total = %d\n%s",
		world_id(id), world.dl, strstr(files, "[file.2]") ? 2 : 1, files);
	return scratch_write(path, text);
}

#define FILE_A "[file.1]\npath = a\nsize = 5\n"
#define FILE_B "[file.2]\npath = b\n"

static struct ctm_scan scan(bool again)
{
	struct ctm_scan scan = {.again = again};
	struct ctm_error e = CTM_ERROR_INIT;

	world.state->work = false;
	cr_assert_eq(ctm_scan(world.state, &scan, &e), 0, "%s", e.text);
	return scan;
}

Test(scan, nothing)
{
	world_scanned();
	cr_expect_eq(scan(false).bad, 0);
	cr_expect_not(world.state->work);
}

Test(scan, registers)
{
	const char *path = put("one", 1, FILE_A FILE_B);

	cr_expect_eq(scan(false).bad, 0);
	cr_expect_eq(sides_record(path).fate, CTM_FATE_REGISTERED);
	cr_assert_eq(sides_record(path).job, 1);
	cr_expect_eq(world_job(1).files_listed, 2);
	cr_expect_str_eq(world_file(1, 1).path, world_path("a"));
	scan(false);
	cr_expect_eq(world_job(1).generation, 0, "it is parsed once");
}

/* [sidecar] dir is a link from now on, as packages ship it. */
static void go_through_link(void)
{
	cr_assert_eq(symlink(scratch_path("state/jobs"), scratch_path("link")), 0);
	free(world.config->sidecar_dir);
	world.config->sidecar_dir = strdup(scratch_path("link"));
}

/* Whatever the directory is called, a sidecar is known by one name. */
Test(scan, through_a_link)
{
	const char *path = put("one", 1, FILE_A FILE_B);
	const char *bad = put("two", 2, "[file.1]\nsize = 5\n");
	struct ctm_job job;

	go_through_link();
	cr_expect_eq(scan(false).bad, 1);
	cr_expect_eq(sides_record(path).fate, CTM_FATE_REGISTERED);
	cr_expect_eq(sides_record(bad).fate, CTM_FATE_INVALID);
	cr_expect_null(sides_record(scratch_path("link/two.ctm.ini")).path);
	job = world_job(1);
	job.timeout_s = 77;
	sides_put_job(&job);
	cr_expect_eq(scan(false).bad, 0, "it is parsed once");
	cr_expect_eq(world_job(1).generation, 0);
	cr_expect_eq(world_job(1).revision, job.revision);
	cr_expect_eq(world_job(1).timeout_s, 77, "what was set holds");

	put("two", 2, FILE_A);
	cr_expect_eq(scan(false).bad, 0);
	cr_expect_eq(sides_record(bad).fate, CTM_FATE_REGISTERED, "it was mended");
	cr_expect_str_eq(world_text(2).sidecar, bad);
}

/* A bad one stops no other. */
Test(scan, bad_ones)
{
	const char *bad = put("a-bad", 1, "[file.1]\nsize = 5\n");
	const char *open = put("b-open", 2, FILE_A);
	const char *good = put("c-good", 3, FILE_A);

	cr_assert_eq(chmod(open, 0666), 0);
	cr_expect_eq(scan(false).bad, 2);
	cr_expect_eq(sides_record(bad).fate, CTM_FATE_INVALID);
	cr_expect_not_null(
		strstr(sides_record(bad).complaint, "path"), "%s", sides_record(bad).complaint);
	cr_expect_str_eq(sides_record(bad).id, world_id(1));
	cr_expect_eq(sides_record(open).fate, CTM_FATE_REFUSED);
	cr_expect_eq(sides_record(good).fate, CTM_FATE_REGISTERED);
	cr_assert_eq(chmod(open, 0644), 0);
	cr_expect_eq(scan(false).bad, 0, "the same bytes are not read again");
	cr_expect_eq(scan(true).bad, 1, "unless that is asked for");
	cr_expect_eq(sides_record(open).fate, CTM_FATE_REGISTERED);
}

Test(scan, not_whole_yet)
{
	const char *path = put("one", 1, FILE_A "uri = http://x/");
	struct ctm_scan first = scan(false);

	cr_expect(first.unsettled);
	cr_expect_eq(sides_record(path).fate, CTM_FATE_NOT_WHOLE);
	put("one", 1, FILE_A);
	scan(false);
	cr_expect_eq(sides_record(path).fate, CTM_FATE_REGISTERED);
}

/* A directory that has just changed may change again within the same tick. */
Test(scan, settles)
{
	const struct timespec old[] = {{.tv_sec = 1000}, {.tv_sec = 1000}};

	put("one", 1, FILE_A);
	cr_expect(scan(false).unsettled);
	cr_assert_eq(utimensat(-1, scratch_path("state/jobs"), old, 0), 0);
	cr_expect_not(scan(false).unsettled);
}

Test(scan, duplicate)
{
	const char *first = put("one", 1, FILE_A);
	const char *second = put("two", 1, FILE_A);

	scan(false);
	cr_expect_eq(sides_record(first).fate, CTM_FATE_REGISTERED);
	cr_expect_eq(sides_record(second).fate, CTM_FATE_DUPLICATE);
	cr_expect_not_null(strstr(sides_record(second).complaint, first));
	cr_expect_not_null(strstr(sides_record(second).complaint, second));
}

static int keep_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	const struct ctm_event event = world_event(CTM_EVENT_COMPLETE, 1, 1, "a");
	const struct ctm_stamp now = ctm_clock_now();

	(void)context;
	(void)e;
	return ctm_store_unclaimed_add(txn, &event, &now);
}

/* The file that came first is looked for, which can be on a volume that hangs, and all wait then.
 */
Test(scan, first_is_looked_for_without_the_lock)
{
	const char *first = put("b", 1, FILE_A);
	const char *moved = scratch_path("state/jobs/a.ctm.ini");
	const char *second;

	scan(false);
	cr_assert_eq(rename(first, moved), 0);
	second = put("c", 1, FILE_A);
	looks = looks_under_lock = 0;
	cr_expect_eq(scan(false).bad, 0);
	cr_expect_geq(looks, 4, "two that are read, the first one, the one that took its place");
	cr_expect_eq(looks_under_lock, 0, "%u of %u", looks_under_lock, looks);
	cr_expect_eq(sides_record(moved).fate, CTM_FATE_REGISTERED);
	cr_expect_str_eq(world_text(1).sidecar, moved);
	cr_expect_eq(sides_record(second).fate, CTM_FATE_DUPLICATE);
}

Test(scan, finds_unclaimed_events)
{
	const struct timespec old[] = {{.tv_sec = 1000}, {.tv_sec = 1000}};

	world_update(keep_body, NULL);
	put("one", 1, FILE_A);
	scan(false);
	cr_expect_eq(world_job(1).state, CTM_JOB_VERIFYING);
	cr_assert_eq(utimensat(-1, scratch_path("state/jobs"), old, 0), 0);
	scan(false);
	cr_expect_eq(world_unclaimed(), 0, "all sidecars that there are have been read");
}

/* More than are registered in one transaction. */
Test(scan, many)
{
	for (unsigned i = 1; i <= 300; i++) {
		char name[32];

		snprintf(name, sizeof name, "job-%03u", i);
		put(name, i, FILE_A);
	}
	cr_expect_eq(scan(false).bad, 0);
	cr_expect_str_eq(world_text(300).id, world_id(300));
}

static void count_complaint(void *context, const struct ctm_error *complaint)
{
	*(int *)context += complaint->code != 0;
}

Test(scan, add)
{
	int complaints = 0;
	struct ctm_scan_one one = {
		.assign_gids = true, .complain = count_complaint, .context = &complaints};
	struct ctm_error e = CTM_ERROR_INIT;
	const char *path = put("one", 1, FILE_A "uri = http://x/a");

	cr_assert_eq(ctm_scan_add(world.state, path, &one, &e), 0, "%s", e.text);
	cr_expect_eq(one.state, CTM_SIDECAR_GOOD, "at once, though it ends without a newline");
	cr_expect_eq(one.outcome, CTM_REGISTERED_NEW);
	cr_expect_eq(one.job, 1);
	cr_assert_not_null(one.sidecar);
	ctm_sidecar_free(one.sidecar);
	cr_expect(world_file(1, 1).gid_is_ours && world_file(1, 1).gid);
	cr_expect_eq(complaints, 0);

	one.sidecar = NULL;
	cr_assert_eq(ctm_scan_add(world.state, put("two", 1, FILE_A), &one, &e), 0);
	cr_expect_eq(one.outcome, CTM_REGISTERED_DUPLICATE);
	cr_expect_eq(complaints, 1, "the registration's own");
	ctm_sidecar_free(one.sidecar);
	one.sidecar = NULL;
	cr_assert_eq(ctm_scan_add(world.state, put("bad", 2, "[file.1]\nsize = 1\n"), &one, &e), 0);
	cr_expect_eq(one.state, CTM_SIDECAR_INVALID);
	cr_expect_null(one.sidecar);
	cr_expect_gt(complaints, 1);
	cr_expect_eq(ctm_scan_add(world.state, "/none.ctm.ini", &one, &e), -ENOENT);
}

/* Whoever names it is there to mend it: nothing is registered that could not change any more. */
Test(scan, add_without_endpoint)
{
	int complaints = 0;
	struct ctm_scan_one one = {.complain = count_complaint, .context = &complaints};
	struct ctm_error e = CTM_ERROR_INIT;
	const char *path = put("one", 1, FILE_A);
	char *name = world.config->endpoints[0].name;
	char other[] = "other";

	world.config->endpoints[0].name = other;
	cr_assert_eq(ctm_scan_add(world.state, path, &one, &e), 0, "%s", e.text);
	cr_expect_eq(one.state, CTM_SIDECAR_INVALID);
	cr_expect_null(one.sidecar);
	cr_expect_eq(complaints, 1);
	cr_expect_null(sides_record(path).path);
	world.config->endpoints[0].name = name;
	cr_assert_eq(ctm_scan_add(world.state, path, &one, &e), 0, "%s", e.text);
	cr_expect_eq(one.outcome, CTM_REGISTERED_NEW);
	ctm_sidecar_free(one.sidecar);
	cr_expect_eq(complaints, 1);

	/* One that is found by itself is registered all the same, and its events are not lost. */
	world.config->endpoints[0].name = other;
	path = put("two", 2, FILE_A);
	scan(false);
	world.config->endpoints[0].name = name;
	cr_expect_eq(sides_record(path).fate, CTM_FATE_REGISTERED);
}
