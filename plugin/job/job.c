/* SPDX-License-Identifier: MIT */
#include "job.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void ctm_job_text_done(struct ctm_job_text *text)
{
	free(text->id);
	free(text->endpoint);
	free(text->client_data);
	free(text->content_id);
	free(text->content_version);
	free(text->local_path);
	free(text->sidecar);
	free(text->cause);
	*text = (struct ctm_job_text){0};
}

void ctm_file_done(struct ctm_file *file)
{
	free(file->path);
	free(file->why);
	file->path = file->why = NULL;
}

int ctm_file_copy(const struct ctm_file *file, struct ctm_file *ret_file)
{
	struct ctm_file copy = *file;

	copy.path = strdup(file->path);
	copy.why = strdup(file->why ? file->why : "");
	if (!copy.path || !copy.why) {
		ctm_file_done(&copy);
		return -ENOMEM;
	}
	*ret_file = copy;
	return 0;
}

const char *ctm_job_state_name(enum ctm_job_state state)
{
	static const char *const names[] = {
		[CTM_JOB_OPEN] = "open",
		[CTM_JOB_VERIFYING] = "verifying",
		[CTM_JOB_SUCCEEDED] = "succeeded",
		[CTM_JOB_FAILED] = "failed",
		[CTM_JOB_CANCELLED] = "cancelled",
	};

	return state > 0 && state < sizeof names / sizeof *names ? names[state] : "unknown";
}

bool ctm_job_has_ended(const struct ctm_job *job)
{
	return job->state >= CTM_JOB_SUCCEEDED;
}

#define LATE_MS 60000

bool ctm_job_is_concerned(const struct ctm_job *job, int64_t wall_ms, int64_t ended_ms)
{
	const bool has_earlier = ended_ms && ended_ms <= job->created_ms;

	return wall_ms >= job->created_ms || (!has_earlier && wall_ms + LATE_MS >= job->created_ms);
}

/* Of the file once it is there: what the sidecar says, else what the hook saw. */
static uint64_t known_bytes(const struct ctm_file *file)
{
	if (file->has_size)
		return file->size;
	return file->sight.known ? file->sight.size : 0;
}

/* What the file adds to the job's sums; everything that changes a file goes by these two. */
static void add_sums(struct ctm_job *job, const struct ctm_file *file)
{
	if (file->evident) {
		job->files_evident += file->count;
		job->bytes_evident += known_bytes(file);
		return;
	}
	job->files_given_up += file->given_up;
	job->files_hashed += file->has_sha256;
}

static void remove_sums(struct ctm_job *job, const struct ctm_file *file)
{
	if (file->evident) {
		job->files_evident -= file->count;
		job->bytes_evident -= known_bytes(file);
		return;
	}
	job->files_given_up -= file->given_up;
	job->files_hashed -= file->has_sha256;
}

bool ctm_job_note_begun(struct ctm_job *job)
{
	if (job->begun || !(job->flags & CTM_FLAG_NOTIFYPROGRESS))
		return false;
	job->begun = true;
	return true;
}

bool ctm_job_note_evidence(struct ctm_job *job, struct ctm_file *file)
{
	if (file->evident)
		return false;
	remove_sums(job, file);
	file->evident = true;
	add_sums(job, file);
	/* What was under way may have been these very bytes. */
	job->bytes_under_way = 0;
	(void)ctm_job_note_begun(job);
	job->revision++;
	return true;
}

bool ctm_job_note_sight(
	struct ctm_job *job, struct ctm_file *file, int64_t since_ms, const struct ctm_sight *sight)
{
	if (since_ms <= file->since_ms)
		return false;
	/* A look that compares with what was seen before would be wrong about this one. */
	if (!ctm_sight_is_same(&file->sight, sight))
		job->revision++;
	remove_sums(job, file);
	file->since_ms = since_ms;
	file->sight = *sight;
	add_sums(job, file);
	return true;
}

/* The later one; of two at the same time the same one, whichever came first. */
static bool is_later(const struct ctm_cause *cause, int64_t than_ms, uint32_t than)
{
	if (cause->since_ms != than_ms)
		return cause->since_ms > than_ms;
	return cause->hresult > than;
}

bool ctm_job_remember(struct ctm_job *job, const struct ctm_cause *cause)
{
	if (!is_later(cause, job->cause_ms, job->cause))
		return false;
	job->cause = cause->hresult;
	job->cause_ms = cause->since_ms;
	return true;
}

int ctm_job_note_cause(
	struct ctm_job *job, struct ctm_file *file, const struct ctm_cause *cause, bool given_up)
{
	const bool later = is_later(cause, file->cause_ms, file->cause);
	char *why = later ? strdup(cause->text) : NULL;

	if (later && !why)
		return -ENOMEM;
	if (later) {
		free(file->why);
		file->why = why;
		file->cause = cause->hresult;
		file->cause_ms = cause->since_ms;
	}
	if (!given_up || file->given_up)
		return later;
	remove_sums(job, file);
	file->given_up = true;
	add_sums(job, file);
	return 1;
}

bool ctm_job_note_count(struct ctm_job *job, struct ctm_file *file, uint32_t count)
{
	if (file->evident ? count <= file->count : count == file->count)
		return false;
	remove_sums(job, file);
	file->count = count;
	add_sums(job, file);
	job->revision++;
	return true;
}

bool ctm_job_note_event(struct ctm_file *file, enum ctm_event_type type)
{
	uint32_t bit = 1u << type;

	if (file->events & bit)
		return false;
	file->events |= bit;
	return true;
}

int ctm_job_withdraw(struct ctm_job *job, struct ctm_file *file, const struct ctm_cause *cause)
{
	int r;

	if (!file->evident)
		return 0;
	r = ctm_job_note_cause(job, file, cause, true);
	if (r < 0)
		return r;
	remove_sums(job, file);
	file->evident = false;
	/* Whatever comes next is news, also where a clock that was ahead was set back. */
	file->since_ms = 0;
	file->sight = (struct ctm_sight){0};
	add_sums(job, file);
	job->revision++;
	return 1;
}

void ctm_job_add_file(struct ctm_job *job, const struct ctm_file *file)
{
	job->files_listed++;
	job->files_sized += file->has_size;
	job->bytes_sized += file->has_size ? file->size : 0;
	add_sums(job, file);
	job->revision++;
}

void ctm_job_remove_file(struct ctm_job *job, const struct ctm_file *file)
{
	job->files_listed--;
	job->files_sized -= file->has_size;
	job->bytes_sized -= file->has_size ? file->size : 0;
	remove_sums(job, file);
	job->revision++;
}

bool ctm_file_listens_to(const struct ctm_file *file, uint64_t gid)
{
	return !file->gid || file->gid == gid;
}

bool ctm_job_is_complete(const struct ctm_job *job)
{
	switch (job->kind) {
	case CTM_KIND_LISTED:
		return job->files_total > 0 && job->files_listed == job->files_total &&
		       job->files_evident == job->files_total;
	case CTM_KIND_TOTALS:
		return job->files_total > 0 && job->files_evident >= job->files_total;
	case CTM_KIND_SINGLE:
		return job->files_evident > 0;
	}
	return false;
}

uint64_t ctm_job_missing(const struct ctm_job *job)
{
	if (ctm_job_has_ended(job))
		return 0;
	if (job->state != CTM_JOB_OPEN || job->suspended || job->files_given_up ||
		(job->flags & CTM_FLAG_NOTIFYPROGRESS) || job->kind == CTM_KIND_SINGLE ||
		job->files_evident >= job->files_total)
		return 1;
	return job->files_total - job->files_evident;
}

/* With a deadline of its own a job waits for the download to be added again. */
static bool waits_for_another_try(const struct ctm_job *job)
{
	return job->timeout_s && !job->delete_on_error;
}

static enum ctm_decision change_state(
	struct ctm_job *job, enum ctm_job_state state, const struct ctm_stamp *now)
{
	if (job->state == state)
		return CTM_DECIDED_NOTHING;
	job->state = state;
	job->looks = 0;
	job->look_delay_ms = 0;
	job->look_from = *now;
	return CTM_DECIDED_STATE;
}

enum ctm_decision ctm_job_decide(
	struct ctm_job *job, const struct ctm_stamp *now, uint64_t give_up_s)
{
	if (ctm_job_has_ended(job))
		return CTM_DECIDED_NOTHING;
	if (job->suspended)
		return change_state(job, CTM_JOB_OPEN, now);
	if (ctm_job_is_complete(job))
		return change_state(job, CTM_JOB_VERIFYING, now);
	if (job->files_given_up && !waits_for_another_try(job))
		return CTM_DECIDED_GIVE_UP;
	if (ctm_job_time_left_ms(job, now, give_up_s) == 0)
		return CTM_DECIDED_DEADLINE;
	return change_state(job, CTM_JOB_OPEN, now);
}

/* Suspended time is no time. */
static uint64_t age_ms(const struct ctm_job *job, const struct ctm_stamp *now)
{
	return job->age_ms + (job->suspended ? 0 : ctm_clock_elapsed_ms(&job->seen, now));
}

uint64_t ctm_job_time_left_ms(
	const struct ctm_job *job, const struct ctm_stamp *now, uint64_t give_up_s)
{
	const uint64_t limit_ms = (job->timeout_s ? job->timeout_s : give_up_s) * 1000;
	const uint64_t age = age_ms(job, now);

	if (ctm_job_has_ended(job) || job->suspended)
		return UINT64_MAX;
	return age < limit_ms ? limit_ms - age : 0;
}

int ctm_job_suspend(struct ctm_job *job, const struct ctm_stamp *now)
{
	if (job->suspended || ctm_job_has_ended(job))
		return -EALREADY;
	ctm_job_grow_older(job, now);
	job->suspended = true;
	job->revision++;
	return 0;
}

int ctm_job_resume(struct ctm_job *job, const struct ctm_stamp *now)
{
	if (!job->suspended || ctm_job_has_ended(job))
		return -EALREADY;
	ctm_job_grow_older(job, now);
	job->suspended = false;
	job->revision++;
	return 0;
}

uint64_t ctm_job_bytes_transferred(const struct ctm_job *job)
{
	return job->bytes_evident + job->bytes_under_way;
}

uint64_t ctm_job_bytes_total(const struct ctm_job *job)
{
	if (job->has_bytes_total)
		return job->bytes_total;
	return job->files_sized == job->files_total ? job->bytes_sized : 0;
}

bool ctm_job_wants_progress(const struct ctm_job *job)
{
	const uint64_t bytes = ctm_job_bytes_transferred(job);

	if (!(job->flags & CTM_FLAG_NOTIFYPROGRESS) || ctm_job_has_ended(job) || job->suspended)
		return false;
	if (!job->progress)
		return job->begun;
	return bytes > job->bytes_told && bytes - job->bytes_told >= job->chunk_size;
}

uint64_t ctm_job_look_due_ms(const struct ctm_job *job, const struct ctm_stamp *now)
{
	uint64_t waited = ctm_clock_waited_ms(&job->look_from, now);

	return waited < job->look_delay_ms ? job->look_delay_ms - waited : 0;
}

void ctm_job_look_again(struct ctm_job *job, const struct ctm_stamp *now)
{
	static const uint32_t steps_ms[] = {1000, 2000, 5000, 15000, 60000, 300000};
	const uint32_t last = sizeof steps_ms / sizeof *steps_ms - 1;

	job->look_delay_ms = steps_ms[job->looks < last ? job->looks : last];
	job->look_from = *now;
	if (job->looks < last)
		job->looks++;
}

void ctm_job_grow_older(struct ctm_job *job, const struct ctm_stamp *now)
{
	job->age_ms = age_ms(job, now);
	job->seen = *now;
}

int ctm_job_end(struct ctm_job *job, enum ctm_job_state state, const struct ctm_stamp *now)
{
	if (ctm_job_has_ended(job))
		return -EALREADY;
	job->age_ms = 0;
	job->seen = *now;
	job->suspended = false;
	job->state = state;
	job->ended_s = now->wall_ms / 1000;
	job->revision++;
	return 0;
}
