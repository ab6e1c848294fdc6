/* SPDX-License-Identifier: MIT */
#include "transfers.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#include "sigpipe.h"

/* No sleep is longer, so that sums of milliseconds stay small. */
#define SLEEP_MAX_MS 60000

static void link_active(struct ctm_transfers *t, struct ctm_request *request)
{
	request->prev = NULL;
	request->next = t->active;
	if (t->active)
		t->active->prev = request;
	t->active = request;
}

static void unlink_active(struct ctm_transfers *t, struct ctm_request *request)
{
	if (request->prev)
		request->prev->next = request->next;
	else
		t->active = request->next;
	if (request->next)
		request->next->prev = request->prev;
}

static void append_finished(struct ctm_transfers *t, struct ctm_request *request)
{
	struct ctm_transfers_queue *queue = &t->finished[request->kind];

	request->prev = request->next = NULL;
	if (queue->last)
		queue->last->next = request;
	else
		queue->first = request;
	queue->last = request;
}

struct ctm_request *ctm_transfers_take(struct ctm_transfers *t, enum ctm_request_kind kind)
{
	struct ctm_transfers_queue *queue = &t->finished[kind];
	struct ctm_request *request = queue->first;

	if (!request)
		return NULL;
	queue->first = request->next;
	if (!queue->first)
		queue->last = NULL;
	return request;
}

static bool has_finished(const struct ctm_transfers *t)
{
	for (size_t i = 0; i < CTM_REQUEST_KINDS; i++) {
		if (t->finished[i].first)
			return true;
	}
	return false;
}

static int errno_of_multi(CURLMcode code)
{
	return code == CURLM_OK ? 0 : code == CURLM_OUT_OF_MEMORY ? -ENOMEM : -EIO;
}

int ctm_transfers_init(struct ctm_transfers *t)
{
	*t = (struct ctm_transfers){.multi = curl_multi_init()};
	return t->multi ? 0 : -ENOMEM;
}

int ctm_transfers_add(struct ctm_transfers *t, struct ctm_request *request)
{
	int r;

	if (!request->easy) {
		append_finished(t, request);
		return 0;
	}
	request->turn = &t->turn;
	request->sockets = &t->sockets;
	ctm_sockets_watch(&t->sockets, request->easy);
	r = errno_of_multi(curl_multi_add_handle(t->multi, request->easy));
	if (r < 0)
		ctm_request_free(request);
	else
		link_active(t, request);
	return r;
}

static void harvest(struct ctm_transfers *t)
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
		if (ctm_request_begin_afresh(request, code) &&
			curl_multi_add_handle(t->multi, request->easy) == CURLM_OK)
			continue;
		unlink_active(t, request);
		ctm_request_finish(request, code);
		append_finished(t, request);
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
static int sleep_ms(struct ctm_transfers *t, struct curl_waitfd *waitfds, unsigned n, int ms,
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

static int drive(struct ctm_transfers *t, struct pollfd *fds, size_t n, struct curl_waitfd *waitfds,
	int timeout_ms)
{
	const int64_t deadline = now_ms() + timeout_ms;
	const unsigned n_waitfds = fill_waitfds(fds, n, waitfds);
	bool interrupted = false;

	for (;;) {
		int64_t left = SLEEP_MAX_MS;
		int running;
		int r;

		t->turn++;
		r = errno_of_multi(curl_multi_perform(t->multi, &running));
		if (r < 0)
			return r;
		harvest(t);
		if (look_at(fds, n) || has_finished(t) || interrupted)
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

int ctm_transfers_wait(struct ctm_transfers *t, struct pollfd *fds, size_t n, int timeout_ms)
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

static void drop_active(struct ctm_transfers *t)
{
	while (t->active) {
		struct ctm_request *request = t->active;

		unlink_active(t, request);
		curl_multi_remove_handle(t->multi, request->easy);
		ctm_request_free(request);
	}
}

static void drop_finished(struct ctm_transfers *t)
{
	for (enum ctm_request_kind kind = 0; kind < CTM_REQUEST_KINDS; kind++) {
		struct ctm_request *request;

		while ((request = ctm_transfers_take(t, kind)))
			ctm_request_free(request);
	}
}

void ctm_transfers_done(struct ctm_transfers *t)
{
	struct ctm_sigpipe sigpipe;

	ctm_sigpipe_hold(&sigpipe);
	drop_active(t);
	drop_finished(t);
	curl_multi_cleanup(t->multi);
	ctm_sockets_done(&t->sockets);
	ctm_sigpipe_release(&sigpipe);
	t->multi = NULL;
}
