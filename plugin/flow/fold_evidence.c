/* SPDX-License-Identifier: MIT */
#include "fold_evidence.h"

#include <string.h>

#include "unwritten.h"

/* When aria2 said what this may only repeat. */
static int64_t first_said_ms(const struct ctm_event *event)
{
	return event->repeats_ms ? event->repeats_ms : event->wall_ms;
}

/* Whether it was said, or there is something to say it of, since then. */
static bool is_touched_after(const struct ctm_event *event, int64_t ended_ms)
{
	const int64_t ctime_ns =
		event->repeats_ms ? event->repeats_ctime_ns : event->sight.ctime_ns;

	return event->repeats_ms > ended_ms ||
	       (event->sight.known && ctime_ns / 1000000 > ended_ms);
}

/*
 * What was said before the job was registered may be what an earlier job in the same place was
 * about, and may be repeated at any time: aria2 says complete again when seeding ends, or at a
 * restart. It counts only if the file was touched after that job had ended.
 */
static int is_of_an_earlier_job(struct ctm_txn *txn, const struct ctm_event *event,
	const struct ctm_job *job, const struct ctm_file *file, bool *ret_earlier)
{
	int64_t ended_ms = 0;
	int r = 0;

	if (event->undated || first_said_ms(event) < job->created_ms)
		r = ctm_store_ended_get(txn, file->path, job->local_len, &ended_ms);
	/* One that ended while this job was there already was none before it. */
	*ret_earlier =
		ended_ms && ended_ms <= job->created_ms && !is_touched_after(event, ended_ms);
	return r;
}

static bool is_named(const struct ctm_event *event, const struct ctm_file *file)
{
	return strcmp(event->path, file->path) == 0;
}

/*
 * aria2 repeats itself: at the end of seeding, at a restart. Of a file that the kernel could not
 * write it says nothing new as long as nobody has written it since. What the event did not see
 * itself is left to the last look.
 */
static bool is_of_unwritten(const struct ctm_event *event, const struct ctm_file *file)
{
	return is_named(event, file) && ctm_file_is_unwritten(file, &event->sight);
}

/* The boot that an event's device number belongs to: this one, or one that is over (0). */
static uint64_t boot_of(const struct ctm_event *event, const struct ctm_stamp *now)
{
	return event->wall_ms < now->wall_ms - (int64_t)now->boot_ms ? 0 : now->boot;
}

/*
 * Where the file is now, so that a volume that is away can be told from a file that is gone. After
 * a reboot old events are read again: they say nothing of this boot.
 */
static bool note_place(
	struct ctm_file *file, const struct ctm_event *event, const struct ctm_fold *fold)
{
	const uint64_t boot = boot_of(event, &fold->now);

	if (!event->device || (file->device == event->device && (!boot || file->boot == boot)))
		return false;
	file->device = event->device;
	file->boot = boot;
	return true;
}

/*
 * The latest word counts, and of two of the same time the one that names the file: it says more
 * than one that names another file of its torrent.
 */
static bool note_word(
	struct ctm_job *job, struct ctm_file *file, const struct ctm_event *event, bool inferred)
{
	const struct ctm_sight nothing = {0};
	/* One of another file, or of long after what aria2 says, is none of this. */
	const bool seen = !inferred || (is_named(event, file) && !event->undated);
	const bool latest =
		ctm_job_note_sight(job, file, event->wall_ms, seen ? &event->sight : &nothing);

	if (file->inferred == inferred ||
		(!latest && (inferred || event->wall_ms < file->since_ms)))
		return latest;
	file->inferred = inferred;
	return true;
}

static bool note(struct ctm_job *job, struct ctm_file *file, const struct ctm_event *event,
	bool inferred, const struct ctm_fold *fold)
{
	bool changed = ctm_job_note_event(file, event->type);

	changed |= note_word(job, file, event, inferred);
	changed |= note_place(file, event, fold);
	return changed;
}

int ctm_fold_evidence(struct ctm_txn *txn, const struct ctm_event *event, struct ctm_job *job,
	struct ctm_file *file, bool inferred, struct ctm_fold *fold)
{
	const uint32_t revision = job->revision;
	bool earlier;
	bool changed;
	int r = is_of_an_earlier_job(txn, event, job, file, &earlier);

	if (r < 0)
		return r;
	if (earlier) {
		ctm_remarks_add(&fold->remarks, CTM_LOG_INFO, job->number, event->gid, 0,
			"what is said of \"%s\" is of an earlier job in the same place",
			file->path);
		return 0;
	}
	if (is_of_unwritten(event, file)) {
		ctm_remarks_add(&fold->remarks, CTM_LOG_INFO, job->number, event->gid, 0,
			"\"%s\" could not be written to disk, and nobody has written it since: "
			"delete it and download it again",
			file->path);
		return 1;
	}
	changed = note(job, file, event, inferred, fold);
	if (ctm_job_note_evidence(job, file)) {
		changed = true;
		ctm_remarks_add(&fold->remarks, CTM_LOG_DEBUG, job->number, event->gid, 0,
			"\"%s\" has arrived%s", file->path,
			inferred ? ", by what aria2 says when it is asked" : "");
	}
	if (changed)
		r = ctm_store_file_put(txn, file);
	if (r == 0 && job->revision != revision)
		r = ctm_store_job_put(txn, job);
	if (r == 0 && job->revision != revision)
		r = ctm_numbers_add(&fold->jobs, job->number);
	return r < 0 ? r : 1;
}
