/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "files.h"
#include "num.h"
#include "path.h"

#define UNIT_LIMIT 65536u

static const char *const unit_dirs[] = {"/etc/systemd/system", "/run/systemd/system",
	"/usr/local/lib/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"};

#define N_UNIT_DIRS (sizeof unit_dirs / sizeof *unit_dirs)

/* What a unit says, its drop-ins included. */
struct unit {
	bool lets_hooks_live; /* KillMode: they outlive aria2 with `process` and `none` */
	char user[256];       /* User, "" where it is not set: root */
};

/* What stands behind "key =" on a line; NULL: it is another one. */
static const char *value_of(const char *line, const char *key)
{
	const size_t len = strlen(key);

	if (strncmp(line, key, len) != 0)
		return NULL;
	line += len + strspn(line + len, " \t");
	return *line == '=' ? line + 1 + strspn(line + 1, " \t") : NULL;
}

static void take_text(const char *text, struct unit *unit)
{
	bool in_service = false;

	for (const char *line = text; line; line = strchr(line, '\n')) {
		const char *value;

		line += *line == '\n';
		line += strspn(line, " \t");
		if (*line == '[')
			in_service = strncmp(line, "[Service]", 9) == 0;
		/* As systemd has it: the last one counts, and none outside of its section. */
		value = in_service ? value_of(line, "KillMode") : NULL;
		if (value)
			unit->lets_hooks_live =
				strncmp(value, "process", 7) == 0 || strncmp(value, "none", 4) == 0;
		value = in_service ? value_of(line, "User") : NULL;
		if (value)
			snprintf(unit->user, sizeof unit->user, "%.*s",
				(int)strcspn(value, " \t\r\n"), value);
	}
}

static void take_file(const char *path, struct unit *unit)
{
	CTM_CLEANUP_BUF struct ctm_buf text = CTM_BUF_INIT(UNIT_LIMIT);
	CTM_CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd >= 0 && ctm_files_read(fd, &text) == 0 && text.data)
		take_text(text.data, unit);
}

static int search(const char *root, const char *pattern, glob_t *ret_found)
{
	CTM_CLEANUP_BUF struct ctm_buf whole = CTM_BUF_INIT(CTM_PATH_LIMIT);
	int r = GLOB_NOMATCH;

	for (size_t i = 0; i < N_UNIT_DIRS; i++) {
		ctm_buf_reset(&whole);
		ctm_buf_printf(&whole, "%s%s/%s", root, unit_dirs[i], pattern);
		if (!whole.error && glob(whole.data, i ? GLOB_APPEND : 0, NULL, ret_found) == 0)
			r = 0;
	}
	return r;
}

/* A unit or drop-in in an earlier directory hides those of its name in later ones. */
static bool is_hidden(const glob_t *units, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (strcmp(ctm_path_name(units->gl_pathv[j]), ctm_path_name(units->gl_pathv[i])) ==
			0)
			return true;
	return false;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(ctm_path_name(*(char *const *)a), ctm_path_name(*(char *const *)b));
}

/* The unit's own text, then that of its drop-ins in the order of their names, as systemd reads. */
static void read_unit(const char *root, const char *path, struct unit *ret_unit)
{
	char pattern[300];
	glob_t found = {0};
	size_t n = 0;

	*ret_unit = (struct unit){0};
	take_file(path, ret_unit);
	snprintf(pattern, sizeof pattern, "%s.d/*.conf", ctm_path_name(path));
	if (search(root, pattern, &found) == 0) {
		CTM_CLEANUP_FREE const char **drop_ins = calloc(found.gl_pathc, sizeof *drop_ins);

		for (size_t i = 0; drop_ins && i < found.gl_pathc; i++)
			if (!is_hidden(&found, i))
				drop_ins[n++] = found.gl_pathv[i];
		if (n)
			qsort(drop_ins, n, sizeof *drop_ins, compare_names);
		for (size_t i = 0; i < n; i++)
			take_file(drop_ins[i], ret_unit);
	}
	globfree(&found);
}

/* By name or number. False: there is no such user. */
static bool find_uid(const char *user, uid_t *ret_uid)
{
	const struct passwd *found = getpwnam(user);
	uint64_t number;

	if (!found && ctm_num_parse(user, 0, UINT32_MAX, &number) < 0)
		return false;
	*ret_uid = found ? found->pw_uid : (uid_t)number;
	return true;
}

/*
 * A hook that is neither the state's owner nor root is refused, and aria2 does not say so. An error
 * where the unit is made for hooks; another aria2 may have none.
 */
static void check_user(struct ctm_check *check, const char *path, const struct unit *unit)
{
	uid_t runs = 0;
	uid_t owns = 0;

	if (!unit->user[0] || strchr(unit->user, '%') || !find_uid(check->user, &owns))
		return;
	if (find_uid(unit->user, &runs) && (runs == owns || !runs))
		return;
	ctm_check_add(check->report, unit->lets_hooks_live ? CTM_CHECK_ERROR : CTM_CHECK_WARNING,
		path, "aria2 runs as user %s, but the state is user %s's: its hooks record nothing",
		unit->user, check->user);
	ctm_check_remedy(check->report, "write User=%s, or give the state directory to user %s",
		check->user, unit->user);
}

static void check_unit(struct ctm_check *check, const char *root, const char *path)
{
	const char *name = ctm_path_name(path);
	struct unit unit;

	if (strncmp(name, "aria2-ctm", 9) == 0)
		return;
	read_unit(root, path, &unit);
	check_user(check, path, &unit);
	if (unit.lets_hooks_live) {
		ctm_check_add(
			check->report, CTM_CHECK_OK, path, "KillMode lets hooks end their work");
		return;
	}
	ctm_check_add(check->report, CTM_CHECK_WARNING, path,
		"has no KillMode=process: when aria2 stops, hooks and the deliverer are killed with it");
	ctm_check_remedy(check->report,
		"\"systemctl edit %s\", and write: [Service] on one line, KillMode=process on the next",
		name);
}

void ctm_check_systemd(struct ctm_check *check, const char *root)
{
	glob_t units = {0};

	if (search(root, "aria2*.service", &units) == 0)
		for (size_t i = 0; i < units.gl_pathc; i++)
			if (!is_hidden(&units, i))
				check_unit(check, root, units.gl_pathv[i]);
	globfree(&units);
}
