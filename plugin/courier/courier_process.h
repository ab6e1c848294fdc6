/* SPDX-License-Identifier: MIT */
/*
 * courier_process.h - the transport's process: started, and ended
 *
 * Started by exec, never by a bare fork: it inherits neither locks nor threads nor descriptors, but
 * one end of a socketpair. It is in a session of its own, so that a terminal's Ctrl-C is not for
 * it.
 */
#ifndef CTM_COURIER_PROCESS_H
#define CTM_COURIER_PROCESS_H

#include <sys/types.h>

#include "errors.h"

#define CTM_PROCESS_TEXT 160

/* *ret_fd: our end of the socket. 0 or negative errno in *e. */
int ctm_process_start(pid_t *ret_pid, int *ret_fd, struct ctm_error *e);

/*
 * Ends it and reaps it, where nobody else has: a process that reaps all its children is none of our
 * business. text, in words: how it ended. `patience_ms`: how long it may take to end by itself.
 */
void ctm_process_end(pid_t pid, unsigned patience_ms, char text[CTM_PROCESS_TEXT]);

#endif
