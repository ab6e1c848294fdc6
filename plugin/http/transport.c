/* SPDX-License-Identifier: MIT */
/*
 * The door of the module: the table, and the two lists that a transport is made of. Requests that
 * libcurl works on are `active`, those with an outcome wait in `done` until they are asked for.
 */
#include "transport.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <curl/curl.h>

#include "outcome.h"
#include "request.h"
#include "sigpipe.h"

/* No sleep is longer, so that sums of milliseconds stay small. */
#define SLEEP_MAX_MS 60000

struct ctm_transport {
	CURLM *multi;
	char *user_agent;
	struct ctm_request *active;
	struct ctm_request *done_first;
	struct ctm_request *done_last;
};

static void link_active(struct ctm_transport *t, struct ctm_request *request)
{
	request->prev = NULL;
	request->next = t->active;
	if (t->active)
		t->active->prev = request;
	t->active = request;
}

static void unlink_active(struct ctm_transport *t, struct ctm_request *request)
{
	if (request->prev)
		request->prev->next = request->next;
	else
		t->active = request->next;
	if (request->next)
		request->next->prev = request->prev;
}

static void append_done(struct ctm_transport *t, struct ctm_request *request)
{
	request->prev = request->next = NULL;
	if (t->done_last)
		t->done_last->next = request;
	else
		t->done_first = request;
	t->done_last = request;
}

static int errno_of_multi(CURLMcode code)
{
	return code == CURLM_OK ? 0 : code == CURLM_OUT_OF_MEMORY ? -ENOMEM : -EIO;
}

/* Copies what the other side knows of a struct, which may be older or newer than ours. */
static bool copy_sized(void *ours, size_t our_size, const void *theirs)
{
	size_t their_size;

	memcpy(&their_size, theirs, sizeof their_size);
	if (their_size < sizeof their_size)
		return false;
	memcpy(ours, theirs, their_size < our_size ? their_size : our_size);
	return true;
}

static void log_version(const struct ctm_transport_host *host)
{
	char line[256];

	if (!host->log)
		return;
	snprintf(line, sizeof line, "transport http: %s", curl_version());
	host->log(host->log_context, 3, line);
}

/* Never undone: the module stays loaded, and not every TLS library can be started twice. */
static bool init_curl(void)
{
	static bool done;

	if (!done)
		done = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
	return done;
}

static void transport_close(struct ctm_transport *t);

static int transport_open(
	const struct ctm_transport_host *host, struct ctm_transport **ret_transport)
{
	struct ctm_transport_host ours = {0};
	struct ctm_transport *t;

	if (!copy_sized(&ours, sizeof ours, host))
		return -EINVAL;
	if (!init_curl())
		return -ENOMEM;
	t = calloc(1, sizeof *t);
	if (!t)
		return -ENOMEM;
	t->multi = curl_multi_init();
	if (ours.user_agent)
		t->user_agent = strdup(ours.user_agent);
	if (!t->multi || (ours.user_agent && !t->user_agent)) {
		transport_close(t);
		return -ENOMEM;
	}
	log_version(&ours);
	*ret_transport = t;
	return 0;
}

static int start(struct ctm_transport *t, struct ctm_request *request)
{
	int r = errno_of_multi(curl_multi_add_handle(t->multi, request->easy));

	if (r < 0)
		ctm_request_free(request);
	else
		link_active(t, request);
	return r;
}

static int transport_submit(struct ctm_transport *t, const struct ctm_transport_endpoint *endpoint,
	const struct ctm_transport_message *message, uint64_t tag)
{
	struct ctm_transport_endpoint our_endpoint = {0};
	struct ctm_transport_message our_message = {0};
	struct ctm_request *request;
	int r;

	if (!copy_sized(&our_endpoint, sizeof our_endpoint, endpoint) ||
		!copy_sized(&our_message, sizeof our_message, message))
		return -EINVAL;
	r = ctm_request_new(&our_endpoint, &our_message, t->user_agent, tag, &request);
	if (r < 0)
		return r;
	if (request->easy)
		return start(t, request);
	append_done(t, request);
	return 0;
}

static void harvest(struct ctm_transport *t)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(t->multi, &left))) {
		struct ctm_request *request = NULL;
		const CURLcode code = message->data.result;

		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &request);
		curl_multi_remove_handle(t->multi, message->easy_handle);
		unlink_active(t, request);
		ctm_request_finish(request, code);
		append_done(t, request);
	}
}

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static short wait_events(short poll_events)
{
	int events = 0;

	if (poll_events & POLLIN)
		events |= CURL_WAIT_POLLIN;
	if (poll_events & POLLPRI)
		events |= CURL_WAIT_POLLPRI;
	if (poll_events & POLLOUT)
		events |= CURL_WAIT_POLLOUT;
	return (short)events;
}

static unsigned fill_waitfds(const struct pollfd *fds, size_t n, struct curl_waitfd *waitfds)
{
	unsigned count = 0;

	for (size_t i = 0; i < n; i++) {
		if (fds[i].fd < 0)
			continue;
		waitfds[count].fd = fds[i].fd;
		waitfds[count].events = wait_events(fds[i].events);
		waitfds[count++].revents = 0;
	}
	return count;
}

/*
 * Sleeps until something moves. *ret_interrupted: a signal came. libcurl makes a 0 of poll's EINTR,
 * without a word, but leaves errno as it was.
 */
static int sleep_ms(struct ctm_transport *t, struct curl_waitfd *waitfds, unsigned n, int ms,
	bool *ret_interrupted)
{
	int ready = 0;
	int r;

	errno = 0;
	r = errno_of_multi(curl_multi_poll(t->multi, waitfds, n, ms, &ready));
	*ret_interrupted = r == 0 && ready == 0 && errno == EINTR;
	return r;
}

/*
 * Whether the caller's descriptors have something, with revents as poll() gives them: libcurl's
 * own leave out POLLHUP and POLLERR.
 */
static bool look_at(struct pollfd *fds, size_t n)
{
	return n && poll(fds, (nfds_t)n, 0) > 0;
}

static int drive(struct ctm_transport *t, struct pollfd *fds, size_t n, struct curl_waitfd *waitfds,
	int timeout_ms)
{
	const int64_t deadline = now_ms() + timeout_ms;
	const unsigned n_waitfds = fill_waitfds(fds, n, waitfds);
	bool interrupted = false;

	for (;;) {
		int64_t left = SLEEP_MAX_MS;
		int running;
		int r = errno_of_multi(curl_multi_perform(t->multi, &running));

		if (r < 0)
			return r;
		harvest(t);
		if (look_at(fds, n) || t->done_first || interrupted)
			return 0;
		if (timeout_ms >= 0)
			left = deadline - now_ms();
		if (left <= 0)
			return 0;
		r = sleep_ms(t, waitfds, n_waitfds, left < SLEEP_MAX_MS ? (int)left : SLEEP_MAX_MS,
			&interrupted);
		if (r < 0)
			return r;
	}
}

static int transport_wait(struct ctm_transport *t, struct pollfd *fds, size_t n, int timeout_ms)
{
	struct curl_waitfd *waitfds;
	struct ctm_sigpipe sigpipe;
	int r;

	if (n > INT_MAX)
		return -EINVAL;
	waitfds = calloc(n + 1, sizeof *waitfds);
	if (!waitfds)
		return -ENOMEM;
	ctm_sigpipe_hold(&sigpipe);
	r = drive(t, fds, n, waitfds, timeout_ms);
	ctm_sigpipe_release(&sigpipe);
	free(waitfds);
	return r;
}

static int transport_next(struct ctm_transport *t, struct ctm_transport_outcome *ret_outcome)
{
	struct ctm_request *request = t->done_first;

	if (!request)
		return 0;
	t->done_first = request->next;
	if (!t->done_first)
		t->done_last = NULL;
	ctm_outcome_copy(&request->outcome, ret_outcome);
	ctm_request_free(request);
	return 1;
}

static void drop_active(struct ctm_transport *t)
{
	while (t->active) {
		struct ctm_request *request = t->active;

		unlink_active(t, request);
		curl_multi_remove_handle(t->multi, request->easy);
		ctm_request_free(request);
	}
}

static void transport_close(struct ctm_transport *t)
{
	struct ctm_transport_outcome unread = {.size = sizeof unread};
	struct ctm_sigpipe sigpipe;

	if (!t)
		return;
	ctm_sigpipe_hold(&sigpipe);
	drop_active(t);
	while (transport_next(t, &unread))
		;
	curl_multi_cleanup(t->multi);
	ctm_sigpipe_release(&sigpipe);
	free(t->user_agent);
	free(t);
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
	};

	return &table;
}
