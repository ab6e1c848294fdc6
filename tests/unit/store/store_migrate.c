/* SPDX-License-Identifier: MIT */
/* A store as schema 1 left it, written byte by byte, becomes ours at the first update. */
#include "store_migrate.h"

#include <errno.h>
#include <string.h>

#include "old.h"
#include "same.h"
#include "shelf.h"
#include "store_keys.h"

TestSuite(store_migrate, .init = shelf_init, .fini = shelf_done);

#define OPEN_JOB 1u
#define ENDED_JOB 2u

static const struct ctm_stamp then = {.boot = 7, .boot_ms = 8, .wall_ms = 1700000000000};

static void put(struct ctm_txn *txn, const struct ctm_key *key, struct ctm_buf *b)
{
	cr_assert_eq(ctm_txn_put_buf(txn, key, b), 0);
}

static struct ctm_key key_of(enum ctm_table table, uint32_t job)
{
	struct ctm_key key = ctm_key(table);

	ctm_key_u32(&key, job);
	return key;
}

static const struct ctm_job old_job = {
	.state = CTM_JOB_OPEN,
	.kind = CTM_KIND_LISTED,
	.priority = CTM_PRIORITY_NORMAL,
	.flags = 0x20,
	.files_total = 4,
	.timeout_s = 60,
	.next_file = 5,
	.local_len = 4,
	.files_listed = 4,
	.files_evident = 2,
	.bytes_evident = 100,
	.revision = 40,
	.seen = {7, 8, 1700000000000},
	.age_ms = 5000,
	.created_ms = 1699999995000,
	.cause = 0x80070570,
};

static void write_job(struct ctm_txn *txn, uint32_t number, const struct ctm_job *job)
{
	struct ctm_key key = key_of(CTM_TABLE_JOB, number);
	struct ctm_buf b = CTM_BUF_INIT(4096);

	old_pack_job(&b, job);
	put(txn, &key, &b);
}

static void write_text(struct ctm_txn *txn, uint32_t number)
{
	char endpoint[] = "ctm";
	char local_path[] = "/srv";
	char none[] = "";
	const struct ctm_job_text text = {
		.id = shelf_id(number),
		.endpoint = endpoint,
		.client_data = none,
		.content_id = none,
		.content_version = none,
		.local_path = local_path,
		.sidecar = none,
		.cause = none,
	};
	struct ctm_key key = key_of(CTM_TABLE_TEXT, number);
	struct ctm_buf b = CTM_BUF_INIT(4096);

	old_pack_text(&b, &text);
	put(txn, &key, &b);
}

static void write_file(struct ctm_txn *txn, const struct ctm_file *file)
{
	struct ctm_key key = key_of(CTM_TABLE_FILE, file->job);
	struct ctm_buf b = CTM_BUF_INIT(4096);

	ctm_key_u32(&key, file->number);
	old_pack_file(&b, file);
	put(txn, &key, &b);
}

static char paths[4][8] = {"/srv/a", "/srv/b", "/srv/c", "/srv/d"};

/* One by its size and there; one there whose hook saw it; one by its hash; one found wrong. */
static void write_files(struct ctm_txn *txn)
{
	const struct ctm_file files[] = {
		{.path = paths[0], .has_size = true, .size = 100, .evident = true, .count = 1},
		{.path = paths[1],
			.evident = true,
			.count = 1,
			.since_ms = 1699999999000,
			.sight = {.known = true, .inode = 3, .size = 11}},
		{.path = paths[2],
			.has_size = true,
			.size = 1000,
			.has_sha256 = true,
			.sha256 = {1, 2, 3},
			.count = 1},
		{.path = paths[3], .count = 1, .cause = 0x80070570},
	};

	for (uint32_t i = 0; i < 4; i++) {
		struct ctm_file file = files[i];

		file.job = OPEN_JOB;
		file.number = i + 1;
		write_file(txn, &file);
	}
}

static void write_message(struct ctm_txn *txn)
{
	char source[] = "aria2-ctm://host";
	char none[] = "";
	const struct ctm_message message = {
		.kind = CTM_MESSAGE_SUCCESS,
		.state = CTM_MESSAGE_WAITING,
		.attempts = 2,
		.from = then,
		.bytes_total = 9,
		.source = source,
		.text = none,
	};
	struct ctm_key key = key_of(CTM_TABLE_MESSAGE, ENDED_JOB);
	struct ctm_buf b = CTM_BUF_INIT(4096);

	old_pack_message(&b, &message);
	put(txn, &key, &b);
}

static void write_old(struct ctm_txn *txn)
{
	struct ctm_job ended = old_job;

	ended.state = CTM_JOB_SUCCEEDED;
	write_job(txn, OPEN_JOB, &old_job);
	write_job(txn, ENDED_JOB, &ended);
	write_text(txn, OPEN_JOB);
	write_text(txn, ENDED_JOB);
	write_files(txn);
	write_message(txn);
	cr_assert_eq(ctm_store_setting_put(txn, CTM_SETTING_NEXT_JOB, 2), 0);
	cr_assert_eq(ctm_store_setting_put(txn, CTM_SETTING_SCHEMA, 1), 0);
}

struct seen {
	struct ctm_job open;
	struct ctm_job ended;
	struct ctm_file file;
	struct ctm_message message;
	uint64_t schema;
	uint64_t deadline_boot;
	uint64_t deadline_ms;
	int answer;
};

static int see_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct seen *s = context;

	(void)e;
	cr_assert_eq(ctm_store_job_get(txn, OPEN_JOB, &s->open), 0);
	cr_assert_eq(ctm_store_job_get(txn, ENDED_JOB, &s->ended), 0);
	cr_assert_eq(ctm_store_setting_get(txn, CTM_SETTING_SCHEMA, &s->schema), 0);
	cr_assert_eq(ctm_store_setting_get(txn, CTM_SETTING_DEADLINE_BOOT, &s->deadline_boot), 0);
	cr_assert_eq(ctm_store_setting_get(txn, CTM_SETTING_DEADLINE_MS, &s->deadline_ms), 0);
	return s->answer;
}

static int update(struct seen *s)
{
	return ctm_store_update(shelf, see_body, s, NULL);
}

Test(store_migrate, sums)
{
	struct ctm_job want = old_job;
	struct seen s = {.answer = 0};

	shelf_run(write_old);
	shelf_reopen();
	cr_assert_eq(ctm_store_read(shelf, see_body, &s, NULL), 0);
	cr_expect_eq(s.schema, 1, "who reads leaves it as it is");
	cr_expect_eq(s.open.bytes_sized, 0);
	cr_assert_eq(update(&s), 0);
	cr_expect_eq(s.schema, CTM_STORE_SCHEMA);
	want.number = OPEN_JOB;
	want.files_sized = 2;
	want.bytes_sized = 1100;
	want.files_hashed = 1;
	want.bytes_evident = 111; /* with what the hook saw of the second */
	want.revision = s.open.revision;
	cr_expect(same_job(&s.open, &want));
	cr_expect_neq(s.open.revision, old_job.revision, "a look that was on its way is stale");
	want = old_job;
	want.number = ENDED_JOB;
	want.state = CTM_JOB_SUCCEEDED;
	cr_expect(same_job(&s.ended, &want), "what has ended stays as it was");
}

/* No job had a deadline: now all are to be looked at, in whatever boot. */
Test(store_migrate, deadlines)
{
	struct seen s = {.answer = 0};

	shelf_run(write_old);
	shelf_reopen();
	cr_assert_eq(update(&s), 0);
	cr_expect_neq(s.deadline_boot, 0, "0 would say that there is none");
	cr_expect_neq(s.deadline_boot, ctm_clock_now().boot);
	cr_expect_eq(s.deadline_boot, UINT64_MAX);
}

/* A second update sums nothing up again. */
Test(store_migrate, once)
{
	struct seen first = {.answer = 0};
	struct seen second = {.answer = 0};

	shelf_run(write_old);
	shelf_reopen();
	cr_assert_eq(update(&first), 0);
	shelf_reopen();
	cr_assert_eq(update(&second), 0);
	cr_expect(same_job(&first.open, &second.open));
}

/* The update that fails takes the migration with it; the next one does it. */
Test(store_migrate, in_the_transaction_of_the_update)
{
	struct seen s = {.answer = -EDOM};

	shelf_run(write_old);
	shelf_reopen();
	cr_assert_eq(update(&s), -EDOM);
	cr_assert_eq(ctm_store_read(shelf, see_body, &s, NULL), -EDOM);
	cr_expect_eq(s.schema, 1);
	cr_expect_eq(s.open.files_sized, 0);
	s.answer = 0;
	cr_assert_eq(update(&s), 0);
	cr_expect_eq(s.schema, CTM_STORE_SCHEMA);
	cr_expect_eq(s.open.files_sized, 2);
}

static int read_rest_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct seen *s = context;

	(void)e;
	cr_assert_eq(ctm_store_file_get(txn, OPEN_JOB, 4, &s->file), 0);
	cr_assert_eq(ctm_store_message_get(txn, ENDED_JOB, &s->message), 0);
	return 0;
}

/* Files and messages are read as they are; a message that waited still waits. */
Test(store_migrate, files_and_messages)
{
	struct seen s;

	shelf_run(write_old);
	shelf_reopen();
	cr_assert_eq(ctm_store_update(shelf, read_rest_body, &s, NULL), 0);
	cr_expect_str_eq(s.file.path, "/srv/d");
	cr_expect_eq(s.file.cause, 0x80070570);
	cr_expect_not(s.file.given_up);
	cr_expect_eq(s.message.state, CTM_MESSAGE_WAITING);
	cr_expect_eq(s.message.attempts, 2);
	cr_expect_eq(s.message.bytes_total, 9);
	ctm_file_done(&s.file);
	ctm_message_done(&s.message);
}

static void write_newer(struct ctm_txn *txn)
{
	cr_assert_eq(ctm_store_setting_put(txn, CTM_SETTING_SCHEMA, CTM_STORE_SCHEMA + 1), 0);
}

static int no_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	(void)txn;
	(void)e;
	*(bool *)context = true;
	return 0;
}

Test(store_migrate, newer)
{
	struct ctm_error e = CTM_ERROR_INIT;
	bool ran = false;

	shelf_run(write_newer);
	shelf_reopen();
	cr_expect_eq(ctm_store_update(shelf, no_body, &ran, &e), -EPROTO);
	cr_expect_not_null(strstr(e.text, "schema 4"), "%s", e.text);
	cr_expect_eq(ctm_store_read(shelf, no_body, &ran, &e), -EPROTO);
	cr_expect_not(ran);
}

static int new_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct seen *s = context;

	(void)e;
	cr_assert_eq(ctm_store_setting_get(txn, CTM_SETTING_SCHEMA, &s->schema), 0);
	return ctm_store_setting_get(txn, CTM_SETTING_DEADLINE_BOOT, &s->deadline_boot);
}

/* A store that is new has no job, and no deadline to look for. */
Test(store_migrate, new)
{
	struct seen s = {.deadline_boot = 5};

	cr_assert_eq(ctm_store_update(shelf, new_body, &s, NULL), 0);
	cr_expect_eq(s.schema, CTM_STORE_SCHEMA);
	cr_expect_eq(s.deadline_boot, 0);
}
