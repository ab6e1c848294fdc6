/* SPDX-License-Identifier: MIT */
#include "job.h"

#include <errno.h>
#include <stdlib.h>

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
	file->path = NULL;
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

static uint64_t known_bytes(const struct ctm_file *file)
{
	return file->has_size ? file->size : 0;
}

bool ctm_job_note_evidence(struct ctm_job *job, struct ctm_file *file)
{
	if (file->evident)
		return false;
	file->evident = true;
	file->cause = 0;
	job->files_evident += file->count;
	job->bytes_evident += known_bytes(file);
	job->revision++;
	return true;
}

/* What nobody could see is never known to be the same. */
static bool is_same_sight(const struct ctm_sight *a, const struct ctm_sight *b)
{
	return a->known && b->known && a->inode == b->inode && a->size == b->size &&
	       a->mtime_ns == b->mtime_ns && a->ctime_ns == b->ctime_ns;
}

bool ctm_job_note_sight(
	struct ctm_job *job, struct ctm_file *file, int64_t since_ms, const struct ctm_sight *sight)
{
	if (since_ms <= file->since_ms)
		return false;
	/* A look that compares with what was seen before would be wrong about this one. */
	if (!is_same_sight(&file->sight, sight))
		job->revision++;
	file->since_ms = since_ms;
	file->sight = *sight;
	return true;
}

bool ctm_job_note_count(struct ctm_job *job, struct ctm_file *file, uint32_t count)
{
	if (file->evident ? count <= file->count : count == file->count)
		return false;
	if (file->evident)
		job->files_evident += count - file->count;
	file->count = count;
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

bool ctm_job_withdraw(struct ctm_job *job, struct ctm_file *file, uint32_t cause)
{
	if (!file->evident)
		return false;
	file->evident = false;
	file->cause = cause;
	/* Whatever comes next is news, also where a clock that was ahead was set back. */
	file->since_ms = 0;
	file->sight = (struct ctm_sight){0};
	job->cause = cause;
	job->files_evident -= file->count;
	job->bytes_evident -= known_bytes(file);
	job->revision++;
	return true;
}

void ctm_job_add_file(struct ctm_job *job, const struct ctm_file *file)
{
	job->files_listed++;
	if (file->evident) {
		job->files_evident += file->count;
		job->bytes_evident += known_bytes(file);
	}
	job->revision++;
}

void ctm_job_remove_file(struct ctm_job *job, const struct ctm_file *file)
{
	job->files_listed--;
	if (file->evident) {
		job->files_evident -= file->count;
		job->bytes_evident -= known_bytes(file);
	}
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

bool ctm_job_decide(struct ctm_job *job, const struct ctm_stamp *now)
{
	bool complete;

	if (ctm_job_has_ended(job))
		return false;
	complete = ctm_job_is_complete(job);
	if (complete == (job->state == CTM_JOB_VERIFYING))
		return false;
	job->state = complete ? CTM_JOB_VERIFYING : CTM_JOB_OPEN;
	job->looks = 0;
	job->look_delay_ms = 0;
	job->look_from = *now;
	return true;
}

uint64_t ctm_job_look_due_ms(const struct ctm_job *job, const struct ctm_stamp *now)
{
	uint64_t waited = ctm_clock_elapsed_ms(&job->look_from, now);

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
	job->age_ms += ctm_clock_elapsed_ms(&job->seen, now);
	job->seen = *now;
}

int ctm_job_end(struct ctm_job *job, enum ctm_job_state state, const struct ctm_stamp *now)
{
	if (ctm_job_has_ended(job))
		return -EALREADY;
	job->age_ms = 0;
	job->seen = *now;
	job->state = state;
	job->ended_s = now->wall_ms / 1000;
	job->revision++;
	return 0;
}
