/* SPDX-License-Identifier: MIT */
/*
 * lock.h - locks on files that die with their holder
 *
 * flock(2): the kernel lets go when the last descriptor is closed, also by SIGKILL. It belongs to
 * the opening of the file and not to the process, so threads of one process exclude each other like
 * processes do. Descriptors are close-on-exec, so a program that is exec'd does not inherit a lock;
 * but another thread of a host may fork at any time, and that child has the descriptor until it
 * execs or ends. So a lock is let go by ctm_lock_release(), which unlocks, rather than by close(2).
 * No function here ever waits in the kernel: a holder may be stopped for ever.
 */
#ifndef CTM_LOCK_H
#define CTM_LOCK_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "errors.h"

/*
 * Opens (creating it, mode 0600) dir_fd's file `name` and takes the exclusive lock if it is free.
 * Returns the descriptor, for ctm_lock_release(). -EAGAIN: somebody else holds it; other errors as
 * of open(2).
 */
int ctm_lock_try(int dir_fd, const char *name);

/* Lets go and closes; *fd becomes -1. One that is not open is left so. Keeps errno. */
void ctm_lock_release(int *fd);
#define CTM_CLEANUP_LOCK CTM_CLEANUP(ctm_lock_release)

/*
 * The same, trying again for wait_ms milliseconds. -EAGAIN after that, and *e names the holder.
 */
int ctm_lock_wait(int dir_fd, const char *name, uint64_t wait_ms, struct ctm_error *e);

/* "aria2-ctm (process 4711)" of whoever holds a lock on that file, "" if that can't be told. */
void ctm_lock_holder(int dir_fd, const char *name, char *buf, size_t size);

#endif
