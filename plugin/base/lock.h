/* SPDX-License-Identifier: MIT */
/*
 * lock.h - locks on files that die with their holder
 *
 * flock(2): the kernel lets go when the last descriptor is closed, also by SIGKILL. Descriptors are
 * close-on-exec, so a program that is exec'd does not inherit a lock; nobody forks while holding
 * one. No function here ever waits in the kernel: a holder may be stopped for ever.
 */
#ifndef CTM_LOCK_H
#define CTM_LOCK_H

#include <stddef.h>
#include <stdint.h>

#include "errors.h"

/*
 * Opens (creating it, mode 0600) dir_fd's file `name` and takes the exclusive lock if it is free.
 * Returns the descriptor, whose closing lets go. -EAGAIN: somebody else holds it; other errors as
 * of open(2).
 */
int ctm_lock_try(int dir_fd, const char *name);

/*
 * The same, trying again for wait_ms milliseconds. -EAGAIN after that, and *e names the holder.
 */
int ctm_lock_wait(int dir_fd, const char *name, uint64_t wait_ms, struct ctm_error *e);

/* "aria2-ctm (process 4711)" of whoever holds a lock on that file, "" if that can't be told. */
void ctm_lock_holder(int dir_fd, const char *name, char *buf, size_t size);

#endif
