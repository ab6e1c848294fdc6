/* SPDX-License-Identifier: MIT */
#include "fold_seeding.h"

#include <criterion/criterion.h>

#include "world.h"

TestSuite(fold_seeding, .init = world_init, .fini = world_done);

#define BT CTM_EVENT_BT_COMPLETE
#define END CTM_EVENT_COMPLETE

static const struct ctm_sight seen = {
	.known = true, .inode = 3, .size = 5, .mtime_ns = 700, .ctime_ns = 900};

static int fold_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	(void)e;
	return ctm_fold_seeding(txn, context);
}

static struct ctm_event folded(
	enum ctm_event_type type, uint64_t gid, int64_t wall_ms, const struct ctm_sight *sight)
{
	struct ctm_event event = world_event(type, gid, 2, "a");

	event.wall_ms = wall_ms;
	event.sight = *sight;
	event.repeats_ms = 99;
	cr_assert_eq(world_update(fold_body, &event), 0);
	return event;
}

Test(fold_seeding, the_end_repeats_the_beginning)
{
	struct ctm_sight touched = seen;
	struct ctm_event event;

	touched.ctime_ns = 5000;
	cr_expect_eq(folded(BT, 7, 1000, &seen).repeats_ms, 0);
	event = folded(END, 7, 3000, &touched);
	cr_expect_eq(event.repeats_ms, 1000);
	cr_expect_eq(event.repeats_ctime_ns, 900);
	/* The same event, read once more. */
	cr_expect_eq(folded(BT, 7, 1000, &seen).repeats_ms, 0);
	cr_expect_eq(folded(END, 7, 3000, &touched).repeats_ms, 1000);
	/* Each time it is checked, or repaired, aria2 says bt-complete again. */
	cr_expect_eq(folded(BT, 7, 4000, &touched).repeats_ms, 0);
	cr_expect_eq(folded(END, 7, 5000, &touched).repeats_ms, 4000);
}

/* Another download may be at work in its place by then, or nothing be there. */
Test(fold_seeding, whatever_is_there)
{
	struct ctm_sight other = seen;

	folded(BT, 7, 1000, &seen);
	other.inode++;
	cr_expect_eq(folded(END, 7, 3000, &other).repeats_ms, 1000);
	other = (struct ctm_sight){.absent = true};
	cr_expect_eq(folded(END, 7, 3000, &other).repeats_ms, 1000);
	/* What a hook could not see takes no place of what one saw. */
	folded(BT, 7, 2000, &other);
	cr_expect_eq(folded(END, 7, 3000, &seen).repeats_ctime_ns, 900);
}

Test(fold_seeding, other_words)
{
	folded(BT, 7, 1000, &seen);
	cr_expect_eq(folded(END, 8, 3000, &seen).repeats_ms, 0, "another download");
	cr_expect_eq(folded(END, 7, 999, &seen).repeats_ms, 0, "before that");
	cr_expect_eq(folded(END, 0, 3000, &seen).repeats_ms, 0, "no gid");
	cr_expect_eq(folded(CTM_EVENT_STOP, 7, 3000, &seen).repeats_ms, 0, "no evidence");
}

/* Of one file that comes over HTTP nothing is kept. */
Test(fold_seeding, no_torrent)
{
	folded(END, 7, 1000, &seen);
	cr_expect_eq(folded(END, 7, 2000, &seen).repeats_ms, 0);
}

static int forget_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	(void)e;
	return ctm_store_seeding_forget(txn, *(const int64_t *)context);
}

Test(fold_seeding, forgotten)
{
	int64_t before_ms = 1500;

	folded(BT, 7, 1000, &seen);
	folded(BT, 8, 2000, &seen);
	world_update(forget_body, &before_ms);
	cr_expect_eq(folded(END, 7, 3000, &seen).repeats_ms, 0);
	cr_expect_eq(folded(END, 8, 3000, &seen).repeats_ms, 2000);
}
