/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "buf.h"
#include "path.h"
#include "scan.h"

static int uid_of(const char *name, uid_t *ret_uid, struct ctm_error *e)
{
	char space[4096];
	struct passwd entry;
	struct passwd *found = NULL;

	if (getpwnam_r(name, &entry, space, sizeof space, &found) == ENOMEM)
		return ctm_error_set(e, -ENOMEM, "no memory to look up user \"%s\"", name);
	if (!found)
		return ctm_error_set(e, -ENOENT, "[sidecar] owner: there is no user \"%s\"", name);
	*ret_uid = found->pw_uid;
	return 0;
}

int ctm_scan_trust(
	const struct ctm_state *state, struct ctm_sidecar_trust *ret_trust, struct ctm_error *e)
{
	const struct ctm_config *config = state->config;
	uid_t *owners = calloc(config->n_owners + 1, sizeof *owners);
	struct stat st;
	int r = owners ? 0 : ctm_error_set(e, -ENOMEM, "no memory to read sidecars");

	for (size_t i = 0; r == 0 && i < config->n_owners; i++)
		r = uid_of(config->owners[i], &owners[i], e);
	if (r < 0) {
		free(owners);
		return r;
	}
	*ret_trust = (struct ctm_sidecar_trust){
		.state_owner = state->owner,
		.owners = owners,
		.n_owners = config->n_owners,
		.in_trusted_dir = stat(config->sidecar_dir, &st) == 0 && st.st_uid == 0 &&
				  !(st.st_mode & S_IWOTH),
	};
	return 0;
}

void ctm_scan_trust_named(
	const struct ctm_config *config, const char *path, struct ctm_sidecar_trust *trust)
{
	CTM_CLEANUP_FREE char *file = NULL;
	CTM_CLEANUP_FREE char *dir = NULL;
	const char *name = NULL;

	trust->at_once = true;
	if (ctm_path_canonical(path, &file, NULL) == 0 &&
		ctm_path_canonical_dir(config->sidecar_dir, &dir) == 0)
		name = ctm_path_below(file, dir);
	trust->in_trusted_dir = trust->in_trusted_dir && name && !strchr(name, '/');
}

void ctm_scan_trust_done(struct ctm_sidecar_trust *trust)
{
	free((void *)(uintptr_t)trust->owners);
	trust->owners = NULL;
}
