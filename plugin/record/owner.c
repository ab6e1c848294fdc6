/* SPDX-License-Identifier: MIT */
#include "owner.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *name_of(uid_t uid, char *buf, size_t size)
{
	char space[4096];
	struct passwd entry;
	struct passwd *found = NULL;

	if (getpwuid_r(uid, &entry, space, sizeof space, &found) == 0 && found)
		snprintf(buf, size, "%s", found->pw_name);
	else
		snprintf(buf, size, "uid %u", (unsigned)uid);
	return buf;
}

/* The supplementary groups of the user; none for one that the system does not know. */
static int take_groups(uid_t uid, gid_t gid, gid_t *ret_gid)
{
	char space[4096];
	struct passwd entry;
	struct passwd *found = NULL;

	*ret_gid = gid;
	if (getpwuid_r(uid, &entry, space, sizeof space, &found) != 0 || !found)
		return setgroups(0, NULL);
	*ret_gid = found->pw_gid;
	return initgroups(found->pw_name, found->pw_gid);
}

int ctm_owner_become(uid_t uid, gid_t gid, const char *dir, struct ctm_error *e)
{
	char owner[64];
	char self[64];
	int r;

	if (geteuid() == uid)
		return 0;
	if (geteuid() != 0)
		return ctm_error_set(e, -EPERM,
			"state directory \"%s\" belongs to user %s, but this is user %s: run it as %s "
			"or as root",
			dir, name_of(uid, owner, sizeof owner),
			name_of(geteuid(), self, sizeof self), owner);
	if (take_groups(uid, gid, &gid) < 0 || setgid(gid) < 0 || setuid(uid) < 0) {
		r = -errno; /* name_of() sets it to 0 */
		return ctm_error_set(e, r, "cannot become user %s, who owns \"%s\": %s",
			name_of(uid, owner, sizeof owner), dir, strerror(-r));
	}
	/* A user that could come back to root would not have become another one. */
	if (setuid(0) == 0)
		return ctm_error_set(e, -EPERM, "cannot give up root for user %s",
			name_of(uid, owner, sizeof owner));
	return 0;
}
