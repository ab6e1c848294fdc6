/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "command.h"
#include "enclose.h"
#include "files.h"
#include "hide.h"
#include "options.h"
#include "path.h"
#include "place.h"

#define LIMIT ((size_t)1 << 28) /* bytes of a report */

struct checking {
	struct ctm_check check;
	struct ctm_check_report report;
	struct ctm_session session;
	char config_file[300]; /* of a configuration that can't be loaded: as far as it is known */
};

static void complain(void *context, const struct ctm_error *complaint)
{
	struct checking *c = context;

	ctm_check_complaint(&c->report, complaint);
	snprintf(c->config_file, sizeof c->config_file, "%s", complaint->file);
}

static void load_config(struct checking *c)
{
	struct ctm_error e = CTM_ERROR_INIT;
	int r = ctm_config_load(&c->session.config, complain, c, &e);

	c->check.config = c->session.config;
	/* Errors in its lines have been said one by one. */
	if (r < 0 && !(r == -EINVAL && c->report.count[CTM_CHECK_ERROR]))
		ctm_check_add(&c->report, CTM_CHECK_ERROR, "configuration", "%s", e.text);
	if (r == -ENOENT || r == -EACCES)
		ctm_check_remedy(&c->report,
			"ARIA2_CTM_CONF, else aria2-ctm/aria2-ctm.conf in XDG_CONFIG_HOME or ~/.config, "
			"else " CTM_SYSCONFDIR "/aria2-ctm/aria2-ctm.conf is read");
}

static void note_user(struct ctm_check *check)
{
	const uid_t uid = check->state ? check->state->owner : geteuid();
	char space[4096];
	struct passwd entry;
	struct passwd *found = NULL;

	if (getpwuid_r(uid, &entry, space, sizeof space, &found) == 0 && found)
		snprintf(check->user, sizeof check->user, "%s", found->pw_name);
	else
		snprintf(check->user, sizeof check->user, "%u", (unsigned)uid);
}

/* As the state's owner from here on. False: the state is there, and is not ours to use. */
static bool open_state(struct checking *c)
{
	struct ctm_error e = CTM_ERROR_INIT;
	int r;

	note_user(&c->check);
	if (!ctm_check_state_dir(&c->check))
		return access(c->check.config->state_dir, F_OK) < 0 && errno == ENOENT;
	r = ctm_state_open(
		c->check.config, CTM_STATE_LOOK | CTM_STATE_BECOME, &c->session.state, &e);
	if (r < 0) {
		ctm_check_state_failure(&c->check, &e);
		return false;
	}
	c->check.state = c->session.state;
	note_user(&c->check);
	ctm_check_add(&c->report, CTM_CHECK_OK, c->check.state->dir,
		"the state directory of user %s", c->check.user);
	return true;
}

/* As every command does; but that one of them could not is only said here. */
static void enclose(struct ctm_check *check)
{
	struct ctm_error e = CTM_ERROR_INIT;
	int landlock = 0;

	if (ctm_enclose(check->config, NULL, &landlock, &e) < 0)
		check->report->no_memory = true;
	else
		ctm_check_enclosure(check, landlock);
}

/* The directory of our hook commands, which the caller frees; NULL: no memory. */
static char *find_hooks(void)
{
	char *hooks = NULL;
	size_t len;

	if (ctm_place_find(CTM_PLACE_LIBEXEC, "", &hooks) < 0)
		hooks = strdup(CTM_LIBEXECDIR);
	len = hooks ? strlen(hooks) : 0;
	if (len > 1 && hooks[len - 1] == '/')
		hooks[len - 1] = '\0';
	return hooks;
}

static int report(struct checking *c)
{
	CTM_CLEANUP_BUF struct ctm_buf out = CTM_BUF_INIT(LIMIT);
	struct ctm_lines lines = ctm_lines_for(STDOUT_FILENO, &out);
	const struct ctm_config *config = c->check.config;
	const char *file = config && config->file ? config->file
			   : c->config_file[0]    ? c->config_file
			   : config               ? "none, built-in defaults"
						  : "see below";
	int r;

	ctm_lines_line(&lines, CTM_FAINT, "configuration: %s", file);
	ctm_lines_line(&lines, CTM_FAINT, "state: %s",
		config ? config->state_dir : "not known without a configuration");
	ctm_buf_add_char(&out, '\n');
	ctm_check_print(&c->report, &lines);
	r = ctm_lines_flush(&out, stdout);
	if (r == 0 && fflush(stdout) < 0)
		r = -errno;
	if (r < 0)
		fprintf(stderr, "aria2-ctm: cannot write the report: %s\n", strerror(-r));
	return r < 0 || c->report.count[CTM_CHECK_ERROR] || c->report.no_memory ? CTM_EXIT_FAILED
										: CTM_EXIT_DONE;
}

static int run(const struct ctm_command *command, int argc, char **argv)
{
	bool connect = false;
	bool good;
	const char *aria2_conf = NULL;
	const struct ctm_option options[] = {
		{.name = "--connect", .flag = &connect},
		{.name = "--aria2-conf", .value = &aria2_conf},
	};
	CTM_CLEANUP_FREE char *hooks = find_hooks();
	struct checking c = {.check.report = &c.report};
	int r = ctm_options_parse(command, options, sizeof options / sizeof *options, &argc, argv);

	if (r)
		return r;
	c.report.no_memory |= !hooks;
	load_config(&c);
	note_user(&c.check);
	good = c.check.config && open_state(&c);
	if (good)
		ctm_hide();
	if (c.check.config)
		enclose(&c.check);
	if (good) {
		ctm_check_config(&c.check);
		ctm_check_jobs(&c.check, argv + 1, (size_t)argc - 1);
		if (connect) {
			ctm_check_connect(&c.check);
			ctm_check_rpc(&c.check, hooks ? hooks : CTM_LIBEXECDIR);
		}
	}
	ctm_check_programs(&c.check);
	ctm_check_systemd(&c.check, "");
	if (aria2_conf)
		ctm_check_aria2(&c.check, aria2_conf, hooks ? hooks : CTM_LIBEXECDIR);
	r = report(&c);
	ctm_session_close(&c.session);
	ctm_check_report_done(&c.report);
	return r;
}

const struct ctm_command ctm_command_check = {
	.name = "check",
	.arguments = "[SIDECAR...] [--connect] [--aria2-conf FILE]",
	.summary = "say what is wrong with the configuration, and how to mend it",
	.help = "Begins with the configuration file and the state directory in use. Reads the\n"
		"configuration, permissions, the store, sidecars (those that are named, else all), and\n"
		"changes none of them. Exit status 1 if anything is an error.\n\n"
		"  --connect          connect to each endpoint, without sending anything or a proxy, and\n"
		"                     ask each aria2 for its version and the options that it runs with\n"
		"  --aria2-conf FILE  check aria2's own configuration too: a mistake in its hooks is\n"
		"                     silent there\n",
	.run = run,
};
