/* SPDX-License-Identifier: MIT */
/*
 * state.h - an open state directory
 *
 * Order of calls: ctm_state_open(), then what the other headers of this layer offer, then
 * ctm_state_close(). One struct ctm_state is used by one thread at a time.
 *
 *	<state>/lock              guards the store (hold.h)
 *	<state>/store.mdb         the store
 *	<state>/inbox/            what hooks append to (inbox.h)
 *	<state>/triggers          when a hook need not drain (trigger.h)
 *	<state>/jobs/             sidecars, unless [sidecar] dir says otherwise
 *	<state>/deliver.lock      held by the one deliverer
 *	<state>/deliver.fifo      a byte in it wakes that one up
 *	<state>/run.lock          which jobs are being downloaded by `run`
 */
#ifndef CTM_STATE_H
#define CTM_STATE_H

#include <stdbool.h>
#include <sys/types.h>

#include "config.h"

/* Guards the store (hold.h). */
#define CTM_LOCK_FILE "lock"

struct ctm_store;
struct ctm_triggers;

struct ctm_state {
	const struct ctm_config *config; /* borrowed for the state's life */
	char *dir;                       /* absolute */
	int dir_fd;
	uid_t owner;
	gid_t group;
	int lock_fd;                   /* -1: the lock is not held (hold.h) */
	struct ctm_store *store;       /* NULL until it is first held */
	struct ctm_triggers *triggers; /* trigger_write.h's; NULL until they are first written */
	void (*let_go)(struct ctm_state *state); /* closes those two; NULL while both are */
	bool work; /* a drain left something to verify, send or read: wake the deliverer (wake.h) */
	bool sees_to_deadlines; /* the deliverer's: a time that is over is no news to it */
	bool sidecars_unread;   /* they could not be read, when the directory's mtime was this: */
	uint64_t sidecars_unread_ns;
};

enum ctm_state_mode {
	CTM_STATE_LOOK = 0,   /* a directory that is not there is an error, -ENOENT */
	CTM_STATE_CREATE = 1, /* it is made, with what belongs in it */
	CTM_STATE_BECOME = 2, /* run as root, the process becomes the directory's owner first */
};

/* mode: any of the above, or'ed. 0; -ENOENT; -EPERM: another user's; other negative errno in *e. */
int ctm_state_open(const struct ctm_config *config, unsigned mode, struct ctm_state **ret_state,
	struct ctm_error *e);

/*
 * The same as with CTM_STATE_LOOK for the usual case, into *ret_state and without memory: the
 * user that the process was started as owns the directory, and nobody else can write to it. False:
 * ctm_state_open() does what is to be done, and says what is wrong. The descriptor is not closed by
 * ctm_state_close().
 */
bool ctm_state_glance(const struct ctm_config *config, struct ctm_state *ret_state);

/* NULL is allowed. The lock must not be held. */
void ctm_state_close(struct ctm_state *state);

#endif
