/* SPDX-License-Identifier: MIT */
#include "status_collect.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "status_filter.h"

struct collecting {
	struct ctm_status *status;
	char *const *names;
	size_t n;
	const struct ctm_status_filter *filter; /* NULL: none */
	/* Jobs from the first of these on, as far as before the second, have no message. */
	uint32_t bare_from;
	uint64_t bare_to;
};

/* Room for one more at the end of a list. NULL: no memory. */
static void *room(void **items, size_t n, size_t *cap, size_t size)
{
	void *grown;

	if (n == *cap) {
		const size_t more = *cap ? *cap * 2 : 64;

		grown = reallocarray(*items, more, size);
		if (!grown)
			return NULL;
		*items = grown;
		*cap = more;
	}
	return memset((char *)*items + n * size, 0, size);
}

static void job_done(struct ctm_status_job *job)
{
	if (job->message)
		ctm_message_done(job->message);
	free(job->message);
}

/* What is shown of a job's words. 0 or -ENOMEM. */
static int keep_text(
	struct ctm_arena *arena, const struct ctm_job_text *words, struct ctm_job_text *ret_text)
{
	*ret_text = (struct ctm_job_text){
		.id = ctm_arena_text(arena, words->id),
		.endpoint = ctm_arena_text(arena, words->endpoint),
		.content_id = ctm_arena_text(arena, words->content_id),
		.content_version = ctm_arena_text(arena, words->content_version),
		.local_path = ctm_arena_text(arena, words->local_path),
		.sidecar = ctm_arena_text(arena, words->sidecar),
		.cause = ctm_arena_text(arena, words->cause),
	};
	return ret_text->id && ret_text->endpoint && ret_text->content_id &&
			       ret_text->content_version && ret_text->local_path &&
			       ret_text->sidecar && ret_text->cause
		       ? 0
		       : -ENOMEM;
}

static int get_text(
	struct ctm_txn *txn, uint32_t job, struct ctm_arena *arena, struct ctm_job_text *ret_text)
{
	struct ctm_job_text words = {0};
	int r = ctm_store_text_get(txn, job, &words);

	if (r == 0)
		r = keep_text(arena, &words, ret_text);
	ctm_job_text_done(&words);
	return r;
}

/* A copy of it, or NULL where it has none, which most are known not to have by the one before. */
static int get_message(
	struct ctm_txn *txn, struct collecting *c, uint32_t job, struct ctm_message **ret_message)
{
	struct ctm_message message;
	uint32_t next;
	int r;

	if (job < c->bare_from || job >= c->bare_to) {
		r = ctm_store_message_from(txn, job, &next);
		if (r < 0 && r != -ENOENT)
			return r;
		c->bare_from = job;
		c->bare_to = r == 0 ? next : UINT64_MAX;
	}
	if (job < c->bare_to)
		return 0;
	r = ctm_store_message_get(txn, job, &message);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	*ret_message = malloc(sizeof message);
	if (!*ret_message) {
		ctm_message_done(&message);
		return -ENOMEM;
	}
	**ret_message = message;
	return 0;
}

static int add_job(struct ctm_txn *txn, const struct ctm_job *found, void *context)
{
	struct collecting *c = context;
	struct ctm_status *status = c->status;
	const struct ctm_arena before = status->texts;
	void *items = status->jobs;
	struct ctm_status_job *job =
		room(&items, status->n_jobs, &status->cap_jobs, sizeof *status->jobs);
	int r;

	status->jobs = items;
	if (!job)
		return -ENOMEM;
	job->job = *found;
	ctm_job_grow_older(&job->job, &status->now);
	job->left_ms = ctm_job_time_left_ms(&job->job, &status->now, status->give_up_s);
	job->has_deadline = job->left_ms != UINT64_MAX;
	r = get_text(txn, found->number, &status->texts, &job->text);
	if (r < 0)
		return r;
	status->n_jobs++;
	r = get_message(txn, c, found->number, &job->message);
	if (c->filter && !ctm_status_filter_admits(c->filter, job)) {
		job_done(job);
		ctm_arena_rewind(&status->texts, &before);
		status->n_jobs--;
	}
	return r;
}

static bool has_job(const struct ctm_status *status, uint32_t number)
{
	for (size_t i = 0; i < status->n_jobs; i++)
		if (status->jobs[i].job.number == number)
			return true;
	return false;
}

static int by_number(const void *a, const void *b)
{
	const struct ctm_status_job *left = a;
	const struct ctm_status_job *right = b;

	return (left->job.number > right->job.number) - (left->job.number < right->job.number);
}

static int add_named(struct ctm_txn *txn, struct collecting *c, struct ctm_error *e)
{
	struct ctm_job job;
	uint32_t number;

	for (size_t i = 0; i < c->n; i++) {
		int r = ctm_command_find_job(txn, c->names[i], &number, e);

		if (r < 0)
			return r;
		if (has_job(c->status, number))
			continue;
		r = ctm_store_job_get(txn, number, &job);
		if (r == 0)
			r = add_job(txn, &job, c);
		if (r < 0)
			return ctm_error_set(
				e, r, "cannot read job \"%s\": %s", c->names[i], strerror(-r));
	}
	qsort(c->status->jobs, c->status->n_jobs, sizeof *c->status->jobs, by_number);
	return 0;
}

static int copy_record(const struct ctm_sidecar_record *from, struct ctm_sidecar_record *to)
{
	*to = *from;
	to->path = strdup(from->path);
	to->id = strdup(from->id);
	to->endpoint = strdup(from->endpoint);
	to->complaint = strdup(from->complaint);
	if (to->path && to->id && to->endpoint && to->complaint)
		return 0;
	ctm_sidecar_record_done(to);
	return -ENOMEM;
}

static int add_sidecar(struct ctm_txn *txn, const struct ctm_sidecar_record *found, void *context)
{
	struct ctm_status *status = context;
	void *items = status->sidecars;
	struct ctm_sidecar_record *record;
	int r;

	(void)txn;
	if (!status->all && !has_job(status, found->job))
		return 0;
	record = room(&items, status->n_sidecars, &status->cap_sidecars, sizeof *record);
	status->sidecars = items;
	r = record ? copy_record(found, record) : -ENOMEM;
	status->n_sidecars += r == 0;
	return r;
}

static int collect_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct collecting *c = context;
	struct ctm_status *status = c->status;
	uint64_t flushed = 0;
	int r = c->n ? add_named(txn, c, e) : ctm_store_job_each(txn, add_job, c);

	if (r < 0 && c->n)
		return r;
	if (r == 0)
		r = ctm_store_sidecar_each_bad(txn, add_sidecar, status);
	if (r == 0)
		r = ctm_store_unclaimed_count(txn, &status->unclaimed);
	if (r == 0)
		r = ctm_store_setting_get(txn, CTM_SETTING_FLUSHED, &flushed);
	status->flushed_s = (int64_t)flushed;
	return r < 0 ? ctm_error_set(e, r, "cannot read the store: %s", strerror(-r)) : 0;
}

int ctm_status_collect(struct ctm_state *state, char *const *names, size_t n,
	const struct ctm_status_filter *filter, struct ctm_status *status, struct ctm_error *e)
{
	struct collecting c = {.status = status, .names = names, .n = n, .filter = filter};

	*status = (struct ctm_status){.all = !n && !(filter && ctm_status_filter_is_set(filter)),
		.give_up_s = state->config->give_up_s,
		.now = ctm_clock_now()};
	return ctm_flow_read(state, collect_body, &c, e);
}

void ctm_status_done(struct ctm_status *status)
{
	for (size_t i = 0; i < status->n_jobs; i++)
		job_done(&status->jobs[i]);
	for (size_t i = 0; i < status->n_sidecars; i++)
		ctm_sidecar_record_done(&status->sidecars[i]);
	ctm_arena_done(&status->texts);
	free(status->jobs);
	free(status->sidecars);
	*status = (struct ctm_status){0};
}

static bool waits(const struct ctm_status_job *job)
{
	if (job->message && job->message->state == CTM_MESSAGE_WAITING)
		return true;
	return !ctm_job_has_ended(&job->job);
}

bool ctm_status_is_neglected(const struct ctm_status *status)
{
	bool something = status->n_sidecars || status->unclaimed;

	if (status->now.wall_ms / 1000 - status->flushed_s < CTM_STATUS_FLUSH_S)
		return false;
	for (size_t i = 0; !something && i < status->n_jobs; i++)
		something = waits(&status->jobs[i]);
	return something;
}

const char *ctm_status_fate_name(enum ctm_sidecar_fate fate)
{
	static const char *const names[] = {
		[CTM_FATE_REGISTERED] = "registered",
		[CTM_FATE_INVALID] = "invalid",
		[CTM_FATE_REFUSED] = "refused",
		[CTM_FATE_NOT_WHOLE] = "not whole",
		[CTM_FATE_DUPLICATE] = "duplicate",
	};

	return fate > 0 && fate < sizeof names / sizeof *names ? names[fate] : "unknown";
}

bool ctm_status_cause(
	const struct ctm_status_job *job, uint32_t *ret_hresult, const char **ret_text)
{
	const bool told = job->message && job->message->kind == CTM_MESSAGE_ERROR;

	*ret_hresult = told ? job->message->error_code : job->job.cause;
	*ret_text = told ? job->message->error_message : job->text.cause;
	return *ret_hresult || (*ret_text && **ret_text);
}

/* What a final word said is what was counted and verified; before it there are only facts. */
static bool has_succeeded(const struct ctm_status_job *job)
{
	return job->message && job->message->kind == CTM_MESSAGE_SUCCESS;
}

uint64_t ctm_status_bytes(const struct ctm_status_job *job)
{
	return has_succeeded(job) ? job->message->bytes_transferred : job->job.bytes_evident;
}

bool ctm_status_bytes_total(const struct ctm_status_job *job, uint64_t *ret_bytes)
{
	if (!has_succeeded(job) && !job->job.has_bytes_total)
		return false;
	*ret_bytes = has_succeeded(job) ? job->message->bytes_total : job->job.bytes_total;
	return true;
}

uint32_t ctm_status_files(const struct ctm_status_job *job)
{
	return has_succeeded(job) ? job->message->files_transferred : job->job.files_evident;
}

uint32_t ctm_status_files_total(const struct ctm_status_job *job)
{
	return has_succeeded(job) ? job->message->files_total : job->job.files_total;
}
