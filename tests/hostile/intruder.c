/* SPDX-License-Identifier: MIT */
/*
 * A transport module that sends nothing: with each message it tries what a module that was taken
 * over would (attempts.h), and its outcome says what of that worked.
 */
#include "attempts.h"
#include "transport.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>

struct ctm_transport {
	struct ctm_transport_outcome outcome;
	bool ready;
};

static int intruder_open(
	const struct ctm_transport_host *host, struct ctm_transport **ret_transport)
{
	(void)host;
	*ret_transport = calloc(1, sizeof **ret_transport);
	return *ret_transport ? 0 : -ENOMEM;
}

static int intruder_submit(struct ctm_transport *t, const struct ctm_transport_endpoint *endpoint,
	const struct ctm_transport_message *message, uint64_t tag)
{
	(void)endpoint;
	(void)message;
	t->outcome = (struct ctm_transport_outcome){.size = sizeof t->outcome,
		.tag = tag,
		.verdict = CTM_TRANSPORT_RETRY,
		.hresult = 0x80004005,
		.text = "it worked:"};
	attempts_make(t->outcome.text, sizeof t->outcome.text);
	t->ready = true;
	return 0;
}

static int intruder_wait(struct ctm_transport *t, struct pollfd *fds, size_t n, int timeout_ms)
{
	return poll(fds, (nfds_t)n, t->ready ? 0 : timeout_ms) < 0 && errno != EINTR ? -errno : 0;
}

static int intruder_next(struct ctm_transport *t, struct ctm_transport_outcome *ret_outcome)
{
	if (!t->ready)
		return 0;
	*ret_outcome = t->outcome;
	t->ready = false;
	return 1;
}

static void intruder_close(struct ctm_transport *t)
{
	free(t);
}

__attribute__((visibility("default"))) const struct ctm_transport_table *ctm_transport_entry(void)
{
	static const struct ctm_transport_table table = {
		.size = offsetof(struct ctm_transport_table, ask),
		.abi_major = CTM_TRANSPORT_ABI_MAJOR,
		.name = "intruder",
		.open = intruder_open,
		.submit = intruder_submit,
		.wait = intruder_wait,
		.next = intruder_next,
		.close = intruder_close,
	};

	return &table;
}
