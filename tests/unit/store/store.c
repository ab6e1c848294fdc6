/* SPDX-License-Identifier: MIT */
#include "store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "buf.h"
#include "files.h"
#include "shelf.h"

TestSuite(store, .init = shelf_init, .fini = shelf_done, .timeout = 120);

#define MEGABYTES 70 /* more than the first map has */
#define CHUNK ((size_t)512 << 10)

static int get(enum ctm_setting setting, uint64_t *value);

struct setting {
	enum ctm_setting setting;
	uint64_t value;
	int answer;
	unsigned runs;
};

static int put_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct setting *s = context;
	int r = ctm_store_setting_put(txn, s->setting, s->value);

	s->runs++;
	return s->answer ? ctm_error_set(e, s->answer, "so be it") : r;
}

static int get_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct setting *s = context;

	(void)e;
	s->runs++;
	return ctm_store_setting_get(txn, s->setting, &s->value);
}

static int put(enum ctm_setting setting, uint64_t value, int answer)
{
	struct setting s = {.setting = setting, .value = value, .answer = answer};

	return ctm_store_update(shelf, put_body, &s, NULL);
}

static int get(enum ctm_setting setting, uint64_t *value)
{
	struct setting s = {.setting = setting};
	int r = ctm_store_read(shelf, get_body, &s, NULL);

	*value = s.value;
	return r;
}

Test(store, commits)
{
	uint64_t value = 1;

	cr_expect_eq(get(CTM_SETTING_FLUSHED, &value), 0, "of a store that is new");
	cr_expect_eq(value, 0, "never set");
	cr_expect_eq(put(CTM_SETTING_FLUSHED, UINT64_MAX, 0), 0);
	shelf_reopen();
	cr_expect_eq(get(CTM_SETTING_FLUSHED, &value), 0);
	cr_expect_eq(value, UINT64_MAX);
	cr_expect_eq(get(CTM_SETTING_SCHEMA, &value), 0);
	cr_expect_eq(value, CTM_STORE_SCHEMA);
}

/* What a body returns comes out; a negative answer leaves nothing. */
Test(store, aborts)
{
	struct setting s = {.setting = CTM_SETTING_FLUSHED, .value = 5, .answer = -EDOM};
	struct ctm_error e = CTM_ERROR_INIT;
	uint64_t value;

	cr_expect_eq(put(CTM_SETTING_FLUSHED, 4, 7), 7, "a positive fact commits");
	cr_expect_eq(ctm_store_update(shelf, put_body, &s, &e), -EDOM);
	cr_expect_str_eq(e.text, "so be it");
	cr_expect_eq(s.runs, 1);
	cr_expect_eq(get(CTM_SETTING_FLUSHED, &value), 0);
	cr_expect_eq(value, 4);
	shelf_reopen();
	cr_expect_eq(get(CTM_SETTING_FLUSHED, &value), 0);
	cr_expect_eq(value, 4);
}

Test(store, reading_writes_nothing)
{
	struct setting s = {.setting = CTM_SETTING_FLUSHED, .value = 5};

	cr_expect_lt(ctm_store_read(shelf, put_body, &s, NULL), 0);
}

Test(store, version)
{
	uint64_t before;
	uint64_t value;

	put(CTM_SETTING_FLUSHED, 1, 0);
	before = ctm_store_version(shelf);
	get(CTM_SETTING_FLUSHED, &value);
	put(CTM_SETTING_FLUSHED, 2, -EIO);
	cr_expect_eq(ctm_store_version(shelf), before, "neither a read nor an abort is a commit");
	put(CTM_SETTING_FLUSHED, 2, 0);
	cr_expect_neq(ctm_store_version(shelf), before);
}

Test(store, mode)
{
	struct stat st;

	put(CTM_SETTING_FLUSHED, 1, 0);
	cr_assert_eq(stat(scratch_path(CTM_STORE_FILE), &st), 0);
	cr_expect_eq(st.st_mode & 07777, 0600);
}

Test(store, newer_schema)
{
	struct setting s = {.setting = CTM_SETTING_FLUSHED, .value = 9};
	struct ctm_error e = CTM_ERROR_INIT;

	cr_assert_eq(put(CTM_SETTING_SCHEMA, CTM_STORE_SCHEMA + 1, 0), 0);
	shelf_reopen();
	cr_expect_eq(ctm_store_update(shelf, put_body, &s, &e), -EPROTO);
	cr_expect_not_null(strstr(e.text, "schema 4"), "%s", e.text);
	cr_expect_eq(ctm_store_read(shelf, get_body, &s, &e), -EPROTO);
	cr_expect_eq(s.runs, 0, "no body sees it");
}

struct filling {
	unsigned megabytes;
	unsigned runs;
	int answer;
};

static int fill_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct filling *f = context;
	char *chunk = malloc(CHUNK + 1);
	char nothing[] = "";
	struct ctm_job_text text = {.id = nothing, .cause = chunk};
	int r = 0;

	(void)e;
	cr_assert_not_null(chunk);
	memset(chunk, 'x', CHUNK);
	chunk[CHUNK] = '\0';
	f->runs++;
	for (uint32_t i = 1; r == 0 && i <= f->megabytes * 2; i++)
		r = ctm_store_text_put(txn, i, &text);
	free(chunk);
	return r < 0 ? r : f->answer;
}

static int last_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct filling *f = context;
	struct ctm_job_text text;
	int r = ctm_store_text_get(txn, f->megabytes * 2, &text);

	(void)e;
	if (r == 0) {
		cr_expect_eq(strlen(text.cause), CHUNK);
		ctm_job_text_done(&text);
	}
	return r;
}

/* The map grows, and the body runs again as if nothing had been. */
Test(store, grows)
{
	struct filling f = {.megabytes = MEGABYTES};
	struct ctm_error e = CTM_ERROR_INIT;

	cr_expect_eq(ctm_store_update(shelf, fill_body, &f, &e), 0, "%s", e.text);
	cr_expect_eq(f.runs, 2);
	cr_expect_eq(ctm_store_read(shelf, last_body, &f, NULL), 0);
	shelf_reopen();
	cr_expect_eq(
		ctm_store_read(shelf, last_body, &f, NULL), 0, "the file says how large it is");
	f.runs = 0;
	cr_expect_eq(ctm_store_update(shelf, fill_body, &f, &e), 0, "%s", e.text);
}

Test(store, grows_and_aborts)
{
	struct filling f = {.megabytes = MEGABYTES, .answer = -EDOM};

	cr_expect_eq(ctm_store_update(shelf, fill_body, &f, NULL), -EDOM);
	cr_expect_eq(ctm_store_read(shelf, last_body, &f, NULL), -ENOENT);
}

/* Another process made it larger: this one takes that over. */
Test(store, grown_by_another_process)
{
	struct filling f = {.megabytes = MEGABYTES};
	uint64_t value;
	int status;
	pid_t child;

	put(CTM_SETTING_FLUSHED, 3, 0);
	child = fork();
	if (child == 0) {
		struct ctm_store *own;

		if (ctm_store_open(scratch_path(CTM_STORE_FILE), &own, NULL) < 0)
			_exit(1);
		_exit(ctm_store_update(own, fill_body, &f, NULL) == 0 ? 0 : 2);
	}
	cr_assert_eq(waitpid(child, &status, 0), child);
	cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	cr_expect_eq(get(CTM_SETTING_FLUSHED, &value), 0);
	cr_expect_eq(value, 3);
	cr_expect_eq(ctm_store_read(shelf, last_body, &f, NULL), 0);
	cr_expect_eq(put(CTM_SETTING_FLUSHED, 4, 0), 0);
}

/* Killed before its commit: the next one sees what was there before. */
Test(store, killed_in_a_body)
{
	uint64_t value;
	int status;
	pid_t child;

	put(CTM_SETTING_FLUSHED, 3, 0);
	child = fork();
	if (child == 0) {
		struct filling f = {.megabytes = 8, .answer = -EDOM};
		struct ctm_store *own;

		if (ctm_store_open(scratch_path(CTM_STORE_FILE), &own, NULL) == 0)
			ctm_store_update(own, fill_body, &f, NULL);
		_exit(0);
	}
	cr_assert_eq(waitpid(child, &status, 0), child);
	shelf_reopen();
	cr_expect_eq(get(CTM_SETTING_FLUSHED, &value), 0);
	cr_expect_eq(value, 3);
}

Test(store, close_nothing)
{
	ctm_store_close(NULL);
}
