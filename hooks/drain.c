/* SPDX-License-Identifier: MIT */
/*
 * drain: what a hook command becomes when there is more to be done than to append its event
 *
 *	drain --recorded NAME                        something may be complete
 *	drain --recorded-late NAME                   the same, also if nothing seems to wait
 *	drain --hook NAME GID NUMFILES FIRSTPATH     the hook left all of it: something is
 *	                                             to be said, made or become first
 *
 * Started by the hook commands, not by people: `aria2-ctm flush` is for those. It becomes `deliver`
 * where something is to be verified or sent. Exit status, which is the hook's: 0 the event is
 * recorded, 1 it is not, 2 wrong usage.
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
#include "log.h"
#include "num.h"
#include "path.h"
#include "plugin_drain.h"
#include "plugin_setup.h"
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

static int usage_of_hook(const char *name)
{
	ctm_say(stderr, "usage: %.100s GID NUMFILES FIRSTPATH", name);
	fputs("aria2 calls this. Set it in aria2.conf by its absolute path, for example\n"
	      "  on-download-complete=" CTM_LIBEXECDIR "/on-download-complete\n"
	      "Names: on-download-start, -pause, -stop, -complete, -error, "
	      "on-bt-download-complete.\n",
		stderr);
	return WRONG_USAGE;
}

static int usage(void)
{
	fputs("usage: drain --recorded NAME | --recorded-late NAME | --hook NAME GID NUMFILES "
	      "FIRSTPATH\n"
	      "Hook commands become this program; to drain by hand use \"aria2-ctm flush\".\n",
		stderr);
	return WRONG_USAGE;
}

/* The whole work of a hook. */
static int hook(int argc, char **argv)
{
	struct aria2ctm_event event = {.size = sizeof event, .flags = ARIA2CTM_PROCESS_IS_OURS};
	struct aria2ctm_error error = {.size = sizeof error};
	const char *name = argc > 0 ? ctm_path_name(argv[0]) : "";
	enum ctm_event_type type;
	uint64_t n_files;

	if (argc != 4 || !ctm_event_type_from_hook(name, &type) ||
		ctm_num_parse_gid(argv[1], &event.gid) < 0 ||
		ctm_num_parse(argv[2], 0, UINT32_MAX, &n_files) < 0)
		return usage_of_hook(name);
	event.type = (enum aria2ctm_event_type)type;
	event.n_files = (uint32_t)n_files;
	event.path = argv[3];
	if (aria2ctm_event(&event, &error) < 0) {
		ctm_say(stderr, "%s: %s", ctm_event_hook_name(type), error.text);
		return NOT_RECORDED;
	}
	return RECORDED;
}

/* What fails here loses nothing, and is only said. */
static int drain(enum ctm_event_type type, bool late)
{
	const char *name = ctm_event_hook_name(type);
	struct ctm_error e = CTM_ERROR_INIT;
	struct ctm_config *config = NULL;
	struct ctm_state *state = NULL;
	char line[CTM_ERROR_TEXT + 300];
	int r = ctm_plugin_configure(name, ctm_config_load_for_event, &config, &e);

	if (r == 0)
		r = ctm_state_open(config, CTM_STATE_CREATE | CTM_STATE_BECOME, &state, &e);
	ctm_error_of(&e, r);
	if (r == 0)
		ctm_plugin_drain(state, late, true);
	else if (ctm_log_is_stderr())
		ctm_say(stderr, "%s: %s", name, ctm_error_print(&e, line, sizeof line));
	else
		ctm_log_complaint(CTM_LOG_ERROR, NULL, &e);
	ctm_plugin_finish(state, config);
	return RECORDED;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	const bool late = strcmp(what, "--recorded-late") == 0;
	enum ctm_event_type type;

	settle();
	if (strcmp(what, "--hook") == 0)
		return hook(argc - 2, argv + 2);
	if (argc != 3 || !(late || strcmp(what, "--recorded") == 0) ||
		!ctm_event_type_from_hook(ctm_path_name(argv[2]), &type))
		return usage();
	return drain(type, late);
}
