/* SPDX-License-Identifier: MIT */
#include "check_hook.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "event.h"
#include "path.h"

#define HOME "${HOME}"

static void add(struct ctm_check *check, const struct ctm_check_hook *hook,
	enum ctm_check_level level, const char *format, const char *what)
{
	char place[4200];

	if (hook->option->line)
		snprintf(place, sizeof place, "%s:%u", hook->file, hook->option->line);
	else
		snprintf(place, sizeof place, "%s", hook->file);
	/* The formats are the literals below. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	ctm_check_add(check->report, level, place, format, hook->option->name, what);
#pragma GCC diagnostic pop
	ctm_check_remedy(check->report, "write %s=%s/%s", hook->option->name, hook->hooks,
		hook->option->name);
}

/*
 * What the text itself is wrong with, as aria2 takes it: one path, as it stands but for ${HOME} at
 * its beginning. The first that fits is said.
 */
static bool is_misspelt(struct ctm_check *check, const struct ctm_check_hook *hook)
{
	const char *value = hook->option->value;

	if (strchr("\"'", value[0]))
		add(check, hook, CTM_CHECK_ERROR,
			"%s: the quotes of %s are taken for a part of the name: the hook never runs",
			value);
	else if (value[0] == '~')
		add(check, hook, CTM_CHECK_ERROR,
			"%s: aria2 does not resolve the \"~\" of %s: the hook never runs", value);
	else if (value[0] == '$' && strncmp(value, HOME, strlen(HOME)) != 0)
		add(check, hook, CTM_CHECK_ERROR,
			"%s: aria2 resolves no variable but " HOME " in %s: the hook never runs",
			value);
	else if (value[0] != '/' && value[0] != '$' && strchr(value, '/'))
		add(check, hook, hook->daemon ? CTM_CHECK_ERROR : CTM_CHECK_WARNING,
			hook->daemon
				? "%s: \"%s\" is relative, and with daemon=true aria2 works in "
				  "\"/\": the hook never runs"
				: "%s: \"%s\" is relative to the directory that aria2 happens to "
				  "be started in",
			value);
	else if (!strchr(value, '/'))
		add(check, hook, CTM_CHECK_WARNING,
			"%s: \"%s\" is looked for in aria2's PATH, which need not be yours", value);
	else
		return false;
	return true;
}

/* Whether the value's first words are a program, and the rest would be its arguments. */
static bool has_arguments(const char *path)
{
	CTM_CLEANUP_FREE char *program = strdup(path);
	char *blank = program;

	while (blank && (blank = strchr(blank, ' '))) {
		*blank = '\0';
		if (access(program, F_OK) == 0)
			return true;
		*blank++ = ' ';
	}
	return false;
}

/* Whether it can be run at all. */
static bool is_unusable(
	struct ctm_check *check, const struct ctm_check_hook *hook, const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0 && errno == ENOENT && has_arguments(path))
		add(check, hook, CTM_CHECK_ERROR,
			"%s: \"%s\" is taken for one file name, there can be no arguments or comment "
			"behind it: the hook never runs",
			path);
	else if (stat(path, &st) < 0 && errno == ENOENT)
		add(check, hook, CTM_CHECK_ERROR,
			"%s: there is no file \"%s\": the hook never runs", path);
	else if (stat(path, &st) < 0)
		add(check, hook, CTM_CHECK_ERROR,
			"%s: \"%s\" can't be looked at: the hook never runs", path);
	else if (!S_ISREG(st.st_mode))
		add(check, hook, CTM_CHECK_ERROR, "%s: \"%s\" is not a file: the hook never runs",
			path);
	else if (access(path, X_OK) < 0)
		add(check, hook, CTM_CHECK_ERROR,
			"%s: \"%s\" can't be executed: the hook never runs", path);
	else
		return false;
	return true;
}

static bool is_same_file(const char *path, const char *dir, const char *name)
{
	CTM_CLEANUP_FREE char *ours = ctm_path_join(dir, name);
	struct stat a;
	struct stat b;

	return ours && stat(path, &a) == 0 && stat(ours, &b) == 0 && a.st_dev == b.st_dev &&
	       a.st_ino == b.st_ino;
}

/* Whether it is ours, under the name of this event: the program tells events by its name. */
static void check_identity(
	struct ctm_check *check, const struct ctm_check_hook *hook, const char *path)
{
	const char *name = ctm_path_name(path);
	const char *wanted = hook->option->name;
	enum ctm_event_type type;

	if (strcmp(name, wanted) == 0) {
		if (!is_same_file(path, hook->hooks, wanted))
			add(check, hook, CTM_CHECK_WARNING,
				"%s: \"%s\" is not the hook command of this installation", path);
	} else if (ctm_event_type_from_hook(name, &type)) {
		add(check, hook, CTM_CHECK_ERROR,
			"%s: \"%s\" is the command of another event, and its name is how it knows "
			"which: events would be taken for what they are not",
			path);
	} else if (is_same_file(path, hook->hooks, wanted)) {
		add(check, hook, CTM_CHECK_ERROR,
			"%s: \"%s\" is our hook command under a name that is no event: it records "
			"nothing",
			path);
	} else {
		add(check, hook, CTM_CHECK_WARNING,
			"%s: \"%s\" is not a command of ours: that is right only if it runs ours, "
			"first, with its three arguments",
			path);
	}
}

/* The path as aria2 makes it of the value. NULL: no memory. */
static char *resolve(const char *value)
{
	const char *home = getenv("HOME");

	if (strncmp(value, HOME, strlen(HOME)) != 0 || !home)
		return strdup(value);
	return ctm_path_join(home, value + strlen(HOME) + (value[strlen(HOME)] == '/'));
}

void ctm_check_hook(struct ctm_check *check, const struct ctm_check_hook *hook)
{
	CTM_CLEANUP_FREE char *path = NULL;

	if (is_misspelt(check, hook))
		return;
	path = resolve(hook->option->value);
	if (path && !is_unusable(check, hook, path))
		check_identity(check, hook, path);
}
