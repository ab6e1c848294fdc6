/* SPDX-License-Identifier: MIT */
/*
 * message.h - what is said to CTM about a job, and when it is tried
 *
 * A message is stored before it is sent. schedule[k] seconds, give or take 20 %, lie between the
 * k-th attempt and the next one (schedule[0] before the first). An attempt is written down before
 * it is made, as if it would fail, so that a deliverer that dies in the middle leaves a message
 * that is due again at its next step. A due time is a stamp and a delay from it: a clock that jumps
 * can't push it further away than the delay.
 *
 * A job has one final word, success or error. Progress is best effort: it is tried once, and only
 * the newest counts.
 */
#ifndef CTM_MESSAGE_H
#define CTM_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "clock.h"

enum ctm_message_kind {
	CTM_MESSAGE_SUCCESS = 1, /* SendNotifySuccessToCTM */
	CTM_MESSAGE_ERROR = 2,
	CTM_MESSAGE_PROGRESS = 3,
};

enum ctm_message_state {
	CTM_MESSAGE_WAITING = 1,
	CTM_MESSAGE_SENT = 2, /* CTM took it */
	CTM_MESSAGE_DEAD = 3, /* failed for good; kept, can be retried by hand */
};

/* What an answer means; the same four as a transport's verdict. */
enum ctm_message_verdict {
	CTM_VERDICT_TAKEN,
	CTM_VERDICT_RETRY,
	CTM_VERDICT_PERSON, /* goes on from the third step */
	CTM_VERDICT_REFUSED,
};

/* szProgressType: CTM's five, or none for a mere progress of bytes. */
enum ctm_progress_type {
	CTM_PROGRESS_BYTES = 0,
	CTM_PROGRESS_DOWNLOADING_MANIFEST = 1,
	CTM_PROGRESS_PROCESSING_MANIFEST = 2,
	CTM_PROGRESS_CREATING_DIRECTORIES = 3,
	CTM_PROGRESS_PREPARING_DOWNLOAD = 4,
	CTM_PROGRESS_DOWNLOADING_DATA = 5,
};

struct ctm_message {
	uint32_t job;
	enum ctm_message_kind kind;
	enum ctm_message_state state;
	uint32_t attempts; /* made, or begun */
	uint32_t step;     /* of the schedule: what lies before the next attempt */
	uint64_t delay_ms; /* the next attempt is due so long after `from` */
	struct ctm_stamp from;
	bool under_way; /* an attempt was begun, and its outcome is not known (any more) */
	uint64_t bytes_total;
	uint64_t bytes_transferred;
	uint32_t files_total;
	uint32_t files_transferred;
	uint32_t error_code; /* hrErrorCode; error only */
	uint32_t sequence;   /* from 1; progress only */
	enum ctm_progress_type progress_type;
	int64_t time_s;   /* ce-time: when the job ended; for progress when it was stored */
	int64_t tried_s;  /* wall clock of the last attempt; 0: none */
	uint32_t hresult; /* of the last attempt; 0 where it was taken, or none was made */
	uint32_t http_status;
	char *source;        /* ce-source, as it was when the job ended */
	char *text;          /* what the last attempt failed of, for people; "" */
	char *error_message; /* szErrorMessage, never empty; "" where it is no error */
};

struct ctm_schedule {
	const uint32_t *steps_s;
	size_t n;
};

void ctm_message_done(struct ctm_message *m);

const char *ctm_message_kind_name(enum ctm_message_kind kind);
const char *ctm_message_state_name(enum ctm_message_state state);

/* szProgressType: "DownloadingData"; "" for a mere progress of bytes, and for what is none. */
const char *ctm_progress_type_name(enum ctm_progress_type type);
/* By its name, exactly; "" too. False: no such type. */
bool ctm_progress_type_from_name(const char *name, enum ctm_progress_type *ret_type);

/* ce-id, the same on every attempt: "{3F25...}/success", "{3F25...}/progress/3". Returns buf. */
#define CTM_MESSAGE_ID 96
const char *ctm_message_id(const struct ctm_message *m, const char *id, char buf[CTM_MESSAGE_ID]);

/* Milliseconds until the next attempt is due; 0: now. Meaningful while it waits. */
uint64_t ctm_message_due_ms(const struct ctm_message *m, const struct ctm_stamp *now);

/* Makes a new message due by the schedule's first step. `random` is any 32 random bits. */
void ctm_message_start(struct ctm_message *m, const struct ctm_schedule *schedule,
	const struct ctm_stamp *now, uint32_t random);

/* An attempt begins: it is counted, and the next one is due as if it failed. */
void ctm_message_attempt(struct ctm_message *m, const struct ctm_schedule *schedule,
	const struct ctm_stamp *now, uint32_t random);

/* What an attempt changes of a message, as it was before. */
struct ctm_message_before {
	uint32_t attempts;
	uint32_t step;
	uint64_t delay_ms;
	struct ctm_stamp from;
	bool under_way;
	int64_t tried_s;
};
struct ctm_message_before ctm_message_before(const struct ctm_message *m);

/* An attempt that was begun is not made after all: it does not count. */
void ctm_message_take_back(struct ctm_message *m, const struct ctm_message_before *before);

/*
 * An attempt ended. retry_after_s: what the server asked for, 0: nothing. Sets state and due time;
 * the caller sets hresult, http_status and text. Progress is sent, or dead: it has one attempt.
 */
void ctm_message_judge(struct ctm_message *m, enum ctm_message_verdict verdict,
	uint32_t retry_after_s, const struct ctm_schedule *schedule, const struct ctm_stamp *now,
	uint32_t random);

/* By hand: a dead or waiting message is due now, its schedule from the start. -EALREADY: sent. */
int ctm_message_retry(struct ctm_message *m, const struct ctm_stamp *now);

#endif
