/* SPDX-License-Identifier: MIT */
#include "courier_flights.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

int ctm_flights_begin(struct ctm_flights *f, const struct ctm_flight *flight)
{
	struct ctm_flight *copy = malloc(sizeof *copy);

	if (!copy)
		return -ENOMEM;
	*copy = *flight;
	copy->next = f->away;
	f->away = copy;
	return 0;
}

void ctm_flights_drop(struct ctm_flights *f)
{
	struct ctm_flight *flight = f->away;

	f->away = flight->next;
	free(flight);
}

struct ctm_flight *ctm_flights_find(struct ctm_flights *f, bool asks, uint64_t tag)
{
	struct ctm_flight *flight = f->away;

	while (flight && (flight->asks != asks || flight->tag != tag))
		flight = flight->next;
	return flight;
}

void ctm_flights_end(struct ctm_flights *f, struct ctm_flight *flight)
{
	struct ctm_flight **link = &f->away;

	while (*link != flight)
		link = &(*link)->next;
	*link = flight->next;
	flight->next = NULL;
	if (!f->back)
		f->back_end = &f->back;
	*f->back_end = flight;
	f->back_end = &flight->next;
}

static void fail(struct ctm_flight *flight, uint32_t hresult, const char *text)
{
	struct ctm_transport_outcome outcome = {
		.size = sizeof outcome,
		.tag = flight->tag,
		.verdict = CTM_TRANSPORT_RETRY,
		.hresult = hresult,
	};
	struct ctm_transport_answer answer = {
		.size = sizeof answer,
		.tag = flight->tag,
		.hresult = hresult,
	};

	if (flight->asks) {
		snprintf(answer.text, sizeof answer.text, "%s", text);
		flight->came.answer = answer;
	} else {
		snprintf(outcome.text, sizeof outcome.text, "%s", text);
		flight->came.outcome = outcome;
	}
}

void ctm_flights_fail(struct ctm_flights *f, uint32_t hresult, const char *text)
{
	while (f->away) {
		struct ctm_flight *flight = f->away;

		fail(flight, hresult, text);
		ctm_flights_end(f, flight);
	}
}

struct ctm_flight *ctm_flights_take(struct ctm_flights *f, bool asks)
{
	struct ctm_flight **link = &f->back;
	struct ctm_flight *flight;

	while (*link && (*link)->asks != asks)
		link = &(*link)->next;
	flight = *link;
	if (!flight)
		return NULL;
	*link = flight->next;
	if (!flight->next)
		f->back_end = link;
	return flight;
}

uint64_t ctm_flights_due(const struct ctm_flights *f)
{
	uint64_t due_ms = UINT64_MAX;

	for (const struct ctm_flight *flight = f->away; flight; flight = flight->next)
		if (flight->due_ms < due_ms)
			due_ms = flight->due_ms;
	return due_ms;
}

size_t ctm_flights_answer_max(const struct ctm_flights *f)
{
	size_t max = 0;

	for (const struct ctm_flight *flight = f->away; flight; flight = flight->next)
		if (flight->asks && flight->answer_max > max)
			max = flight->answer_max;
	return max;
}

static void free_all(struct ctm_flight *flight, bool came)
{
	while (flight) {
		struct ctm_flight *next = flight->next;

		if (came && flight->asks)
			free(flight->came.answer.body);
		free(flight);
		flight = next;
	}
}

void ctm_flights_done(struct ctm_flights *f)
{
	free_all(f->away, false);
	free_all(f->back, true);
	*f = (struct ctm_flights){0};
}
