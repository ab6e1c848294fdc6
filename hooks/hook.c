/* SPDX-License-Identifier: MIT */
/*
 * on-download-complete and its five siblings: what aria2 calls with GID NUMFILES FIRSTPATH
 *
 * One program under six names; the event is read from the last part of argv[0]. It appends the
 * event to the inbox, and where that can have completed nothing it is done: it runs for each file
 * of the machine, so it has no more in it than this takes. In all other cases it becomes `drain`,
 * which drains, or, where the event could not be written down, knows how to complain. Exit status:
 * 0 the event is recorded, 1 it is not, 2 wrong usage.
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "glance.h"
#include "lock.h"
#include "num.h"
#include "path.h"
#include "place.h"
#include "record.h"

#define DRAIN "drain"
#define TRIES 3
/* More arguments than an event has; so many are handed on. */
#define ARGUMENTS 5

enum {
	RECORDED = 0,
	NOT_RECORDED = 1,
};

/*
 * aria2's terminal has a Ctrl-C that would end us between two downloads, and a limit of file sizes
 * is met like a full disk. The rest of what it hands on is harmless to whoever ends in a moment.
 */
static void settle(void)
{
	signal(SIGXFSZ, SIG_IGN);
	(void)setsid();
	umask(077);
}

/* False: no call that aria2 makes. */
static bool read_call(int argc, char **argv, struct ctm_said *said)
{
	uint64_t n_files;

	if (argc != 4 || !ctm_event_type_from_hook(ctm_path_name(argv[0]), &said->type) ||
		ctm_num_parse_gid(argv[1], &said->gid) < 0 ||
		ctm_num_parse(argv[2], 0, UINT32_MAX, &n_files) < 0)
		return false;
	said->n_files = (uint32_t)n_files;
	said->path = argv[3];
	return true;
}

/* Whether who holds the lock drains it: he looks at the inbox again after letting go. */
static bool is_seen_to(const struct ctm_state *state)
{
	int fd = ctm_lock_try(state->dir_fd, CTM_LOCK_FILE);

	if (fd == -EAGAIN)
		return true;
	ctm_lock_release(&fd);
	return false;
}

/*
 * One of enum ctm_recorded; negative: not recorded, or something is not as it mostly is. What is
 * opened ends with the process.
 */
static int record(const struct ctm_said *said)
{
	struct ctm_glance glance;
	struct ctm_config config = {
		.state_dir = glance.state_dir,
		.sidecar_dir = glance.sidecar_dir,
	};
	struct ctm_state state;
	int r;

	/* Where standard descriptors are closed, somebody could take ours for those. */
	if (!ctm_glance(&glance) || !ctm_state_glance(&config, &state) ||
		state.dir_fd <= STDERR_FILENO)
		return -EINVAL;
	r = ctm_record(&state, said, NULL);
	return r == CTM_RECORDED_DRAIN && is_seen_to(&state) ? CTM_RECORDED : r;
}

static int try_to_become(char **argv, char **ret_path)
{
	int r = ctm_place_find(CTM_PLACE_LIBEXEC, DRAIN, ret_path);

	if (r < 0)
		return r;
	execv(*ret_path, argv);
	return -errno;
}

/*
 * Returns only if that fails. It is tried again, because want of memory can be over in a moment,
 * and only `drain` knows the log: what is said here is all that there will be.
 */
static void become(char **argv)
{
	char *path = NULL;
	int r = 0;

	for (int i = 0; i < TRIES; i++) {
		free(path);
		path = NULL;
		r = try_to_become(argv, &path);
	}
	dprintf(STDERR_FILENO, "cannot start \"%s\": %s\n", path ? path : DRAIN, strerror(-r));
	syslog(LOG_DAEMON | LOG_ERR, "aria2-ctm: cannot start \"%s\": %s", path ? path : DRAIN,
		strerror(-r));
}

static int drain(char *name, enum ctm_recorded recorded)
{
	char program[] = DRAIN;
	char waits[] = "--recorded";
	char late[] = "--recorded-late";
	char *argv[] = {program, recorded == CTM_RECORDED_LATE ? late : waits, name, NULL};

	become(argv);
	return RECORDED;
}

static int record_and_drain(int argc, char **argv)
{
	char program[] = DRAIN;
	char call[] = "--hook";
	char *handed[2 + ARGUMENTS + 1] = {program, call};

	for (int i = 0; i < argc && i < ARGUMENTS; i++)
		handed[2 + i] = argv[i];
	become(handed);
	return NOT_RECORDED;
}

int main(int argc, char **argv)
{
	struct ctm_said said;
	int r;

	settle();
	r = read_call(argc, argv, &said) ? record(&said) : -EINVAL;
	if (r > 0)
		r = drain(argv[0], (enum ctm_recorded)r);
	else if (r < 0)
		r = record_and_drain(argc, argv);
	_exit(r);
}
