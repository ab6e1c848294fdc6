/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "same.h"
#include "shelf.h"

TestSuite(store_jobs, .init = shelf_init, .fini = shelf_done);

SHELF_TEST(store_jobs, add_get_put)
{
	struct ctm_job job = shelf_job(txn, 1);
	struct ctm_job found;
	struct ctm_job_text text;

	cr_expect_eq(job.number, 1);
	cr_expect_eq(shelf_job(txn, 2).number, 2);
	cr_assert_eq(ctm_store_job_get(txn, 1, &found), 0);
	cr_expect(same_job(&found, &job));
	job.state = CTM_JOB_SUCCEEDED;
	job.age_ms = 5;
	cr_expect_eq(ctm_store_job_put(txn, &job), 0);
	cr_assert_eq(ctm_store_job_get(txn, 1, &found), 0);
	cr_expect(same_job(&found, &job));
	cr_expect_eq(ctm_store_job_get(txn, 3, &found), -ENOENT);

	cr_assert_eq(ctm_store_text_get(txn, 1, &text), 0);
	cr_expect_str_eq(text.id, shelf_id(1));
	cr_expect_str_eq(text.local_path, "/srv/1");
	cr_expect_str_eq(text.client_data, "", "NULL is stored as nothing");
	free(text.cause);
	text.cause = strdup("it broke");
	cr_expect_eq(ctm_store_text_put(txn, 1, &text), 0);
	ctm_job_text_done(&text);
	cr_assert_eq(ctm_store_text_get(txn, 1, &text), 0);
	cr_expect_str_eq(text.cause, "it broke");
	ctm_job_text_done(&text);
	cr_expect_eq(ctm_store_text_get(txn, 3, &text), -ENOENT);
}

/* A GUID is compared without braces and case. */
SHELF_TEST(store_jobs, find)
{
	char id[] = "{3F2504E0-4F89-11D3-9A0C-0305E82C3301}";
	const struct ctm_job_text text = {.id = id};
	struct ctm_job job = {.state = CTM_JOB_OPEN, .kind = CTM_KIND_SINGLE};
	uint32_t number = 99;

	cr_assert_eq(ctm_store_job_add(txn, &job, &text), 0);
	cr_expect_eq(ctm_store_job_find(txn, id, &number), 0);
	cr_expect_eq(number, job.number);
	number = 99;
	cr_expect_eq(ctm_store_job_find(txn, "3f2504e0-4f89-11d3-9a0c-0305e82c3301", &number), 0);
	cr_expect_eq(number, job.number);
	number = 99;
	cr_expect_eq(ctm_store_job_find(txn, shelf_id(7), &number), -ENOENT);
	cr_expect_eq(ctm_store_job_find(txn, "{3F2504E0}", &number), -EINVAL);
	cr_expect_eq(number, 99, "untouched");
	id[3] = 'x';
	cr_expect_eq(ctm_store_job_add(txn, &job, &text), -EINVAL);
}

static int count(struct ctm_txn *txn, const struct ctm_job *job, void *context)
{
	uint32_t *seen = context;

	(void)txn;
	seen[0]++;
	seen[job->number] = 1;
	return seen[0] == 3 ? 7 : 0;
}

static int delete_each(struct ctm_txn *txn, const struct ctm_job *job, void *context)
{
	(void)context;
	return ctm_store_job_delete(txn, job->number);
}

SHELF_TEST(store_jobs, each)
{
	uint32_t seen[5] = {0};
	struct ctm_job job;

	cr_expect_eq(ctm_store_job_each(txn, count, seen), 0);
	cr_expect_eq(seen[0], 0);
	for (unsigned i = 1; i <= 4; i++)
		shelf_job(txn, i);
	cr_expect_eq(ctm_store_job_each(txn, count, seen), 7, "the visitor ends it");
	cr_expect(seen[1] && seen[2] && seen[3] && !seen[4]);
	cr_expect_eq(ctm_store_job_each(txn, delete_each, NULL), 0, "the list may change");
	for (uint32_t i = 1; i <= 4; i++)
		cr_expect_eq(ctm_store_job_get(txn, i, &job), -ENOENT);
}

static int any_work(struct ctm_txn *txn, enum ctm_work work, uint32_t job, void *context)
{
	(void)txn;
	(void)work;
	(void)job;
	(void)context;
	return 1;
}

static int any_file(struct ctm_txn *txn, const struct ctm_file *file, void *context)
{
	(void)txn;
	(void)file;
	(void)context;
	return 1;
}

static int any_job(struct ctm_txn *txn, const struct ctm_job *job, void *context)
{
	(void)txn;
	(void)job;
	(void)context;
	return 1;
}

/* Nothing leads to it any more, its neighbours stay, and its number is not used again. */
SHELF_TEST(store_jobs, delete)
{
	struct ctm_job job = shelf_job(txn, 1);
	struct ctm_job other = shelf_job(txn, 2);
	struct ctm_job_text text;
	struct ctm_message message = {.job = job.number, .kind = CTM_MESSAGE_SUCCESS};
	uint32_t number;

	shelf_file(txn, &job, "/srv/1/a", 0x11);
	shelf_file(txn, &job, "/srv/1/b", 0);
	shelf_file(txn, &other, "/srv/2/a", 0x22);
	cr_assert_eq(ctm_store_root_add(txn, job.number, "/srv/1"), 0);
	cr_assert_eq(ctm_store_message_put(txn, &message), 0);
	cr_assert_eq(ctm_store_work_add(txn, CTM_WORK_SEND, job.number), 0);
	cr_assert_eq(ctm_store_work_add(txn, CTM_WORK_VERIFY, job.number), 0);

	cr_expect_eq(ctm_store_job_delete(txn, job.number), 0);
	cr_expect_eq(ctm_store_job_get(txn, job.number, &job), -ENOENT);
	cr_expect_eq(ctm_store_text_get(txn, 1, &text), -ENOENT);
	cr_expect_eq(ctm_store_job_find(txn, shelf_id(1), &number), -ENOENT);
	cr_expect_eq(ctm_store_message_get(txn, 1, &message), -ENOENT);
	cr_expect_eq(ctm_store_file_each(txn, 1, any_file, NULL), 0);
	cr_expect_eq(ctm_store_file_by_path(txn, "/srv/1/a", any_file, NULL), 0);
	cr_expect_eq(ctm_store_file_by_gid(txn, 0x11, any_file, NULL), 0);
	cr_expect_eq(ctm_store_root_each(txn, "/srv/1/a", any_job, NULL), 0);
	cr_expect_eq(ctm_store_work_each(txn, any_work, NULL), 0);
	cr_expect_eq(ctm_store_job_delete(txn, 1), -ENOENT);

	cr_expect_eq(ctm_store_job_find(txn, shelf_id(2), &number), 0);
	cr_expect_eq(ctm_store_file_by_gid(txn, 0x22, any_file, NULL), 1);
	cr_expect_eq(shelf_job(txn, 1).number, 3);
}

SHELF_TEST(store_jobs, numbers_run_out)
{
	struct ctm_job job = {.state = CTM_JOB_OPEN, .kind = CTM_KIND_SINGLE};
	struct ctm_job_text text = {.id = shelf_id(1)};

	cr_assert_eq(ctm_store_setting_put(txn, CTM_SETTING_NEXT_JOB, UINT32_MAX - 1), 0);
	cr_expect_eq(ctm_store_job_add(txn, &job, &text), 0);
	cr_expect_eq(job.number, UINT32_MAX);
	text.id = shelf_id(2);
	cr_expect_eq(ctm_store_job_add(txn, &job, &text), -EOVERFLOW, "none is used twice");
}

/* The longest values that a sidecar can have arrive whole. */
SHELF_TEST(store_jobs, long_text)
{
	char *value = malloc(65537);
	struct ctm_job job = {.state = CTM_JOB_OPEN, .kind = CTM_KIND_SINGLE};
	struct ctm_job_text text = {.id = shelf_id(1),
		.endpoint = value,
		.client_data = value,
		.content_id = value,
		.content_version = value,
		.local_path = value,
		.sidecar = value,
		.cause = value};
	struct ctm_job_text found;

	cr_assert_not_null(value);
	memset(value, 'x', 65536);
	value[65536] = '\0';
	cr_assert_eq(ctm_store_job_add(txn, &job, &text), 0);
	cr_assert_eq(ctm_store_text_get(txn, job.number, &found), 0);
	cr_expect(same_job_text(&text, &found));
	ctm_job_text_done(&found);
	free(value);
}
