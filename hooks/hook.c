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
#include <unistd.h>

#include "become.h"
#include "glance.h"
#include "lock.h"
#include "num.h"
#include "record.h"

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

/* One of enum ctm_recorded; negative: not recorded, or something is not as it mostly is. */
static int record(const struct ctm_said *said)
{
	struct ctm_glance glance;
	struct ctm_config config = {
		.state_dir = glance.state_dir,
		.sidecar_dir = glance.sidecar_dir,
	};
	struct ctm_state state;
	struct ctm_event event;
	char path[CTM_PATH_LIMIT + 1];
	int r;

	/* Where standard descriptors are closed, somebody could take ours for those. */
	if (!ctm_glance(&glance) || !ctm_state_glance(&config, &state) ||
		state.dir_fd <= STDERR_FILENO || !ctm_record_glance(said, path, &event))
		return -EINVAL;
	r = ctm_record(&state, &event);
	return r == CTM_RECORDED_DRAIN && is_seen_to(&state) ? CTM_RECORDED : r;
}

static int drain(char *name, enum ctm_recorded recorded)
{
	char program[] = BECOME_DRAIN;
	char waits[] = "--recorded";
	char late[] = "--recorded-late";
	char *argv[] = {program, recorded == CTM_RECORDED_LATE ? late : waits, name, NULL};

	become_drain(argv);
	return RECORDED;
}

static int record_and_drain(int argc, char **argv)
{
	char program[] = BECOME_DRAIN;
	char call[] = "--hook";
	char *handed[2 + ARGUMENTS + 1] = {program, call};

	for (int i = 0; i < argc && i < ARGUMENTS; i++)
		handed[2 + i] = argv[i];
	become_drain(handed);
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
