/* SPDX-License-Identifier: MIT */
/*
 * The door of the module: the table. What the other side hands in is taken over by size, and what
 * goes out likewise; the work is done by transfers.c, attempt.c and question.c.
 */
#include "transport.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "attempt.h"
#include "question.h"
#include "sized.h"
#include "transfers.h"
#include "wiped.h"

struct ctm_transport {
	struct ctm_transfers transfers;
	char *user_agent;
};

/*
 * curl_version() would do, but starts every library that it names: libldap, which reads files of its
 * own and loads SASL's plugins, and is ended by a signal where memory is short.
 */
static void log_version(const struct ctm_transport_host *host)
{
	const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
	char line[256];

	if (!host->log)
		return;
	snprintf(line, sizeof line, "transport http: libcurl/%s %s", info->version,
		info->ssl_version ? info->ssl_version : "without TLS");
	host->log(host->log_context, 3, line);
}

/* Never undone: the module stays loaded, and not every TLS library can be started twice. */
static bool init_curl(void)
{
	static bool done;

	if (!done)
		done = curl_global_init_mem(CURL_GLOBAL_DEFAULT, malloc, ctm_wiped_free,
			       ctm_wiped_realloc, strdup, calloc) == CURLE_OK;
	return done;
}

static void transport_close(struct ctm_transport *t)
{
	if (!t)
		return;
	ctm_transfers_done(&t->transfers);
	free(t->user_agent);
	free(t);
}

static int transport_open(
	const struct ctm_transport_host *host, struct ctm_transport **ret_transport)
{
	struct ctm_transport_host ours = {0};
	struct ctm_transport *t;
	int r;

	if (!ctm_sized_in(&ours, sizeof ours, host))
		return -EINVAL;
	if (!init_curl())
		return -ENOMEM;
	t = calloc(1, sizeof *t);
	if (!t)
		return -ENOMEM;
	r = ctm_transfers_init(&t->transfers);
	if (ours.user_agent)
		t->user_agent = strdup(ours.user_agent);
	if (r < 0 || (ours.user_agent && !t->user_agent)) {
		transport_close(t);
		return -ENOMEM;
	}
	log_version(&ours);
	*ret_transport = t;
	return 0;
}

static int transport_submit(struct ctm_transport *t, const struct ctm_transport_endpoint *endpoint,
	const struct ctm_transport_message *message, uint64_t tag)
{
	struct ctm_transport_endpoint our_endpoint = {0};
	struct ctm_transport_message our_message = {0};
	struct ctm_request *request;
	int r;

	if (!ctm_sized_in(&our_endpoint, sizeof our_endpoint, endpoint) ||
		!ctm_sized_in(&our_message, sizeof our_message, message))
		return -EINVAL;
	r = ctm_attempt_new(&our_endpoint, &our_message, t->user_agent, tag, &request);
	return r < 0 ? r : ctm_transfers_add(&t->transfers, request);
}

static int transport_wait(struct ctm_transport *t, struct pollfd *fds, size_t n, int timeout_ms)
{
	return ctm_transfers_wait(&t->transfers, fds, n, timeout_ms);
}

static int transport_next(struct ctm_transport *t, struct ctm_transport_outcome *ret_outcome)
{
	struct ctm_request *request = ctm_transfers_take(&t->transfers, CTM_REQUEST_ATTEMPT);

	if (!request)
		return 0;
	ctm_sized_out(&request->outcome, sizeof request->outcome, ret_outcome);
	ctm_request_free(request);
	return 1;
}

static int transport_ask(
	struct ctm_transport *t, const struct ctm_transport_question *question, uint64_t tag)
{
	struct ctm_transport_question ours = {0};
	struct ctm_request *request;
	int r;

	if (!ctm_sized_in(&ours, sizeof ours, question))
		return -EINVAL;
	r = ctm_question_new(&ours, t->user_agent, tag, &request);
	return r < 0 ? r : ctm_transfers_add(&t->transfers, request);
}

static int transport_next_answer(struct ctm_transport *t, struct ctm_transport_answer *ret_answer)
{
	struct ctm_request *request = ctm_transfers_take(&t->transfers, CTM_REQUEST_QUESTION);
	struct ctm_transport_answer answer;

	if (!request)
		return 0;
	answer = ctm_question_answer(request);
	ctm_sized_out(&answer, sizeof answer, ret_answer);
	ctm_request_free(request);
	return 1;
}

static void transport_release(struct ctm_transport *t, struct ctm_transport_answer *answer)
{
	(void)t;
	free(answer->body);
	answer->body = NULL;
	answer->body_len = 0;
}

__attribute__((visibility("default"))) const struct ctm_transport_table *ctm_transport_entry(void)
{
	static const struct ctm_transport_table table = {
		.size = sizeof table,
		.abi_major = CTM_TRANSPORT_ABI_MAJOR,
		.abi_minor = CTM_TRANSPORT_ABI_MINOR,
		.name = "http",
		.open = transport_open,
		.submit = transport_submit,
		.wait = transport_wait,
		.next = transport_next,
		.close = transport_close,
		.ask = transport_ask,
		.next_answer = transport_next_answer,
		.release = transport_release,
	};

	return &table;
}
