/* SPDX-License-Identifier: MIT */
#include "register.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "complain.h"
#include "deadline.h"
#include "path.h"
#include "register_files.h"
#include "register_heard.h"
#include "register_record.h"

/* Whether the sidecar says of the job as a whole what is known of it. */
static bool is_same(const struct ctm_job *job, const struct ctm_sidecar *sidecar)
{
	return job->priority == sidecar->priority && job->flags == sidecar->flags &&
	       job->delete_on_error == sidecar->delete_on_error &&
	       job->has_bytes_total == sidecar->has_bytes_total &&
	       job->bytes_total == sidecar->bytes_total &&
	       job->files_total == sidecar->files_total && job->timeout_s == sidecar->timeout_s &&
	       job->chunk_size == sidecar->chunk_size;
}

/*
 * What may change after registration. One that was only touched throws no look away that is under
 * way: a look can take longer than it is until the next touch.
 */
static void take_over(struct ctm_job *job, const struct ctm_sidecar *sidecar)
{
	job->revision += !is_same(job, sidecar);
	job->priority = sidecar->priority;
	job->flags = sidecar->flags;
	job->delete_on_error = sidecar->delete_on_error;
	job->has_bytes_total = sidecar->has_bytes_total;
	job->bytes_total = sidecar->bytes_total;
	job->files_total = sidecar->files_total;
	job->timeout_s = sidecar->timeout_s;
	job->chunk_size = sidecar->chunk_size;
}

/*
 * When the job was known: its sidecar may have lain there for a while before it was read. A rename
 * sets the ctime.
 */
static int64_t known_since_ms(const struct stat *st, const struct ctm_stamp *now)
{
	int64_t there_ms = (int64_t)st->st_ctim.tv_sec * 1000 + st->st_ctim.tv_nsec / 1000000;

	return there_ms < now->wall_ms ? there_ms : now->wall_ms;
}

static int add_job(struct ctm_txn *txn, struct ctm_registration *reg, struct ctm_fold *fold)
{
	const struct ctm_stamp *now = &fold->now;
	const struct ctm_sidecar *sidecar = reg->sidecar;
	const struct ctm_job_text text = {
		.id = ctm_register_borrowed(sidecar->id),
		.endpoint = ctm_register_borrowed(sidecar->endpoint),
		.client_data = ctm_register_borrowed(sidecar->client_data),
		.content_id = ctm_register_borrowed(sidecar->content_id),
		.content_version = ctm_register_borrowed(sidecar->content_version),
		.local_path = ctm_register_borrowed(sidecar->local_path),
		.sidecar = ctm_register_borrowed(sidecar->file),
		.cause = ctm_register_borrowed(""),
	};
	struct ctm_job job = {
		.state = CTM_JOB_OPEN,
		.kind = sidecar->kind,
		.next_file = 1,
		.local_len = (uint32_t)strlen(sidecar->local_path),
		.seen = *now,
		.look_from = *now,
		.created_ms = known_since_ms(reg->st, now),
	};
	int r;

	take_over(&job, sidecar);
	r = ctm_store_job_add(txn, &job, &text);
	if (r == 0 && job.kind != CTM_KIND_LISTED)
		r = ctm_store_root_add(txn, job.number, sidecar->local_path);
	if (r == 0)
		r = ctm_register_files(txn, &job, sidecar, reg->assign_gids);
	if (r == 0)
		r = ctm_register_heard(txn, &job, 1, fold);
	if (r == 0)
		r = ctm_store_job_put(txn, &job);
	if (r == 0)
		r = ctm_deadline_note(txn, &job, fold);
	reg->job = job.number;
	reg->outcome = CTM_REGISTERED_NEW;
	return r;
}

/* Says why, and that is no failure of the store. */
static int refuse(struct ctm_registration *reg, enum ctm_registered outcome, const char *format,
	const char *what, const char *which)
{
	reg->outcome = outcome;
	/* The formats are the literals below. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	snprintf(reg->complaint, sizeof reg->complaint, format, what, which);
#pragma GCC diagnostic pop
	return 0;
}

/* The job of the sidecar that was last read at that path; 0: of none. */
static int job_at(struct ctm_txn *txn, const char *path, uint32_t *ret_job)
{
	struct ctm_sidecar_record record;
	int r = ctm_store_sidecar_get(txn, path, &record);

	*ret_job = 0;
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	*ret_job = record.job;
	ctm_sidecar_record_done(&record);
	return 0;
}

/*
 * The sidecar was moved; what is known of the job goes with it. What was known of its old place
 * would keep it from being read there, should it come back.
 */
static int follow(struct ctm_txn *txn, uint32_t job, struct ctm_job_text *text, const char *path)
{
	uint32_t there;
	int r;

	if (strcmp(text->sidecar, path) == 0)
		return 0;
	r = job_at(txn, text->sidecar, &there);
	if (r == 0 && there == job)
		r = ctm_store_sidecar_delete(txn, text->sidecar);
	if (r < 0)
		return r;
	free(text->sidecar);
	text->sidecar = strdup(path);
	return text->sidecar ? ctm_store_text_put(txn, job, text) : -ENOMEM;
}

/*
 * What the sidecar says of the job as a whole. Of the very file that was registered, which somebody
 * adds again, what `set` has changed since stays. One that was seen and not believed is another.
 */
static int read_again(struct ctm_txn *txn, const struct ctm_registration *reg,
	const struct ctm_job *job, struct ctm_sidecar *ret_sidecar)
{
	struct ctm_sidecar_record known;
	int r = ctm_store_sidecar_get(txn, reg->sidecar->file, &known);

	*ret_sidecar = *reg->sidecar;
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	if (known.fate == CTM_FATE_REGISTERED && known.job == job->number &&
		ctm_register_is_file(&known, reg->st)) {
		ret_sidecar->timeout_s = job->timeout_s;
		ret_sidecar->priority = job->priority;
	}
	ctm_sidecar_record_done(&known);
	return 0;
}

static int update_job(struct ctm_txn *txn, struct ctm_registration *reg, struct ctm_job *job,
	struct ctm_job_text *text, struct ctm_fold *fold)
{
	const struct ctm_sidecar *sidecar = reg->sidecar;
	const uint32_t first_new = job->next_file;
	struct ctm_sidecar said;
	int r = 0;

	if (job->kind != sidecar->kind || strcmp(text->local_path, sidecar->local_path) != 0)
		return refuse(reg, CTM_REGISTERED_REFUSED,
			"kind and local_path of a job can't change (they are %s and \"%s\"): use a new "
			"id",
			ctm_kind_name(job->kind), text->local_path);
	if (strcmp(text->endpoint, sidecar->endpoint) != 0 ||
		strcmp(text->client_data, sidecar->client_data) != 0)
		return refuse(reg, CTM_REGISTERED_REFUSED,
			"endpoint and client_data of job %s can't change (the endpoint is \"%s\"): use a "
			"new id",
			text->id, CTM_SHOW_URL(text->endpoint));
	r = read_again(txn, reg, job, &said);
	if (r == 0)
		r = follow(txn, job->number, text, sidecar->file);
	if (r < 0)
		return r;
	take_over(job, &said);
	job->generation++;
	if (r == 0)
		r = ctm_register_files(txn, job, sidecar, reg->assign_gids);
	if (r == 0)
		r = ctm_register_drop_files(txn, job);
	if (r == 0)
		r = ctm_register_heard(txn, job, first_new, fold);
	reg->outcome = CTM_REGISTERED_UPDATED;
	if (r == 0)
		r = ctm_store_job_put(txn, job);
	return r < 0 ? r : ctm_deadline_note(txn, job, fold);
}

static int ask_for_look(struct ctm_txn *txn, struct ctm_registration *reg, const char *sidecar)
{
	reg->outcome = CTM_REGISTERED_NOT_YET;
	reg->look_for = strdup(sidecar);
	return reg->look_for ? ctm_store_volume_get(txn, sidecar, &reg->look_volume) : -ENOMEM;
}

enum first {
	FIRST_IS_THERE,
	FIRST_IS_GONE,    /* or this is it */
	FIRST_IS_UNKNOWN, /* it has to be looked for */
};

/* The sidecar that had the id first. Where another job's lies in its place it has been moved. */
static int find_first(struct ctm_txn *txn, const struct ctm_registration *reg, const char *first,
	enum first *ret_first)
{
	uint32_t there = 0;
	const bool itself = strcmp(first, reg->sidecar->file) == 0;
	int r = itself ? 0 : job_at(txn, first, &there);

	if (itself || (there && there != reg->job))
		*ret_first = FIRST_IS_GONE;
	else if (!reg->looked_for || strcmp(reg->looked_for, first) != 0)
		*ret_first = FIRST_IS_UNKNOWN;
	else
		*ret_first = reg->looked_is_there ? FIRST_IS_THERE : FIRST_IS_GONE;
	return r;
}

/* The id is that of a job that has, or had, a sidecar. */
static int meet_sidecar(struct ctm_txn *txn, struct ctm_registration *reg, struct ctm_job *job,
	struct ctm_job_text *text, struct ctm_fold *fold)
{
	enum first first;
	int r = find_first(txn, reg, text->sidecar, &first);

	reg->outcome = CTM_REGISTERED_ENDED;
	if (r < 0)
		return r;
	if (first == FIRST_IS_UNKNOWN)
		return ask_for_look(txn, reg, text->sidecar);
	if (first == FIRST_IS_THERE)
		return refuse(reg, CTM_REGISTERED_DUPLICATE,
			"the id is that of \"%s\" as well, which came first: \"%s\" is refused, give it "
			"an id of its own",
			text->sidecar, reg->sidecar->file);
	if (!ctm_job_has_ended(job))
		return update_job(txn, reg, job, text, fold);
	return follow(txn, reg->job, text, reg->sidecar->file);
}

/* The id is known. */
static int meet_job(struct ctm_txn *txn, struct ctm_registration *reg, struct ctm_fold *fold)
{
	struct ctm_job_text text;
	struct ctm_job job;
	int r = ctm_store_job_get(txn, reg->job, &job);

	if (r == 0)
		r = ctm_store_text_get(txn, reg->job, &text);
	if (r < 0)
		return r;
	if (text.sidecar[0])
		r = meet_sidecar(txn, reg, &job, &text, fold);
	else
		r = refuse(reg, CTM_REGISTERED_DUPLICATE,
			"the final word of job %s was sent by hand: \"%s\" is refused", text.id,
			reg->sidecar->file);
	ctm_job_text_done(&text);
	return r;
}

int ctm_register(struct ctm_txn *txn, struct ctm_registration *reg, struct ctm_fold *fold)
{
	static const enum ctm_sidecar_fate fates[] = {
		[CTM_REGISTERED_NEW] = CTM_FATE_REGISTERED,
		[CTM_REGISTERED_UPDATED] = CTM_FATE_REGISTERED,
		[CTM_REGISTERED_ENDED] = CTM_FATE_REGISTERED,
		[CTM_REGISTERED_DUPLICATE] = CTM_FATE_DUPLICATE,
		[CTM_REGISTERED_REFUSED] = CTM_FATE_INVALID,
	};
	int r;

	reg->complaint[0] = '\0';
	reg->look_for = NULL;
	reg->job = 0;
	r = ctm_store_job_find(txn, reg->sidecar->id, &reg->job);
	if (r == 0)
		r = meet_job(txn, reg, fold);
	else if (r == -ENOENT)
		r = add_job(txn, reg, fold);
	if (r == 0 && reg->outcome == CTM_REGISTERED_NOT_YET)
		return 0;
	if (r == 0)
		r = ctm_register_record(txn, reg->sidecar->file, reg->st, reg->volume,
			fates[reg->outcome], reg->sidecar, reg->complaint,
			reg->outcome == CTM_REGISTERED_DUPLICATE ? 0 : reg->job, &fold->now);
	return r < 0 ? r : ctm_numbers_add(&fold->jobs, reg->job);
}

static int claim(struct ctm_txn *txn, const struct ctm_unclaimed *unclaimed, void *context)
{
	int r = ctm_fold_event(txn, &unclaimed->event, context);

	return r < 0 ? r : 0;
}

int ctm_register_claim(struct ctm_txn *txn, struct ctm_fold *fold)
{
	int r = ctm_store_unclaimed_each(txn, claim, fold);

	return r < 0 ? r : ctm_fold_decide(txn, fold);
}

static int forget(struct ctm_txn *txn, const struct ctm_unclaimed *unclaimed, void *context)
{
	int r = ctm_fold_event(txn, &unclaimed->event, context);

	return r > 0 ? ctm_store_unclaimed_delete(txn, unclaimed) : r;
}

int ctm_register_forget(struct ctm_txn *txn, struct ctm_fold *fold)
{
	int r = ctm_store_unclaimed_each(txn, forget, fold);

	return r < 0 ? r : ctm_fold_decide(txn, fold);
}
