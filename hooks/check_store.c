/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check_jobs.h"
#include "drain.h"

/* How the process that reads first ends; anything else is a death. */
enum {
	PROBE_DONE = 10,
	PROBE_WORK = 11
};

static struct ctm_check_job *room_for_job(struct ctm_check_jobs *jobs)
{
	struct ctm_check_job *grown;
	size_t cap = jobs->cap_jobs ? jobs->cap_jobs * 2 : 64;

	if (jobs->n_jobs == jobs->cap_jobs) {
		grown = reallocarray(jobs->jobs, cap, sizeof *grown);
		if (!grown)
			return NULL;
		jobs->jobs = grown;
		jobs->cap_jobs = cap;
	}
	return &jobs->jobs[jobs->n_jobs];
}

/* 1 ends the list: one is enough. */
static int lacks_gid(struct ctm_txn *txn, const struct ctm_file *file, void *context)
{
	(void)txn;
	(void)context;
	return !file->gid && !file->evident;
}

/* A job whose files are not listed yet has none with a gid. */
static int find_lacking(struct ctm_txn *txn, const struct ctm_job *job, bool *ret_lacks)
{
	int r = job->kind == CTM_KIND_LISTED
			? ctm_store_file_each(txn, job->number, lacks_gid, NULL)
			: !ctm_job_is_complete(job);

	*ret_lacks = r > 0;
	return r < 0 ? r : 0;
}

static int add_job(struct ctm_txn *txn, const struct ctm_job *found, void *context)
{
	struct ctm_check_jobs *jobs = context;
	struct ctm_check_job *job = room_for_job(jobs);
	struct ctm_job_text text;
	int r;

	if (!job)
		return -ENOMEM;
	*job = (struct ctm_check_job){.open = !ctm_job_has_ended(found)};
	r = ctm_store_text_get(txn, found->number, &text);
	if (r < 0)
		return r;
	(void)ctm_guid_key(text.id, job->key);
	job->id = text.id;
	job->sidecar = text.sidecar;
	text.id = text.sidecar = NULL;
	ctm_job_text_done(&text);
	jobs->n_jobs++;
	return job->open ? find_lacking(txn, found, &job->lacks_gid) : 0;
}

static int copy_record(const struct ctm_sidecar_record *from, struct ctm_sidecar_record *to)
{
	*to = (struct ctm_sidecar_record){
		.path = strdup(from->path),
		.fate = from->fate,
		.mtime_ns = from->mtime_ns,
		.size = from->size,
		.inode = from->inode,
		.job = from->job,
		.complaint = strdup(from->complaint),
	};
	if (to->path && to->complaint)
		return 0;
	ctm_sidecar_record_done(to);
	return -ENOMEM;
}

static int add_record(struct ctm_txn *txn, const struct ctm_sidecar_record *found, void *context)
{
	struct ctm_check_jobs *jobs = context;
	size_t cap = jobs->cap_records ? jobs->cap_records * 2 : 64;
	struct ctm_sidecar_record *grown;
	int r;

	(void)txn;
	if (jobs->n_records == jobs->cap_records) {
		grown = reallocarray(jobs->records, cap, sizeof *grown);
		if (!grown)
			return -ENOMEM;
		jobs->records = grown;
		jobs->cap_records = cap;
	}
	r = copy_record(found, &jobs->records[jobs->n_records]);
	jobs->n_records += r == 0;
	return r;
}

static int read_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct ctm_check_jobs *jobs = context;
	uint64_t flushed = 0;
	int r = ctm_store_job_each(txn, add_job, jobs);

	if (r == 0)
		r = ctm_store_sidecar_each(txn, add_record, jobs);
	if (r == 0)
		r = ctm_store_setting_get(txn, CTM_SETTING_FLUSHED, &flushed);
	jobs->flushed_s = (int64_t)flushed;
	return r < 0 ? ctm_error_set(e, r, "cannot read the store: %s", strerror(-r)) : 0;
}

static int by_key(const void *a, const void *b)
{
	const struct ctm_check_job *left = a;
	const struct ctm_check_job *right = b;

	return strcmp(left->key, right->key);
}

static int by_path(const void *a, const void *b)
{
	const struct ctm_sidecar_record *left = a;
	const struct ctm_sidecar_record *right = b;

	return strcmp(left->path, right->path);
}

/* Without a store file there is nothing to read, and none is made. */
static bool has_store(const struct ctm_check *check)
{
	return check->state && faccessat(check->state->dir_fd, CTM_STORE_FILE, F_OK, 0) == 0;
}

static int touch_file(struct ctm_txn *txn, const struct ctm_file *file, void *context)
{
	(void)txn;
	(void)file;
	(void)context;
	return 0;
}

static int touch_unclaimed(
	struct ctm_txn *txn, const struct ctm_unclaimed *unclaimed, void *context)
{
	(void)txn;
	(void)unclaimed;
	(void)context;
	return 0;
}

static int touch_job(struct ctm_txn *txn, const struct ctm_job *job, void *context)
{
	struct ctm_message message;
	int r = ctm_store_message_get(txn, job->number, &message);

	(void)context;
	if (r == 0)
		ctm_message_done(&message);
	return r < 0 && r != -ENOENT ? r : ctm_store_file_each(txn, job->number, touch_file, NULL);
}

static int touch_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct ctm_check_jobs jobs = {0};
	int r = read_body(txn, &jobs, e);

	(void)context;
	if (r == 0)
		r = ctm_store_job_each(txn, touch_job, NULL);
	if (r == 0)
		r = ctm_store_unclaimed_each(txn, touch_unclaimed, NULL);
	ctm_check_jobs_done(&jobs);
	return r;
}

/*
 * LMDB maps its file and trusts it: a page that is cut off or overwritten can end whoever reads it
 * with SIGBUS or SIGSEGV. So another process reads everything first. It opens the state for itself:
 * a store never goes across a fork.
 */
static void read_all(const struct ctm_config *config)
{
	const struct rlimit none = {0};
	struct ctm_state *state = NULL;
	int status = PROBE_DONE;

	setrlimit(RLIMIT_CORE, &none);
	if (ctm_state_open(config, CTM_STATE_LOOK, &state, NULL) == 0) {
		(void)ctm_flow_read(state, touch_body, NULL, NULL);
		status = state->work ? PROBE_WORK : PROBE_DONE;
	}
	_exit(status);
}

/* False: the reader died of the store. */
static bool survives_reading(struct ctm_check *check)
{
	const pid_t pid = fork();
	int status = 0;

	if (pid < 0)
		return true; /* not to be told */
	if (pid == 0)
		read_all(check->config);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return true;
	if (WIFEXITED(status) && WEXITSTATUS(status) == PROBE_WORK)
		check->state->work = true; /* its drain left it to us to wake a deliverer */
	return WIFEXITED(status) &&
	       (WEXITSTATUS(status) == PROBE_DONE || WEXITSTATUS(status) == PROBE_WORK);
}

int ctm_check_jobs_read(struct ctm_check *check, struct ctm_check_jobs *jobs)
{
	struct ctm_error e = CTM_ERROR_INIT;
	int r;

	*jobs = (struct ctm_check_jobs){.known = true};
	if (!has_store(check))
		return 0;
	if (survives_reading(check))
		r = ctm_flow_read(check->state, read_body, jobs, &e);
	else
		r = ctm_error_set(&e, -EBADMSG,
			"the store \"%s/" CTM_STORE_FILE
			"\" is damaged: reading it ends the reader",
			check->config->state_dir);
	if (r < 0) {
		if (!e.code)
			ctm_error_set(&e, r, "cannot read the store: %s", strerror(-r));
		ctm_check_store_failure(check, &e);
		jobs->known = false;
	}
	if (jobs->n_jobs)
		qsort(jobs->jobs, jobs->n_jobs, sizeof *jobs->jobs, by_key);
	if (jobs->n_records)
		qsort(jobs->records, jobs->n_records, sizeof *jobs->records, by_path);
	return r == -ENOMEM ? r : 0;
}

void ctm_check_jobs_done(struct ctm_check_jobs *jobs)
{
	for (size_t i = 0; i < jobs->n_jobs; i++) {
		free(jobs->jobs[i].id);
		free(jobs->jobs[i].sidecar);
	}
	for (size_t i = 0; i < jobs->n_records; i++)
		ctm_sidecar_record_done(&jobs->records[i]);
	free(jobs->jobs);
	free(jobs->records);
	*jobs = (struct ctm_check_jobs){0};
}

const struct ctm_check_job *ctm_check_jobs_find(const struct ctm_check_jobs *jobs, const char *key)
{
	struct ctm_check_job wanted;

	snprintf(wanted.key, sizeof wanted.key, "%s", key);
	return jobs->n_jobs ? bsearch(&wanted, jobs->jobs, jobs->n_jobs, sizeof wanted, by_key)
			    : NULL;
}

const struct ctm_sidecar_record *ctm_check_jobs_record(
	const struct ctm_check_jobs *jobs, const char *path)
{
	const struct ctm_sidecar_record wanted = {.path = (char *)(uintptr_t)path};

	return jobs->n_records
		       ? bsearch(&wanted, jobs->records, jobs->n_records, sizeof wanted, by_path)
		       : NULL;
}
