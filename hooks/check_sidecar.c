/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check_jobs.h"

struct listening {
	struct ctm_check_report *report;
};

static void complain(void *context, const struct ctm_error *complaint)
{
	const struct listening *l = context;

	ctm_check_complaint(l->report, complaint);
}

static void check_endpoint(
	struct ctm_check *check, const char *path, const struct ctm_sidecar *sidecar)
{
	const struct ctm_endpoint *endpoint;
	struct ctm_error e = CTM_ERROR_INIT;
	const char *url;

	if (ctm_config_endpoint(check->config, sidecar->endpoint, &endpoint, &url, &e) == 0)
		return;
	ctm_check_add(check->report, CTM_CHECK_ERROR, path, "[job] endpoint: %s", e.text);
	ctm_check_remedy(check->report, "until then the final word of its job waits");
}

/* Content that can't be read can't be verified; a directory that is not there may be a volume. */
static void check_local_path(
	struct ctm_check *check, const char *path, const struct ctm_sidecar *sidecar)
{
	CTM_CLEANUP_FREE char *parent = strdup(sidecar->local_path);
	char *slash = parent ? strrchr(parent, '/') : NULL;

	if (!slash)
		return;
	if (access(sidecar->local_path, F_OK) == 0) {
		if (access(sidecar->local_path, R_OK | X_OK) == 0)
			return;
		ctm_check_add(check->report, CTM_CHECK_ERROR, path,
			"[job] local_path: user %s can't read \"%s\": its files can't be verified",
			check->user, sidecar->local_path);
		ctm_check_remedy(check->report, "let that user read and search it");
		return;
	}
	*(slash + (slash == parent)) = '\0';
	if (access(parent, F_OK) == 0)
		return;
	ctm_check_add(check->report, CTM_CHECK_WARNING, path,
		"[job] local_path: not even the directory \"%s\" that it is in exists", parent);
	ctm_check_remedy(check->report, "see whether its volume is mounted, and the path is right");
}

static bool lacks_gid(const struct ctm_sidecar *sidecar)
{
	for (uint32_t i = 0; i < sidecar->n_files; i++)
		if (!sidecar->files[i].gid)
			return true;
	return !sidecar->n_files;
}

static int keep(struct ctm_check_sidecars *sidecars, const struct ctm_check_sidecar *sidecar)
{
	const size_t cap = sidecars->cap ? sidecars->cap * 2 : 32;
	struct ctm_check_sidecar *grown;

	if (sidecars->n == sidecars->cap) {
		grown = reallocarray(sidecars->items, cap, sizeof *grown);
		if (!grown)
			return -ENOMEM;
		sidecars->items = grown;
		sidecars->cap = cap;
	}
	sidecars->items[sidecars->n++] = *sidecar;
	return 0;
}

/* A verdict that the loader says nothing about itself. */
static void judge(struct ctm_check *check, const char *path, enum ctm_sidecar_state state)
{
	if (state != CTM_SIDECAR_NOT_WHOLE)
		return;
	ctm_check_add(check->report, CTM_CHECK_WARNING, path,
		"is not there whole yet: nothing is decided by it, and its events wait");
	ctm_check_remedy(check->report,
		"write it under another name and rename it; it ends in a newline and has as many "
		"[file.N] as files_total says");
}

int ctm_check_sidecar(struct ctm_check *check, const char *path,
	const struct ctm_sidecar_trust *trust, struct ctm_check_sidecars *sidecars)
{
	struct listening listening = {.report = check->report};
	struct ctm_check_sidecar found = {0};
	enum ctm_sidecar_state state;
	struct ctm_sidecar *sidecar = NULL;
	struct ctm_error e = CTM_ERROR_INIT;
	int r = ctm_sidecar_load(
		path, trust, complain, &listening, &state, &sidecar, &found.st, &e);

	if (r < 0) {
		ctm_check_add(check->report, CTM_CHECK_ERROR, path, "%s", e.text);
		return r == -ENOMEM ? r : 0;
	}
	judge(check, path, state);
	found.good = state == CTM_SIDECAR_GOOD;
	found.path = strdup(sidecar && sidecar->file ? sidecar->file : path);
	if (sidecar && sidecar->id)
		(void)ctm_guid_key(sidecar->id, found.key);
	if (found.good) {
		check_endpoint(check, path, sidecar);
		check_local_path(check, path, sidecar);
		found.lacks_gid = lacks_gid(sidecar);
	}
	ctm_sidecar_free(sidecar);
	r = found.path ? keep(sidecars, &found) : -ENOMEM;
	if (r < 0)
		free(found.path);
	return r;
}

void ctm_check_sidecars_done(struct ctm_check_sidecars *sidecars)
{
	for (size_t i = 0; i < sidecars->n; i++)
		free(sidecars->items[i].path);
	free(sidecars->items);
	*sidecars = (struct ctm_check_sidecars){0};
}
