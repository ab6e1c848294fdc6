/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "same.h"
#include "shelf.h"

TestSuite(store_questions, .init = shelf_init, .fini = shelf_done);

static const struct ctm_stamp now = {.boot = 1, .boot_ms = 2, .wall_ms = 3};

#define WHEN 77

static struct ctm_event event_of(uint64_t gid, enum ctm_event_type type, const char *path)
{
	return (struct ctm_event){.type = type,
		.gid = gid,
		.n_files = 1,
		.path = (char *)(uintptr_t)path,
		.wall_ms = WHEN};
}

static void put(struct ctm_txn *txn, uint64_t gid, enum ctm_event_type type, const char *path)
{
	const struct ctm_event event = event_of(gid, type, path);

	cr_assert_eq(ctm_store_question_put(txn, &event, &now), 0);
}

struct found {
	uint64_t gids[8];
	enum ctm_event_type types[8];
	size_t n;
	bool deletes;
	int answer;
};

static int collect(struct ctm_txn *txn, const struct ctm_question *question, void *context)
{
	struct found *found = context;

	cr_expect(same_stamp(&question->since, &now));
	cr_expect_str_eq(question->event.path, "/srv/a");
	cr_expect_eq(question->event.wall_ms, WHEN);
	cr_assert_lt(found->n, 8);
	found->gids[found->n] = question->event.gid;
	found->types[found->n++] = question->event.type;
	if (found->deletes)
		cr_expect_eq(ctm_store_question_delete(txn, &question->event), 0);
	return found->answer;
}

static struct found each(struct ctm_txn *txn, bool deletes)
{
	struct found found = {.deletes = deletes};

	cr_assert_eq(ctm_store_question_each(txn, collect, &found), 0);
	return found;
}

SHELF_TEST(store_questions, one_for_each_gid_and_type)
{
	struct found found;

	cr_expect_eq(each(txn, false).n, 0);
	put(txn, UINT64_MAX, CTM_EVENT_ERROR, "/srv/a");
	put(txn, 5, CTM_EVENT_STOP, "/srv/a");
	put(txn, 5, CTM_EVENT_ERROR, "/srv/a");
	put(txn, 0, CTM_EVENT_ERROR, "/srv/a");
	put(txn, 5, CTM_EVENT_STOP, "/srv/another: of two at one time the first stays");
	found = each(txn, false);
	cr_assert_eq(found.n, 4);
	cr_expect_eq(found.gids[0], 0);
	cr_expect(found.gids[1] == 5 && found.types[1] == CTM_EVENT_STOP);
	cr_expect(found.gids[2] == 5 && found.types[2] == CTM_EVENT_ERROR);
	cr_expect_eq(found.gids[3], UINT64_MAX);
}

SHELF_TEST(store_questions, answered)
{
	const struct ctm_event event = event_of(5, CTM_EVENT_STOP, "of no matter");

	put(txn, 5, CTM_EVENT_STOP, "/srv/a");
	put(txn, 5, CTM_EVENT_ERROR, "/srv/a");
	cr_expect_eq(ctm_store_question_delete(txn, &event), 0);
	cr_expect_eq(ctm_store_question_delete(txn, &event), 0, "it need not be there");
	cr_expect_eq(each(txn, false).n, 1);
	put(txn, 6, CTM_EVENT_COMPLETE, "/srv/a");
	cr_expect_eq(each(txn, true).n, 2, "the list may change");
	cr_expect_eq(each(txn, false).n, 0);
	put(txn, 5, CTM_EVENT_STOP, "/srv/a");
	cr_expect_eq(each(txn, false).n, 1, "it can come again");
}

struct newest {
	int64_t wall_ms;
	char path[16];
	size_t n;
};

static int see_newest(struct ctm_txn *txn, const struct ctm_question *question, void *context)
{
	struct newest *newest = context;

	(void)txn;
	newest->wall_ms = question->event.wall_ms;
	snprintf(newest->path, sizeof newest->path, "%s", question->event.path);
	newest->n++;
	return 0;
}

static struct newest newest_of(struct ctm_txn *txn)
{
	struct newest newest = {.n = 0};

	cr_assert_eq(ctm_store_question_each(txn, see_newest, &newest), 0);
	return newest;
}

/* A gid comes again: the newest event is asked about, in whatever order they are read. */
SHELF_TEST(store_questions, the_newest_event)
{
	struct ctm_event older = event_of(5, CTM_EVENT_STOP, "/older");
	struct ctm_event newer = event_of(5, CTM_EVENT_STOP, "/newer");

	newer.wall_ms++;
	cr_expect_eq(ctm_store_question_put(txn, &older, &now), 0);
	cr_expect_eq(ctm_store_question_put(txn, &newer, &now), 0);
	cr_expect_str_eq(newest_of(txn).path, "/newer");
	cr_expect_eq(newest_of(txn).wall_ms, WHEN + 1);
	cr_expect_eq(ctm_store_question_put(txn, &older, &now), 0);
	cr_expect_str_eq(newest_of(txn).path, "/newer");
	cr_expect_eq(newest_of(txn).n, 1);

	/* The answer to the older one came while the newer one was put. */
	cr_expect_eq(ctm_store_question_delete(txn, &older), 0);
	cr_expect_eq(newest_of(txn).n, 1, "that is not answered yet");
	cr_expect_eq(ctm_store_question_delete(txn, &newer), 0);
	cr_expect_eq(newest_of(txn).n, 0);
	cr_expect_eq(ctm_store_question_put(txn, &older, &now), 0);
	cr_expect_eq(ctm_store_question_delete(txn, &newer), 0, "what is newer answers it as well");
	cr_expect_eq(newest_of(txn).n, 0);
}

SHELF_TEST(store_questions, the_visitor_ends_the_list)
{
	struct found found = {.answer = 3};

	put(txn, 5, CTM_EVENT_STOP, "/srv/a");
	put(txn, 6, CTM_EVENT_STOP, "/srv/a");
	cr_expect_eq(ctm_store_question_each(txn, collect, &found), 3);
	cr_expect_eq(found.n, 1);
	found.answer = -EDOM;
	cr_expect_eq(ctm_store_question_each(txn, collect, &found), -EDOM);
}

struct list {
	uint64_t gids[8];
	struct ctm_known known[8];
	size_t n;
	bool deletes;
	int answer;
};

static int list_known(
	struct ctm_txn *txn, uint64_t gid, const struct ctm_known *known, void *context)
{
	struct list *list = context;

	cr_assert_lt(list->n, 8);
	list->gids[list->n] = gid;
	list->known[list->n++] = *known;
	return list->deletes ? ctm_store_known_delete(txn, gid) : list->answer;
}

static struct ctm_known known(struct ctm_txn *txn, uint64_t gid)
{
	struct ctm_known known = {.since_ms = 99, .at_end = true};

	cr_assert_eq(ctm_store_known_get(txn, gid, &known), 0);
	return known;
}

static void know(struct ctm_txn *txn, uint64_t gid, int64_t since_ms, bool at_end)
{
	const struct ctm_known known = {
		.since_ms = since_ms, .at_end = at_end, .before_ms = at_end ? since_ms - 9 : 0};

	cr_expect_eq(ctm_store_known_put(txn, gid, &known), 0);
}

SHELF_TEST(store_questions, known)
{
	struct list list = {.n = 0};

	cr_expect_eq(known(txn, 5).since_ms, 0);
	cr_expect_not(known(txn, 5).at_end);
	know(txn, 5, 1000, false);
	know(txn, 5, 2000, false);
	cr_expect_eq(known(txn, 5).since_ms, 2000, "the last one put");
	cr_expect_not(known(txn, 5).at_end);
	know(txn, 5, 1500, true);
	cr_expect(known(txn, 5).since_ms == 1500 && known(txn, 5).at_end);
	cr_expect_eq(known(txn, 5).before_ms, 1491);
	know(txn, UINT64_MAX, INT64_MAX, true);
	know(txn, 1, -3, false);
	cr_expect(known(txn, UINT64_MAX).since_ms == INT64_MAX && known(txn, UINT64_MAX).at_end);
	cr_expect(known(txn, 1).since_ms == -3 && !known(txn, 1).at_end);
	cr_expect_eq(ctm_store_known_each(txn, list_known, &list), 0);
	cr_assert_eq(list.n, 3);
	cr_expect(list.gids[0] == 1 && list.gids[1] == 5 && list.gids[2] == UINT64_MAX);
	cr_expect(list.known[0].since_ms == -3 && !list.known[0].at_end);
	cr_expect(list.known[1].since_ms == 1500 && list.known[1].at_end);
	cr_expect(list.known[0].before_ms == 0 && list.known[1].before_ms == 1491);
	cr_expect_eq(ctm_store_known_delete(txn, 5), 0);
	cr_expect_eq(ctm_store_known_delete(txn, 5), 0, "it need not be there");
	cr_expect_eq(known(txn, 5).since_ms, 0);
	cr_expect_not(known(txn, 5).at_end);
	know(txn, 5, 3000, false);
	cr_expect_eq(known(txn, 5).since_ms, 3000, "seen anew");
	list = (struct list){.answer = 7};
	cr_expect_eq(ctm_store_known_each(txn, list_known, &list), 7, "the visitor ends it");
	cr_expect_eq(list.n, 1);
	list = (struct list){.deletes = true};
	cr_expect_eq(ctm_store_known_each(txn, list_known, &list), 0);
	cr_expect_eq(list.n, 3, "the list may change");
	list.n = 0;
	cr_expect_eq(ctm_store_known_each(txn, list_known, &list), 0);
	cr_expect_eq(list.n, 0);
}
