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

/* An entry of the user database; `found` is NULL where the system does not know the user. */
struct entry {
	struct passwd *found;
	struct passwd passwd;
	char space[16384];
};

/*
 * 0, or negative errno where the database could not be asked: that is no answer. For a user that is
 * not there, some libraries and modules have an error of their own.
 */
static int look_up(uid_t uid, struct entry *entry)
{
	const int r =
		getpwuid_r(uid, &entry->passwd, entry->space, sizeof entry->space, &entry->found);

	return r == ENOENT || r == ESRCH ? 0 : -r;
}

/* The groups of the user; the directory's, and no others, for one that the system does not know. */
static int take_groups(const struct entry *entry, gid_t gid)
{
	const struct passwd *found = entry->found;

	if (found ? initgroups(found->pw_name, found->pw_gid) : setgroups(0, NULL))
		return -errno;
	return setgid(found ? found->pw_gid : gid) < 0 ? -errno : 0;
}

static int become(uid_t uid, gid_t gid, const char *dir, struct ctm_error *e)
{
	struct entry entry = {.found = NULL};
	char owner[64];
	int r = look_up(uid, &entry);

	if (r < 0)
		return ctm_error_set(e, r,
			"cannot become uid %u, who owns \"%s\": cannot look that user up: %s",
			(unsigned)uid, dir, strerror(-r));
	if (!entry.found && gid == 0)
		return ctm_error_set(e, -EPERM,
			"cannot become uid %u, who owns \"%s\": the system knows no such user, and the "
			"directory's group is root's, which nobody else is given: run \"chgrp %u %s\", "
			"or give that user an entry in the user database",
			(unsigned)uid, dir, (unsigned)uid, dir);
	r = take_groups(&entry, gid);
	if (r == 0 && setuid(uid) < 0)
		r = -errno;
	return r < 0 ? ctm_error_set(e, r, "cannot become user %s, who owns \"%s\": %s",
			       name_of(uid, owner, sizeof owner), dir, strerror(-r))
		     : 0;
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
	r = become(uid, gid, dir, e);
	if (r < 0)
		return r;
	/* A user that could come back to root would not have become another one. */
	if (setuid(0) == 0)
		return ctm_error_set(e, -EPERM, "cannot give up root for user %s",
			name_of(uid, owner, sizeof owner));
	return 0;
}
