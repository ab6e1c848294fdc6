/* SPDX-License-Identifier: MIT */
#include "sidecars_seen.h"

#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "world.h"

TestSuite(sidecars_seen, .init = world_init, .fini = world_done);

static int changed_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	(void)e;
	return ctm_sidecars_changed(txn, ctm_sidecars_mtime(world.config), context);
}

static int note_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	(void)context;
	(void)e;
	return ctm_store_setting_put(
		txn, CTM_SETTING_SCANNED_MTIME, ctm_sidecars_mtime(world.config));
}

static bool changed(void)
{
	bool changed = false;

	world_update(changed_body, &changed);
	return changed;
}

static void set_mtime(int64_t seconds)
{
	const struct timespec times[] = {{.tv_sec = seconds}, {.tv_sec = seconds, .tv_nsec = 5}};

	cr_assert_eq(utimensat(-1, scratch_path("state/jobs"), times, 0), 0);
}

Test(sidecars_seen, changes)
{
	cr_expect(changed(), "never read");
	set_mtime(1000);
	cr_expect_eq(ctm_sidecars_mtime(world.config), 1000000000005);
	world_update(note_body, NULL);
	cr_expect_not(changed());
	scratch_write("state/jobs/a.ctm.ini", "");
	cr_expect(changed());
	world_update(note_body, NULL);
	cr_expect_not(changed());
	set_mtime(500);
	cr_expect(changed(), "backwards too");
}

Test(sidecars_seen, no_directory)
{
	cr_assert_eq(rmdir(scratch_path("state/jobs")), 0);
	cr_expect_eq(ctm_sidecars_mtime(world.config), 0);
	cr_expect_not(changed());
}

/* A directory that had just changed may have changed again within the same tick. */
Test(sidecars_seen, settled)
{
	const uint64_t mtime_ns = UINT64_C(1700000000000000000);

	cr_expect_not(ctm_sidecars_settled(mtime_ns, 1700000000000));
	cr_expect_not(ctm_sidecars_settled(mtime_ns, 1700000001999));
	cr_expect(ctm_sidecars_settled(mtime_ns, 1700000002000));
	cr_expect_not(ctm_sidecars_settled(mtime_ns, 1600000000000), "an mtime in the future");
}
