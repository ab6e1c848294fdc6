/* SPDX-License-Identifier: MIT */
/*
 * A transport module that sends nothing: each attempt is a line "ID URL EVENT-ID BYTES FILES" in
 * the file that CTM_FAKE_LOG names, and ends at once with the verdict CTM_FAKE_VERDICT (a number).
 * FAKE_MAJOR, FAKE_SHORT and FAKE_FAILS make modules that are to be refused, FAKE_ASKS one that
 * answers questions: each with the JSON in the file of that method ("aria2.tellActive") in the
 * directory CTM_FAKE_ARIA2, after CTM_FAKE_ARIA2_MS milliseconds; nobody answers where there is no
 * such file. Without FAKE_ASKS this is a module of minor 0.
 */
#include "transport.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WAITING 128
#define ANSWER_MAX 65536

#ifndef FAKE_MAJOR
#define FAKE_MAJOR CTM_TRANSPORT_ABI_MAJOR
#endif
#if defined FAKE_SHORT
#define TABLE_SIZE 16
#elif defined FAKE_ASKS
#define TABLE_SIZE sizeof(struct ctm_transport_table)
#else
#define TABLE_SIZE offsetof(struct ctm_transport_table, ask)
#endif

struct ctm_transport {
	struct ctm_transport_outcome outcomes[WAITING];
	size_t n;
	struct ctm_transport_answer answer; /* one at a time */
	bool answered;
};

static int fake_open(const struct ctm_transport_host *host, struct ctm_transport **ret_transport)
{
	(void)host;
#ifdef FAKE_FAILS
	(void)ret_transport;
	return -ENOTSUP;
#else
	*ret_transport = calloc(1, sizeof **ret_transport);
	return *ret_transport ? 0 : -ENOMEM;
#endif
}

static void write_down(
	const struct ctm_transport_endpoint *endpoint, const struct ctm_transport_message *message)
{
	const char *name = getenv("CTM_FAKE_LOG");
	FILE *log = name ? fopen(name, "ae") : NULL;

	if (!log)
		return;
	fprintf(log, "%s %s %s %" PRIu64 " %" PRIu32 "\n", message->id, endpoint->url,
		message->event_id, message->bytes_transferred, message->files_transferred);
	fclose(log);
}

static int fake_submit(struct ctm_transport *t, const struct ctm_transport_endpoint *endpoint,
	const struct ctm_transport_message *message, uint64_t tag)
{
	const char *verdict = getenv("CTM_FAKE_VERDICT");
	struct ctm_transport_outcome outcome = {
		.size = sizeof outcome,
		.tag = tag,
		.verdict = (enum ctm_transport_verdict)(verdict ? atoi(verdict) : 0),
	};

	if (t->n == WAITING)
		return -ENOMEM;
	write_down(endpoint, message);
	if (outcome.verdict != CTM_TRANSPORT_TAKEN) {
		outcome.hresult = 0x801901f7;
		outcome.http_status = 503;
		strcpy(outcome.text, "the fake says no");
	}
	t->outcomes[t->n++] = outcome;
	return 0;
}

static int fake_wait(struct ctm_transport *t, struct pollfd *fds, size_t n, int timeout_ms)
{
	return poll(fds, (nfds_t)n, t->n ? 0 : timeout_ms) < 0 && errno != EINTR ? -errno : 0;
}

static int fake_next(struct ctm_transport *t, struct ctm_transport_outcome *ret_outcome)
{
	if (!t->n)
		return 0;
	*ret_outcome = t->outcomes[--t->n];
	return 1;
}

#ifdef FAKE_ASKS
/* The file for the method that the body names. NULL: there is none. */
static FILE *open_answer(const struct ctm_transport_question *question)
{
	static const char *const methods[] = {
		"aria2.tellWaiting", "aria2.tellActive", "aria2.tellStopped", "system.multicall"};
	const char *directory = getenv("CTM_FAKE_ARIA2");
	char name[1024];

	for (size_t i = 0; directory && i < sizeof methods / sizeof *methods; i++) {
		snprintf(name, sizeof name, "\"method\":\"%s\"", methods[i]);
		if (!memmem(question->body, question->body_len, name, strlen(name)))
			continue;
		snprintf(name, sizeof name, "%s/%s", directory, methods[i]);
		return fopen(name, "re");
	}
	return NULL;
}

static int fake_ask(
	struct ctm_transport *t, const struct ctm_transport_question *question, uint64_t tag)
{
	const char *ms = getenv("CTM_FAKE_ARIA2_MS");
	FILE *file = open_answer(question);

	(void)poll(NULL, 0, ms ? atoi(ms) : 0);
	t->answer = (struct ctm_transport_answer){
		.size = sizeof t->answer,
		.tag = tag,
		.hresult = CTM_TRANSPORT_HR_CANNOT_CONNECT,
		.text = "the fake is not there",
	};
	t->answered = true;
	if (!file)
		return 0;
	t->answer.body = calloc(1, ANSWER_MAX);
	if (t->answer.body) {
		t->answer.hresult = 0;
		t->answer.text[0] = '\0';
		t->answer.http_status = 200;
		t->answer.body_len = fread(t->answer.body, 1, ANSWER_MAX - 1, file);
	}
	fclose(file);
	return 0;
}

static int fake_next_answer(struct ctm_transport *t, struct ctm_transport_answer *ret_answer)
{
	if (!t->answered)
		return 0;
	*ret_answer = t->answer;
	t->answer.body = NULL;
	t->answered = false;
	return 1;
}

static void fake_release(struct ctm_transport *t, struct ctm_transport_answer *answer)
{
	(void)t;
	free(answer->body);
	answer->body = NULL;
}
#endif

static void fake_close(struct ctm_transport *t)
{
	free(t->answer.body);
	free(t);
}

__attribute__((visibility("default"))) const struct ctm_transport_table *ctm_transport_entry(void)
{
	static const struct ctm_transport_table table = {
		.size = TABLE_SIZE,
		.abi_major = FAKE_MAJOR,
		.name = "fake",
		.open = fake_open,
		.submit = fake_submit,
		.wait = fake_wait,
		.next = fake_next,
		.close = fake_close,
#ifdef FAKE_ASKS
		.ask = fake_ask,
		.next_answer = fake_next_answer,
		.release = fake_release,
#else
		/* Behind the end that the size tells: a host that looks there jumps into nothing.
		 */
		.ask = (int (*)(struct ctm_transport *, const struct ctm_transport_question *,
			uint64_t))(uintptr_t)8,
#endif
	};

	return &table;
}
