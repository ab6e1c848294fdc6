/* SPDX-License-Identifier: MIT */
/*
 * job.h - a job as a pure function of its facts
 *
 * No file, no clock, no store is touched here: (job, facts, now) gives the job. Facts form sets:
 * noting a fact again changes nothing, and the order in which facts are noted before the end makes
 * no difference. ctm_job_decide() is called once per drain, after all facts are noted.
 *
 *	OPEN ──all evidence──▶ VERIFYING ──right──▶ SUCCEEDED
 *	 │ ▲                       │  │
 *	 │ └──wrong: withdrawn─────┘  │ cannot tell, past the deadline
 *	 │                            ▼
 *	 └──given up, or past the─▶ FAILED
 *	    deadline
 *
 * The first end stands. The store keeps one record of struct ctm_job a job and one of struct
 * ctm_file a file; what never changes about a job is in struct ctm_job_text.
 */
#ifndef CTM_JOB_H
#define CTM_JOB_H

#include <stdbool.h>
#include <stdint.h>

#include "clock.h"
#include "event.h"
#include "terms.h"

enum ctm_job_state {
	CTM_JOB_OPEN = 1,
	CTM_JOB_VERIFYING = 2,
	CTM_JOB_SUCCEEDED = 3,
	CTM_JOB_FAILED = 4,
	CTM_JOB_CANCELLED = 5,
};

/* What ctm_job_decide() finds. */
enum ctm_decision {
	CTM_DECIDED_NOTHING = 0,  /* the job stays as it is */
	CTM_DECIDED_STATE = 1,    /* it begins to be verified, or is open again */
	CTM_DECIDED_GIVE_UP = 2,  /* aria2 gave up on a file, and the job does not wait: it fails */
	CTM_DECIDED_DEADLINE = 3, /* its time is over: it fails */
};

/* What changes, and what the decision needs. */
struct ctm_job {
	uint32_t number; /* ours; never used again for another job */
	enum ctm_job_state state;
	enum ctm_kind kind;
	enum ctm_priority priority;
	uint32_t flags; /* CCM_DTS_FLAG */
	bool delete_on_error;
	bool has_bytes_total;
	bool suspended;       /* by CTM's Suspend: no decision, no age */
	bool begun;           /* an event of it was seen; kept only with CTM_FLAG_NOTIFYPROGRESS */
	uint32_t files_total; /* as the sidecar says; 0: not said (single) */
	uint64_t bytes_total; /* if has_bytes_total */
	uint64_t timeout_s;   /* 0: [state] give_up */
	uint64_t chunk_size;
	uint32_t next_file;    /* the number that the next struct ctm_file gets, from 1 */
	uint32_t generation;   /* of the list: files of an older one are no longer in the sidecar */
	uint32_t local_len;    /* bytes of local_path, with which the path of every file begins */
	uint32_t files_listed; /* struct ctm_file records that there are */
	uint32_t files_evident;  /* files with evidence (a torrent counts its files) */
	uint64_t bytes_evident;  /* of those, as far as they are known */
	uint32_t files_sized;    /* listed files whose size the sidecar says */
	uint64_t bytes_sized;    /* what those add up to */
	uint32_t files_hashed;   /* listed files whose sha256 it says, without evidence */
	uint32_t files_given_up; /* files that aria2 gave up on, without evidence */
	uint64_t
		bytes_under_way; /* of downloads that are not complete, when aria2 was last asked */
	uint32_t revision;       /* changes with every fact that a look depends on */
	uint32_t looks;          /* looks in a row that could not tell */
	uint64_t look_delay_ms;  /* the next look is due so long after look_from */
	struct ctm_stamp look_from;
	struct ctm_stamp seen; /* the last time that age_ms was summed up to */
	uint64_t age_ms;       /* since it was first seen; once it has ended, since its end */
	int64_t created_ms;    /* wall clock: when it was registered */
	int64_t ended_s;       /* wall clock; 0: it has not ended */
	uint32_t cause;        /* HRESULT of the last thing that went wrong; 0: nothing did */
	int64_t cause_ms;      /* wall clock: when that was */
	uint32_t progress;     /* the number of its last progress message; 0: none */
	uint64_t bytes_told;   /* by that one */
};

/* What is said about a job once. All strings are owned; "" where nothing was said. */
struct ctm_job_text {
	char *id;
	char *endpoint;
	char *client_data;
	char *content_id;
	char *content_version;
	char *local_path; /* canonical */
	char *sidecar;    /* canonical path of the sidecar; "" for a message sent by hand */
	char *cause;      /* the cause in words, for people */
};

#define CTM_FILE_URIS 8

struct ctm_file {
	uint32_t job;
	uint32_t number;
	char *path;    /* canonical, whole */
	uint64_t size; /* if has_size */
	uint64_t gid;  /* 0: none */
	unsigned char sha256[32];
	bool has_size;
	bool has_sha256;
	bool gid_is_ours; /* assigned by `add --input`, not by the sidecar */
	bool evident;
	uint32_t generation;
	uint32_t count;  /* files it stands for: 1, or those of a torrent (totals, single) */
	uint32_t events; /* a set: bit of every enum ctm_event_type that was seen */
	bool given_up;  /* aria2 gave up on it, or a look found it wrong; counts without evidence */
	uint32_t cause; /* HRESULT of the last thing that went wrong with it; 0: nothing did */
	int64_t cause_ms;             /* wall clock: when that was */
	char *why;                    /* the cause in words, for people; NULL or "" for none */
	uint64_t uris[CTM_FILE_URIS]; /* hashes of the first ones that the sidecar names */
	uint8_t n_uris;
	struct ctm_sight hashed;    /* as it was when its sha256 was found to be another */
	struct ctm_sight unwritten; /* as it was when it could not be written to disk, if known */
	uint64_t device;            /* where its last evidence was seen: st_dev of its directory, */
	uint64_t boot;              /* in this boot; 0: unknown */
	int64_t since_ms; /* wall clock of the latest event that made it evident; 0: none did */
	struct ctm_sight sight; /* as that event's hook saw it */
	bool inferred;          /* no event named it: it is one of a torrent's */
};

/* What a look at the files of a job found. */
enum ctm_look_answer {
	CTM_LOOK_RIGHT,
	CTM_LOOK_CANNOT_TELL, /* evidence stays; look again */
	CTM_LOOK_WRONG,       /* evidence of some files was withdrawn */
};

void ctm_job_text_done(struct ctm_job_text *text);
void ctm_file_done(struct ctm_file *file);
/* A copy with strings of its own. 0 or -ENOMEM. */
int ctm_file_copy(const struct ctm_file *file, struct ctm_file *ret_file);

const char *ctm_job_state_name(enum ctm_job_state state);

bool ctm_job_has_ended(const struct ctm_job *job);

/*
 * Whether what went wrong at that time (wall clock) concerns the job: it was registered by then, or
 * within a minute, because a sidecar may come a moment after its downloads have begun and failed;
 * but not where an earlier job had ended in the same place (ended_ms, 0: none had), whose it was.
 */
bool ctm_job_is_concerned(const struct ctm_job *job, int64_t wall_ms, int64_t ended_ms);

/*
 * Notes that aria2 (or a hash) says the file is there. True: something changed, both records are to
 * be stored.
 */
bool ctm_job_note_evidence(struct ctm_job *job, struct ctm_file *file);

/*
 * Notes when an event made it evident and how the file was then; the latest event counts. True:
 * something changed.
 */
bool ctm_job_note_sight(struct ctm_job *job, struct ctm_file *file, int64_t since_ms,
	const struct ctm_sight *sight);

/* Something that went wrong, with a file or with a job as a whole. */
struct ctm_cause {
	uint32_t hresult;
	int64_t since_ms; /* wall clock */
	const char *text; /* for a person: which file, which server, what happened, what to do */
};

/*
 * Notes what went wrong with a file; the latest counts. With `given_up` it is aria2's last word on
 * the download, which may end the job. file->why becomes a copy of the text. 1: something changed,
 * both records are to be stored; 0; -ENOMEM.
 */
int ctm_job_note_cause(
	struct ctm_job *job, struct ctm_file *file, const struct ctm_cause *cause, bool given_up);

/* Whether *cause is later than what the job remembers; then it is remembered, but for its text. */
bool ctm_job_remember(struct ctm_job *job, const struct ctm_cause *cause);

/* Notes for how many files it stands; the most counts while it is evident. True: it changed. */
bool ctm_job_note_count(struct ctm_job *job, struct ctm_file *file, uint32_t count);

/* Notes that an event was seen, whatever it means. True: the file's record changed. */
bool ctm_job_note_event(struct ctm_file *file, enum ctm_event_type type);

/* Notes that an event of the job was seen, if it wants progress. True: the job's record changed. */
bool ctm_job_note_begun(struct ctm_job *job);

/*
 * Takes evidence back, because a look found something wrong: that counts as giving up on the file.
 * 1: something changed; 0: it had none; -ENOMEM.
 */
int ctm_job_withdraw(struct ctm_job *job, struct ctm_file *file, const struct ctm_cause *cause);

/* A file joins or leaves the job's list (with its evidence). */
void ctm_job_add_file(struct ctm_job *job, const struct ctm_file *file);
void ctm_job_remove_file(struct ctm_job *job, const struct ctm_file *file);

/* Whether an event with that gid may speak for the file: one with a gid listens to that alone. */
bool ctm_file_listens_to(const struct ctm_file *file, uint64_t gid);

/*
 * How many more files must become evident, at least, before the job can change: 0, no event changes
 * it; 1, any may.
 */
uint64_t ctm_job_missing(const struct ctm_job *job);

/* Whether there is evidence for everything that the job consists of. */
bool ctm_job_is_complete(const struct ctm_job *job);

/*
 * Decides what the facts mean, in the order success, giving up, deadline. A job that fails is left
 * as it is: ctm_job_end() ends it, with its message. `now` is the time from which its look is due;
 * give_up_s is the deadline of a job without timeout.
 */
enum ctm_decision ctm_job_decide(
	struct ctm_job *job, const struct ctm_stamp *now, uint64_t give_up_s);

/* Milliseconds until its deadline; 0: it is past; UINT64_MAX: it has none now (ended, suspended).
 */
uint64_t ctm_job_time_left_ms(
	const struct ctm_job *job, const struct ctm_stamp *now, uint64_t give_up_s);

/*
 * Whether a progress message is due: the first when an event of the job was seen, then one for
 * every chunk_size of bytes (0: for all that is new). Only with CTM_FLAG_NOTIFYPROGRESS.
 */
bool ctm_job_wants_progress(const struct ctm_job *job);

/* Bytes that are there or on their way, and bytes in all (0: not known). */
uint64_t ctm_job_bytes_transferred(const struct ctm_job *job);
uint64_t ctm_job_bytes_total(const struct ctm_job *job);

/* CTM's Suspend and Resume. -EALREADY: it is so, or has ended. */
int ctm_job_suspend(struct ctm_job *job, const struct ctm_stamp *now);
int ctm_job_resume(struct ctm_job *job, const struct ctm_stamp *now);

/* Milliseconds until the look of a verifying job is due; 0: now. */
uint64_t ctm_job_look_due_ms(const struct ctm_job *job, const struct ctm_stamp *now);

/* The look could not tell: the next one is due later, from a second up to five minutes. */
void ctm_job_look_again(struct ctm_job *job, const struct ctm_stamp *now);

/* Sums the time since `seen` up into the age; suspended time does not count. */
void ctm_job_grow_older(struct ctm_job *job, const struct ctm_stamp *now);

/* Ends the job. The first end stands: -EALREADY where it has ended. */
int ctm_job_end(struct ctm_job *job, enum ctm_job_state state, const struct ctm_stamp *now);

#endif
