/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "same.h"
#include "shelf.h"

TestSuite(store_messages, .init = shelf_init, .fini = shelf_done);

SHELF_TEST(store_messages, put_and_get)
{
	char source[] = "aria2-ctm://host";
	char text[] = "refused";
	char cause[] = "\"a\" is not there";
	struct ctm_message message = {.job = 5,
		.kind = CTM_MESSAGE_SUCCESS,
		.state = CTM_MESSAGE_WAITING,
		.attempts = 3,
		.bytes_total = UINT64_MAX,
		.files_total = UINT32_MAX,
		.time_s = -1,
		.source = source,
		.text = text,
		.error_code = UINT32_MAX,
		.error_message = cause};
	struct ctm_message found;

	cr_expect_eq(ctm_store_message_get(txn, 5, &found), -ENOENT);
	cr_expect_eq(ctm_store_message_put(txn, &message), 0);
	message.attempts = 4;
	message.under_way = true;
	cr_expect_eq(ctm_store_message_put(txn, &message), 0);
	cr_assert_eq(ctm_store_message_get(txn, 5, &found), 0);
	cr_expect(same_message(&found, &message));
	ctm_message_done(&found);
	cr_expect_eq(ctm_store_message_get(txn, 4, &found), -ENOENT);
	cr_expect_eq(ctm_store_message_get(txn, 6, &found), -ENOENT);
}

/* The newest progress stands beside the final word, and in nobody's place but its own. */
SHELF_TEST(store_messages, progress)
{
	char source[] = "aria2-ctm://host";
	char none[] = "";
	struct ctm_message word = {.job = 5,
		.kind = CTM_MESSAGE_ERROR,
		.state = CTM_MESSAGE_WAITING,
		.error_code = 0x80190194,
		.source = source,
		.text = none,
		.error_message = source};
	struct ctm_message progress = {.job = 5,
		.kind = CTM_MESSAGE_PROGRESS,
		.state = CTM_MESSAGE_WAITING,
		.sequence = 1,
		.progress_type = CTM_PROGRESS_DOWNLOADING_DATA,
		.source = source,
		.text = none,
		.error_message = none};
	struct ctm_message found;

	cr_expect_eq(ctm_store_progress_get(txn, 5, &found), -ENOENT);
	cr_assert_eq(ctm_store_message_put(txn, &word), 0);
	cr_expect_eq(ctm_store_progress_get(txn, 5, &found), -ENOENT);
	cr_assert_eq(ctm_store_progress_put(txn, &progress), 0);
	progress.sequence = UINT32_MAX;
	progress.bytes_transferred = UINT64_MAX;
	cr_assert_eq(ctm_store_progress_put(txn, &progress), 0, "it takes the other's place");
	cr_assert_eq(ctm_store_progress_get(txn, 5, &found), 0);
	cr_expect(same_message(&found, &progress));
	ctm_message_done(&found);
	cr_expect_eq(ctm_store_progress_get(txn, 6, &found), -ENOENT);
	cr_expect_eq(ctm_store_progress_delete(txn, 5), 0);
	cr_expect_eq(ctm_store_progress_delete(txn, 5), 0, "it need not be there");
	cr_expect_eq(ctm_store_progress_get(txn, 5, &found), -ENOENT);
	cr_assert_eq(ctm_store_message_get(txn, 5, &found), 0);
	cr_expect(same_message(&found, &word));
	ctm_message_done(&found);
}

struct list {
	enum ctm_work work[8];
	uint32_t jobs[8];
	size_t n;
	bool deletes;
};

static int collect(struct ctm_txn *txn, enum ctm_work work, uint32_t job, void *context)
{
	struct list *list = context;

	list->work[list->n] = work;
	list->jobs[list->n++] = job;
	return list->deletes ? ctm_store_work_delete(txn, work, job) : 0;
}

SHELF_TEST(store_messages, work)
{
	struct list list = {.n = 0};

	cr_expect_eq(ctm_store_work_each(txn, collect, &list), 0);
	cr_expect_eq(list.n, 0);
	cr_expect_eq(ctm_store_work_add(txn, CTM_WORK_PROGRESS, 1), 0);
	cr_expect_eq(ctm_store_work_add(txn, CTM_WORK_SEND, 1), 0);
	cr_expect_eq(ctm_store_work_add(txn, CTM_WORK_VERIFY, 300), 0);
	cr_expect_eq(ctm_store_work_add(txn, CTM_WORK_VERIFY, 2), 0);
	cr_expect_eq(ctm_store_work_add(txn, CTM_WORK_VERIFY, 2), 0, "a set");
	cr_expect_eq(ctm_store_work_each(txn, collect, &list), 0);
	cr_assert_eq(list.n, 4);
	cr_expect(list.work[0] == CTM_WORK_VERIFY && list.jobs[0] == 2);
	cr_expect(list.work[1] == CTM_WORK_VERIFY && list.jobs[1] == 300);
	cr_expect(list.work[2] == CTM_WORK_SEND && list.jobs[2] == 1);
	cr_expect(list.work[3] == CTM_WORK_PROGRESS && list.jobs[3] == 1);
	cr_expect_eq(ctm_store_work_delete(txn, CTM_WORK_SEND, 2), 0, "it need not be there");
	list = (struct list){.deletes = true};
	cr_expect_eq(ctm_store_work_each(txn, collect, &list), 0);
	cr_expect_eq(list.n, 4);
	list.n = 0;
	cr_expect_eq(ctm_store_work_each(txn, collect, &list), 0);
	cr_expect_eq(list.n, 0);
}

SHELF_TEST(store_messages, from)
{
	char none[] = "";
	struct ctm_message message = {.kind = CTM_MESSAGE_SUCCESS,
		.state = CTM_MESSAGE_WAITING,
		.source = none,
		.text = none,
		.error_message = none};
	uint32_t job = 0;

	cr_expect_eq(ctm_store_message_from(txn, 0, &job), -ENOENT);
	for (message.job = 5; message.job < 300; message.job += 251)
		cr_assert_eq(ctm_store_message_put(txn, &message), 0);
	message.kind = CTM_MESSAGE_PROGRESS;
	message.job = 6;
	cr_assert_eq(ctm_store_progress_put(txn, &message), 0);
	cr_expect_eq(ctm_store_message_from(txn, 0, &job), 0);
	cr_expect_eq(job, 5);
	cr_expect_eq(ctm_store_message_from(txn, 5, &job), 0);
	cr_expect_eq(job, 5);
	cr_expect_eq(ctm_store_message_from(txn, 6, &job), 0);
	cr_expect_eq(job, 256);
	cr_expect_eq(ctm_store_message_from(txn, 257, &job), -ENOENT, "progress is none");
}
