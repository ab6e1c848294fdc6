/* SPDX-License-Identifier: MIT */
/*
 * sigpipe.h - keeping a peer that hangs up from killing the process
 *
 * libcurls before 7.87 write to TLS connections in a way that raises SIGPIPE. Its disposition is
 * not ours to change, so the signal is blocked in this thread for as long as libcurl runs, and
 * taken back where it came from us.
 */
#ifndef CTM_HTTP_SIGPIPE_H
#define CTM_HTTP_SIGPIPE_H

#include <signal.h>
#include <stdbool.h>

struct ctm_sigpipe {
	sigset_t mask;
	bool was_pending;
};

void ctm_sigpipe_hold(struct ctm_sigpipe *s);
void ctm_sigpipe_release(const struct ctm_sigpipe *s);

#endif
