/* SPDX-License-Identifier: MIT */
#include "send_aside.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "files.h"
#include "thread.h"

static void *run(void *context)
{
	struct ctm_send_aside *aside = context;
	const uint64_t one = 1;

	aside->r = ctm_send_commit(aside->state, aside->turn, aside->version, aside->e);
	atomic_store(&aside->done, true);
	if (write(aside->done_fd, &one, sizeof one) < 0)
		return NULL; /* the counter is full: it is readable anyway */
	return NULL;
}

int ctm_send_aside_begin(struct ctm_send_aside *aside)
{
	int r;

	aside->done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (aside->done_fd < 0)
		return -errno;
	atomic_init(&aside->done, false);
	r = ctm_thread_start(&aside->thread, run, aside);
	if (r < 0)
		ctm_close_fd(&aside->done_fd);
	return r;
}

bool ctm_send_aside_is_done(struct ctm_send_aside *aside)
{
	return atomic_load(&aside->done);
}

int ctm_send_aside_end(struct ctm_send_aside *aside)
{
	pthread_join(aside->thread, NULL);
	ctm_close_fd(&aside->done_fd);
	return aside->r;
}
