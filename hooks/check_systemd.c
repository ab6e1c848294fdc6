/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "files.h"
#include "path.h"

#define UNIT_LIMIT 65536u

static const char *const unit_dirs[] = {"/etc/systemd/system", "/run/systemd/system",
	"/usr/local/lib/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"};

#define N_UNIT_DIRS (sizeof unit_dirs / sizeof *unit_dirs)

/* KillMode as a line of the text; hooks outlive aria2 with `process` and `none`. */
static bool lets_hooks_live(const char *text)
{
	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		line += strspn(line, " \t");
		if (strncmp(line, "KillMode", 8) != 0)
			continue;
		line += 8 + strspn(line + 8, " \t");
		if (*line != '=')
			continue;
		line += 1 + strspn(line + 1, " \t");
		if (strncmp(line, "process", 7) == 0 || strncmp(line, "none", 4) == 0)
			return true;
	}
	return false;
}

static bool file_lets_hooks_live(const char *path)
{
	CTM_CLEANUP_BUF struct ctm_buf text = CTM_BUF_INIT(UNIT_LIMIT);
	CTM_CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	return fd >= 0 && ctm_files_read(fd, &text) == 0 && text.data && lets_hooks_live(text.data);
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

/* The unit's own text, or any drop-in of it. */
static bool unit_lets_hooks_live(const char *root, const char *unit)
{
	const char *name = ctm_path_name(unit);
	bool found = file_lets_hooks_live(unit);
	char pattern[300];
	glob_t drop_ins = {0};

	snprintf(pattern, sizeof pattern, "%s.d/*.conf", name);
	search(root, pattern, &drop_ins);
	for (size_t i = 0; !found && i < drop_ins.gl_pathc; i++)
		found = file_lets_hooks_live(drop_ins.gl_pathv[i]);
	globfree(&drop_ins);
	return found;
}

static void check_unit(struct ctm_check *check, const char *root, const char *unit)
{
	const char *name = ctm_path_name(unit);

	if (strncmp(name, "aria2-ctm", 9) == 0)
		return;
	if (unit_lets_hooks_live(root, unit)) {
		ctm_check_add(
			check->report, CTM_CHECK_OK, unit, "KillMode lets hooks end their work");
		return;
	}
	ctm_check_add(check->report, CTM_CHECK_WARNING, unit,
		"has no KillMode=process: when aria2 stops, hooks and the deliverer are killed with it");
	ctm_check_remedy(check->report,
		"\"systemctl edit %s\", and write: [Service] on one line, KillMode=process on the next",
		name);
}

/* A unit in an earlier directory hides those of its name in later ones. */
static bool is_hidden(const glob_t *units, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (strcmp(ctm_path_name(units->gl_pathv[j]), ctm_path_name(units->gl_pathv[i])) ==
			0)
			return true;
	return false;
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
