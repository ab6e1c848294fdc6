/* SPDX-License-Identifier: MIT */
#include "check_aria2_dir.h"

#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "path.h"

#define HOME "${HOME}"

/* A `dir` that is looked at. */
struct dir {
	struct ctm_check *check;
	const char *place;   /* that findings name */
	const char *written; /* as it stands there */
	const char *path;    /* canonical */
};

/* As aria2 does, for the user that it runs as. False: the home directory is not known. */
static bool expand(const struct ctm_check *check, const char *value, struct ctm_buf *to)
{
	const struct passwd *user = NULL;

	for (const char *home = strstr(value, HOME); home; home = strstr(value, HOME)) {
		if (!user && !(user = getpwnam(check->user)))
			return false;
		ctm_buf_add(to, value, (size_t)(home - value));
		ctm_buf_add_str(to, user->pw_dir);
		value = home + strlen(HOME);
	}
	ctm_buf_add_str(to, value);
	return !to->error;
}

static bool is_within(const char *path, const char *dir)
{
	return strcmp(path, dir) == 0 || ctm_path_below(path, dir);
}

/*
 * What a download contains would be read as events there. One into the state, or below it, brings
 * names of its own; one above it reaches it by the directories that it contains.
 */
static void check_state(const struct dir *d)
{
	const char *state = d->check->config->state_dir;
	CTM_CLEANUP_FREE char *ours = NULL;
	const bool inside = ctm_path_canonical_dir(state, &ours) == 0 && is_within(d->path, ours);

	if (!ours || (!inside && !ctm_path_below(ours, d->path)))
		return;
	ctm_check_add(d->check->report, CTM_CHECK_ERROR, d->place,
		"dir \"%s\" %s the state directory \"%s\": a download can forge events there",
		d->written, inside ? "is in" : "is above", state);
	ctm_check_remedy(d->check->report,
		"let aria2 download elsewhere: neither into the state directory nor above it");
}

/*
 * A download chooses directories of its own below `dir`: one that leads into [sidecar] dir brings a
 * sidecar, which belongs to the state's owner and is believed.
 */
static void check_sidecars(const struct dir *d)
{
	const char *sidecars = d->check->config->sidecar_dir;
	CTM_CLEANUP_FREE char *ours = NULL;

	if (access(sidecars, W_OK) < 0 || ctm_path_canonical_dir(sidecars, &ours) < 0 ||
		!is_within(ours, d->path))
		return;
	/* Each download may be given another directory: that is not known here. */
	ctm_check_add(d->check->report, CTM_CHECK_WARNING, d->place,
		"dir is above [sidecar] dir \"%s\": a download can put a sidecar there", sidecars);
	ctm_check_remedy(d->check->report, "let aria2 download elsewhere");
}

void ctm_check_aria2_dir(
	struct ctm_check *check, const char *file, const struct ctm_aria2_conf *conf)
{
	const struct ctm_aria2_option *option = ctm_aria2_conf_find(conf, "dir");
	CTM_CLEANUP_BUF struct ctm_buf text = CTM_BUF_INIT(CTM_PATH_LIMIT);
	CTM_CLEANUP_FREE char *path = NULL;
	struct dir dir = {.check = check};
	char place[4200];

	/* Without it there is nothing written that could be wrong. */
	if (!option || !check->config)
		return;
	if (option->line)
		snprintf(place, sizeof place, "%s:%u", file, option->line);
	else
		snprintf(place, sizeof place, "%s", file);
	if (!expand(check, option->value, &text) || text.data[0] != '/' ||
		ctm_path_canonical_dir(text.data, &path) < 0) {
		ctm_check_add(check->report, CTM_CHECK_WARNING, place,
			"where dir \"%s\" is depends on how aria2 is started: whether downloads reach "
			"the state directory is not known",
			option->value);
		ctm_check_remedy(check->report, "write an absolute directory");
		return;
	}
	dir.place = place;
	dir.written = option->value;
	dir.path = path;
	check_state(&dir);
	check_sidecars(&dir);
}
