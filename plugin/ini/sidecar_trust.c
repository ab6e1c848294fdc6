/* SPDX-License-Identifier: MIT */
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

#include "buf.h"
#include "sidecar_read.h"

/* The groups of a user without an entry in the user database: ours, if we are that user. */
static bool is_own_group(uid_t user, gid_t group)
{
	const int n = user == geteuid() ? getgroups(0, NULL) : -1;
	CTM_CLEANUP_FREE gid_t *groups = n > 0 ? calloc((size_t)n, sizeof *groups) : NULL;
	bool found = n >= 0 && group == getegid();

	if (groups && getgroups(n, groups) == n)
		for (int i = 0; i < n; i++)
			found = found || groups[i] == group;
	return found;
}

static bool is_group_of(uid_t user, gid_t group)
{
	CTM_CLEANUP_FREE gid_t *groups = NULL;
	struct passwd entry;
	struct passwd *found = NULL;
	char strings[4096];
	bool is_member = false;
	int n = 0;

	if (getpwuid_r(user, &entry, strings, sizeof strings, &found) != 0 || !found)
		return is_own_group(user, group);
	getgrouplist(entry.pw_name, entry.pw_gid, &entry.pw_gid, &n);
	groups = calloc((size_t)n + 1, sizeof *groups);
	if (!groups || getgrouplist(entry.pw_name, entry.pw_gid, groups, &n) < 0)
		return group == entry.pw_gid;
	for (int i = 0; i < n; i++)
		is_member = is_member || groups[i] == group;
	return is_member;
}

static bool is_among_owners(uid_t uid, const struct ctm_sidecar_trust *trust)
{
	for (size_t i = 0; i < trust->n_owners; i++)
		if (trust->owners[i] == uid)
			return true;
	return false;
}

/* A download can be called anything, so its user may own no sidecar beside content. */
static bool is_owner_trusted(uid_t uid, const struct ctm_sidecar_trust *trust)
{
	if (uid == 0)
		return true;
	if (trust->beside)
		return uid != trust->state_owner && is_among_owners(uid, trust);
	if (trust->in_trusted_dir || is_among_owners(uid, trust))
		return true;
	return !trust->n_owners && uid == trust->state_owner;
}

/* Who can write to a file beside content must not be whom downloads are written by. */
static bool is_group_trusted(gid_t group, const struct ctm_sidecar_trust *trust)
{
	return !trust->beside && is_group_of(trust->state_owner, group);
}

bool ctm_sidecar_is_trusted(
	const struct stat *st, const struct ctm_sidecar_trust *trust, struct ctm_complaints *c)
{
	const unsigned mode = st->st_mode & 07777;

	if (!S_ISREG(st->st_mode))
		ctm_complain_error(c, 0, "not a regular file; a sidecar is one, and no link");
	else if (mode & S_IWOTH)
		ctm_complain_error(c, 0, "mode %04o lets everybody write; chmod o-w", mode);
	else if (mode & S_IWGRP && !is_group_trusted(st->st_gid, trust))
		ctm_complain_error(c, 0, "mode %04o lets group %u write; chmod g-w", mode,
			(unsigned)st->st_gid);
	else if (!is_owner_trusted(st->st_uid, trust))
		ctm_complain_error(c, 0,
			"owned by user %u, who is not trusted%s; give it to root or to an owner "
			"that [sidecar] owner names",
			(unsigned)st->st_uid, trust->beside ? " beside content" : "");
	else
		return true;
	return false;
}
