/* SPDX-License-Identifier: MIT */
/*
 * thread.h - threads for what may take long: a dead disk can keep one for ever
 *
 * Order of calls: ctm_thread_start(), then ctm_thread_join() once it has said that it is done, or
 * ctm_thread_join_by(). One that could not be joined goes on with the process and ends with it:
 * everything that it uses must stay.
 */
#ifndef CTM_THREAD_H
#define CTM_THREAD_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* What is to stop and does not is waited for so long. */
#define CTM_THREAD_STOP_MS 2000u

typedef void *ctm_thread_body(void *context);

/*
 * Without signals: those are the main thread's. 0; -ENOMEM, also where there may be no more
 * threads: -EAGAIN is what a lock says.
 */
int ctm_thread_start(pthread_t *ret_thread, ctm_thread_body *body, void *context);

/* Waits for it until then, by ctm_clock_boot_ms(). Whether it has ended. */
bool ctm_thread_join_by(pthread_t thread, uint64_t until_ms);

#endif
