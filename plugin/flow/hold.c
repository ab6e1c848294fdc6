/* SPDX-License-Identifier: MIT */
#include "hold.h"

#include <errno.h>
#include <string.h>

#include "buf.h"
#include "lock.h"
#include "path.h"
#include "store.h"
#include "trigger_write.h"

static void let_go(struct ctm_state *state)
{
	ctm_trigger_done(state);
	ctm_store_close(state->store);
	state->store = NULL;
}

static int open_store(struct ctm_state *state, struct ctm_error *e)
{
	CTM_CLEANUP_FREE char *path = NULL;
	int r;

	if (state->store)
		return 0;
	path = ctm_path_join(state->dir, CTM_STORE_FILE);
	r = path ? ctm_store_open(path, &state->store, e)
		 : ctm_error_set(e, -ENOMEM, "no memory to open the store");
	if (r < 0)
		ctm_lock_release(&state->lock_fd);
	else
		state->let_go = let_go;
	return r;
}

int ctm_hold_try(struct ctm_state *state, struct ctm_error *e)
{
	int fd = ctm_lock_try(state->dir_fd, CTM_LOCK_FILE);

	if (fd == -EAGAIN)
		return fd;
	if (fd < 0)
		return ctm_error_set(e, fd, "cannot lock \"%s/" CTM_LOCK_FILE "\": %s", state->dir,
			strerror(-fd));
	state->lock_fd = fd;
	return open_store(state, e);
}

int ctm_hold_wait(struct ctm_state *state, uint64_t wait_ms, struct ctm_error *e)
{
	int fd = ctm_lock_wait(state->dir_fd, CTM_LOCK_FILE, wait_ms, e);

	if (fd < 0) {
		ctm_error_wrap(e, "state directory \"%s\"", state->dir);
		return fd;
	}
	state->lock_fd = fd;
	return open_store(state, e);
}

void ctm_hold_release(struct ctm_state *state)
{
	ctm_trigger_let_go(state);
	ctm_lock_release(&state->lock_fd);
}
