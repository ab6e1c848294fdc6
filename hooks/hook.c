/* SPDX-License-Identifier: MIT */
/*
 * on-download-complete and its five siblings: what aria2 calls with GID NUMFILES FIRSTPATH
 *
 * One program under six names; the event is read from the last part of argv[0]. Exit status: 0 the
 * event is recorded, 1 it is not, 2 wrong usage.
 */
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "aria2ctm.h"
#include "event.h"
#include "files.h"
#include "num.h"
#include "path.h"
#include "say.h"

enum {
	RECORDED = 0,
	NOT_RECORDED = 1,
	WRONG_USAGE = 2
};

/*
 * aria2 hands on ignored signals, sockets, maybe closed standard descriptors, and its own terminal,
 * whose Ctrl-C would end us between two downloads.
 */
static void settle(void)
{
	ctm_files_null_stdio(false);
	ctm_files_close_above_stdio();
	signal(SIGCHLD, SIG_DFL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a limit of file sizes is met like a full disk */
	(void)setsid();
	umask(077);
}

static int usage(const char *name)
{
	ctm_say(stderr, "usage: %.100s GID NUMFILES FIRSTPATH", name);
	fputs("aria2 calls this. Set it in aria2.conf by its absolute path, for example\n"
	      "  on-download-complete=" CTM_LIBEXECDIR "/on-download-complete\n"
	      "Names: on-download-start, -pause, -stop, -complete, -error, "
	      "on-bt-download-complete.\n",
		stderr);
	return WRONG_USAGE;
}

int main(int argc, char **argv)
{
	struct aria2ctm_event event = {.size = sizeof event, .flags = ARIA2CTM_PROCESS_IS_OURS};
	struct aria2ctm_error error = {.size = sizeof error};
	const char *name = argc > 0 ? ctm_path_name(argv[0]) : "";
	enum ctm_event_type type;
	uint64_t n_files;

	settle();
	if (argc != 4 || !ctm_event_type_from_hook(name, &type) ||
		ctm_num_parse_gid(argv[1], &event.gid) < 0 ||
		ctm_num_parse(argv[2], 0, UINT32_MAX, &n_files) < 0)
		return usage(name);
	event.type = (enum aria2ctm_event_type)type;
	event.n_files = (uint32_t)n_files;
	event.path = argv[3];
	if (aria2ctm_event(&event, &error) < 0) {
		ctm_say(stderr, "%s: %s", ctm_event_hook_name(type), error.text);
		return NOT_RECORDED;
	}
	return RECORDED;
}
