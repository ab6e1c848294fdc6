/* SPDX-License-Identifier: MIT */
/*
 * A transport module that sends nothing: each attempt is a line "ID URL EVENT-ID BYTES FILES" in
 * the file that CTM_FAKE_LOG names, and ends at once with the verdict CTM_FAKE_VERDICT (a number).
 * FAKE_MAJOR, FAKE_SHORT and FAKE_FAILS make modules that are to be refused, FAKE_ASKS one that
 * says to answer questions; without it this is a module of minor 0.
 */
#include "transport.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WAITING 128

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
static int fake_ask(
	struct ctm_transport *t, const struct ctm_transport_question *question, uint64_t tag)
{
	(void)t;
	(void)question;
	(void)tag;
	return -ENOMEM;
}

static int fake_next_answer(struct ctm_transport *t, struct ctm_transport_answer *ret_answer)
{
	(void)t;
	(void)ret_answer;
	return 0;
}

static void fake_release(struct ctm_transport *t, struct ctm_transport_answer *answer)
{
	(void)t;
	(void)answer;
}
#endif

static void fake_close(struct ctm_transport *t)
{
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
