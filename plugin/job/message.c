/* SPDX-License-Identifier: MIT */
#include "message.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The step from which answers that want a person go on: a person takes minutes, not seconds. */
#define PERSON_STEP 2

#define RETRY_AFTER_LIMIT_S 86400u

void ctm_message_done(struct ctm_message *m)
{
	free(m->source);
	free(m->text);
	free(m->error_message);
	m->source = m->text = m->error_message = NULL;
}

const char *ctm_message_kind_name(enum ctm_message_kind kind)
{
	static const char *const names[] = {
		[CTM_MESSAGE_SUCCESS] = "success",
		[CTM_MESSAGE_ERROR] = "error",
		[CTM_MESSAGE_PROGRESS] = "progress",
	};

	return kind > 0 && kind < sizeof names / sizeof *names ? names[kind] : "unknown";
}

const char *ctm_message_state_name(enum ctm_message_state state)
{
	static const char *const names[] = {
		[CTM_MESSAGE_WAITING] = "waiting",
		[CTM_MESSAGE_SENT] = "sent",
		[CTM_MESSAGE_DEAD] = "dead",
	};

	return state > 0 && state < sizeof names / sizeof *names ? names[state] : "unknown";
}

static const char *const progress_types[] = {
	[CTM_PROGRESS_BYTES] = "",
	[CTM_PROGRESS_DOWNLOADING_MANIFEST] = "DownloadingManifest",
	[CTM_PROGRESS_PROCESSING_MANIFEST] = "ProcessingManifest",
	[CTM_PROGRESS_CREATING_DIRECTORIES] = "CreatingDirectories",
	[CTM_PROGRESS_PREPARING_DOWNLOAD] = "PreparingDownload",
	[CTM_PROGRESS_DOWNLOADING_DATA] = "DownloadingData",
};

#define N_PROGRESS_TYPES (sizeof progress_types / sizeof *progress_types)

const char *ctm_progress_type_name(enum ctm_progress_type type)
{
	return type < N_PROGRESS_TYPES ? progress_types[type] : "";
}

bool ctm_progress_type_from_name(const char *name, enum ctm_progress_type *ret_type)
{
	for (unsigned i = 0; i < N_PROGRESS_TYPES; i++) {
		if (strcmp(progress_types[i], name) == 0) {
			*ret_type = (enum ctm_progress_type)i;
			return true;
		}
	}
	return false;
}

const char *ctm_message_id(const struct ctm_message *m, const char *id, char buf[CTM_MESSAGE_ID])
{
	const char *kind = ctm_message_kind_name(m->kind);

	if (m->kind == CTM_MESSAGE_PROGRESS)
		snprintf(buf, CTM_MESSAGE_ID, "%s/%s/%" PRIu32, id, kind, m->sequence);
	else
		snprintf(buf, CTM_MESSAGE_ID, "%s/%s", id, kind);
	return buf;
}

uint64_t ctm_message_due_ms(const struct ctm_message *m, const struct ctm_stamp *now)
{
	uint64_t waited = ctm_clock_waited_ms(&m->from, now);

	return waited < m->delay_ms ? m->delay_ms - waited : 0;
}

/* 80 % to 120 % of so many seconds. */
static uint64_t jittered_ms(uint32_t seconds, uint32_t random)
{
	uint64_t ms = (uint64_t)seconds * 1000;

	return ms * 4 / 5 + (ms * 2 / 5) * random / UINT32_MAX;
}

/* Due by the schedule's step, or by its last one where there are no more. */
static void set_due(struct ctm_message *m, const struct ctm_schedule *schedule,
	const struct ctm_stamp *now, uint32_t random)
{
	size_t step = m->step < schedule->n ? m->step : schedule->n - 1;

	m->delay_ms = schedule->n ? jittered_ms(schedule->steps_s[step], random) : 0;
	m->from = *now;
}

void ctm_message_start(struct ctm_message *m, const struct ctm_schedule *schedule,
	const struct ctm_stamp *now, uint32_t random)
{
	m->state = CTM_MESSAGE_WAITING;
	m->attempts = 0;
	m->step = 0;
	set_due(m, schedule, now, random);
}

void ctm_message_attempt(struct ctm_message *m, const struct ctm_schedule *schedule,
	const struct ctm_stamp *now, uint32_t random)
{
	m->attempts++;
	m->tried_s = now->wall_ms / 1000;
	m->under_way = true;
	if (m->step < schedule->n)
		m->step++;
	set_due(m, schedule, now, random);
}

struct ctm_message_before ctm_message_before(const struct ctm_message *m)
{
	return (struct ctm_message_before){
		.attempts = m->attempts,
		.step = m->step,
		.delay_ms = m->delay_ms,
		.from = m->from,
		.under_way = m->under_way,
		.tried_s = m->tried_s,
	};
}

void ctm_message_take_back(struct ctm_message *m, const struct ctm_message_before *before)
{
	m->attempts = before->attempts;
	m->step = before->step;
	m->delay_ms = before->delay_ms;
	m->from = before->from;
	m->under_way = before->under_way;
	m->tried_s = before->tried_s;
}

void ctm_message_judge(struct ctm_message *m, enum ctm_message_verdict verdict,
	uint32_t retry_after_s, const struct ctm_schedule *schedule, const struct ctm_stamp *now,
	uint32_t random)
{
	m->under_way = false;
	if (verdict == CTM_VERDICT_TAKEN) {
		m->state = CTM_MESSAGE_SENT;
		return;
	}
	/* A schedule that ends before that step goes on as it is. */
	if (verdict == CTM_VERDICT_PERSON && m->step < PERSON_STEP && PERSON_STEP < schedule->n)
		m->step = PERSON_STEP;
	if (verdict == CTM_VERDICT_REFUSED || m->step >= schedule->n ||
		m->kind == CTM_MESSAGE_PROGRESS) {
		m->state = CTM_MESSAGE_DEAD;
		return;
	}
	set_due(m, schedule, now, random);
	if (retry_after_s > RETRY_AFTER_LIMIT_S)
		retry_after_s = RETRY_AFTER_LIMIT_S;
	if (retry_after_s)
		m->delay_ms = (uint64_t)retry_after_s * 1000;
}

int ctm_message_retry(struct ctm_message *m, const struct ctm_stamp *now)
{
	if (m->state == CTM_MESSAGE_SENT)
		return -EALREADY;
	m->state = CTM_MESSAGE_WAITING;
	m->step = 0;
	m->delay_ms = 0;
	m->from = *now;
	return 0;
}
