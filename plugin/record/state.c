/* SPDX-License-Identifier: MIT */
#include "state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "inbox.h"
#include "owner.h"

/* To be the directory's owner; only a process that is ours may become that. */
static int be_owner(
	const struct ctm_state *state, unsigned mode, const struct stat *st, struct ctm_error *e)
{
	if (!(mode & CTM_STATE_BECOME) && geteuid() == 0 && st->st_uid != 0)
		return ctm_error_set(e, -EPERM,
			"state directory \"%s\" belongs to uid %u, but this "
			"process is root and must stay so: run it as that user",
			state->dir, (unsigned)st->st_uid);
	return ctm_owner_become(st->st_uid, st->st_gid, state->dir, e);
}

/* Judges the directory by its open descriptor, so that what was judged is what is used. */
static int judge(struct ctm_state *state, unsigned mode, struct ctm_error *e)
{
	struct stat st;

	if (fstat(state->dir_fd, &st) < 0)
		return ctm_error_set(e, -errno, "cannot look at state directory \"%s\": %s",
			state->dir, strerror(errno));
	if (st.st_mode & (S_IWGRP | S_IWOTH))
		return ctm_error_set(e, -EPERM,
			"state directory \"%s\" can be written by others "
			"(mode %04o): run \"chmod 700 %s\"",
			state->dir, st.st_mode & 07777U, state->dir);
	state->owner = st.st_uid;
	state->group = st.st_gid;
	return be_owner(state, mode, &st, e);
}

/*
 * The directories inside; those that are there are left as they are. The inbox comes last: where it
 * is, the others are.
 */
static int make_inside(const struct ctm_state *state, struct ctm_error *e)
{
	const char *const names[] = {"jobs", CTM_INBOX_DIR};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (mkdirat(state->dir_fd, names[i], 0700) < 0 && errno != EEXIST)
			return ctm_error_set(e, -errno, "cannot make \"%s/%s\": %s", state->dir,
				names[i], strerror(errno));
	return 0;
}

static int open_dir(struct ctm_state *state, unsigned mode, struct ctm_error *e)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
	struct stat st;
	int r;

	state->dir_fd = open(state->dir, flags);
	if (state->dir_fd < 0 && errno == ENOENT && (mode & CTM_STATE_CREATE)) {
		r = ctm_files_make_dirs(state->dir, 0700);
		if (r < 0)
			return ctm_error_set(e, r, "cannot make state directory \"%s\": %s",
				state->dir, strerror(-r));
		state->dir_fd = open(state->dir, flags);
	}
	/* Root may be without the right to look into what is others'. */
	if (state->dir_fd < 0 && errno == EACCES && stat(state->dir, &st) == 0 &&
		st.st_uid != geteuid()) {
		r = be_owner(state, mode, &st, e);
		if (r < 0)
			return r;
		state->dir_fd = open(state->dir, flags);
	}
	if (state->dir_fd < 0)
		return ctm_error_set(e, -errno, "cannot open state directory \"%s\": %s",
			state->dir, strerror(errno));
	return 0;
}

int ctm_state_open(const struct ctm_config *config, unsigned mode, struct ctm_state **ret_state,
	struct ctm_error *e)
{
	struct ctm_state *state = calloc(1, sizeof *state);
	int r;

	if (!state)
		return ctm_error_set(e, -ENOMEM, "no memory to open the state directory");
	state->config = config;
	state->dir_fd = state->lock_fd = -1;
	state->dir = strdup(config->state_dir);
	r = state->dir ? open_dir(state, mode, e)
		       : ctm_error_set(e, -ENOMEM, "no memory to open the state directory");
	if (r == 0)
		r = judge(state, mode, e);
	if (r == 0 && (mode & CTM_STATE_CREATE) &&
		faccessat(state->dir_fd, CTM_INBOX_DIR, F_OK, 0) < 0)
		r = make_inside(state, e);
	if (r < 0) {
		ctm_state_close(state);
		return r;
	}
	*ret_state = state;
	return 0;
}

void ctm_state_close(struct ctm_state *state)
{
	if (!state)
		return;
	if (state->let_go)
		state->let_go(state);
	ctm_close_fd(&state->lock_fd);
	ctm_close_fd(&state->dir_fd);
	free(state->dir);
	free(state);
}
