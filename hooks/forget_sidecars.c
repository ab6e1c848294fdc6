/* SPDX-License-Identifier: MIT */
#include "forget_sidecars.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "sidecar_volume.h"

struct ctm_forget_sidecar {
	char *path;
	char *job; /* as it was named */
	bool own;  /* the one that the job was registered from; else another one of its GUID */
	bool is_there;
	enum ctm_sidecar_fate fate;
	uint64_t inode;
	uint64_t mtime_ns;
	uint64_t size;
	struct ctm_stamp seen;
	struct ctm_volume volume;
};

static void sidecar_done(struct ctm_forget_sidecar *one)
{
	free(one->path);
	free(one->job);
}

void ctm_forget_sidecars_done(struct ctm_forget_sidecars *sidecars)
{
	for (size_t i = 0; i < sidecars->n; i++)
		sidecar_done(&sidecars->items[i]);
	free(sidecars->items);
	free(sidecars->removed.last);
	*sidecars = (struct ctm_forget_sidecars){.remove = sidecars->remove};
}

static struct ctm_forget_sidecar *find(const struct ctm_forget_sidecars *sidecars, const char *path)
{
	for (size_t i = 0; i < sidecars->n; i++)
		if (strcmp(sidecars->items[i].path, path) == 0)
			return &sidecars->items[i];
	return NULL;
}

/* The place for one of that path; NULL: no memory. */
static struct ctm_forget_sidecar *place(struct ctm_forget_sidecars *sidecars, const char *path)
{
	struct ctm_forget_sidecar *found = find(sidecars, path);

	if (found) {
		sidecar_done(found);
		return found;
	}
	if (sidecars->n == sidecars->cap) {
		const size_t cap = sidecars->cap ? sidecars->cap * 2 : 16;
		struct ctm_forget_sidecar *items =
			reallocarray(sidecars->items, cap, sizeof *items);

		if (!items)
			return NULL;
		sidecars->items = items;
		sidecars->cap = cap;
	}
	return &sidecars->items[sidecars->n++];
}

int ctm_forget_sidecars_add(struct ctm_forget_sidecars *sidecars, struct ctm_txn *txn,
	const struct ctm_named_job *named, const struct ctm_sidecar_record *record)
{
	struct ctm_volume volume;
	struct ctm_forget_sidecar *one;
	int r = ctm_store_volume_get(txn, record->path, &volume);

	if (r < 0)
		return r;
	one = place(sidecars, record->path);
	if (!one)
		return -ENOMEM;
	*one = (struct ctm_forget_sidecar){
		.path = strdup(record->path),
		.job = strdup(named->name),
		.own = strcmp(record->path, named->text.sidecar) == 0,
		.fate = record->fate,
		.inode = record->inode,
		.mtime_ns = record->mtime_ns,
		.size = record->size,
		.seen = record->seen,
		.volume = volume,
	};
	return one->path && one->job ? 0 : -ENOMEM;
}

static uint64_t mtime_ns(const struct stat *st)
{
	return (uint64_t)st->st_mtim.tv_sec * 1000000000U + (uint64_t)st->st_mtim.tv_nsec;
}

/* A file that was written anew under the name is another one. */
static bool is_registered(const struct ctm_forget_sidecar *one, const struct stat *st)
{
	return one->fate == CTM_FATE_REGISTERED && S_ISREG(st->st_mode) &&
	       st->st_ino == one->inode && mtime_ns(st) == one->mtime_ns &&
	       (uint64_t)st->st_size == one->size;
}

/* Whether the file can be removed, as far as that is to be known beforehand. */
static int check_removal(
	const struct ctm_forget_sidecar *one, const struct stat *st, struct ctm_error *e)
{
	CTM_CLEANUP_FREE char *dir = strdup(one->path);
	char *slash = dir ? strrchr(dir, '/') : NULL;
	const uid_t uid = geteuid();
	struct stat at;

	if (!slash)
		return -ENOMEM;
	*(slash + (slash == dir)) = '\0';
	if (access(dir, W_OK | X_OK) < 0 || stat(dir, &at) < 0)
		return ctm_error_set(
			e, -errno, "cannot remove \"%s\": %s", one->path, strerror(errno));
	if (at.st_mode & S_ISVTX && uid != 0 && uid != at.st_uid && uid != st->st_uid)
		return ctm_error_set(e, -EPERM,
			"cannot remove \"%s\": it is another user's, in a sticky directory",
			one->path);
	return 0;
}

/* The file is there: whether it is the one that was registered, and may be removed by us. */
static int check_own(const struct ctm_forget_sidecar *one, const struct stat *st, bool remove,
	struct ctm_error *e)
{
	if (!remove)
		return ctm_error_set(e, -EEXIST,
			"the sidecar \"%s\" of job \"%s\" exists, by which it would be taken for a new "
			"job: --sidecar removes that too",
			one->path, one->job);
	if (!is_registered(one, st))
		return ctm_error_set(e, -ESTALE,
			"\"%s\" is not the file any more that job \"%s\" was registered from: see "
			"\"aria2-ctm check\", and remove it yourself",
			one->path, one->job);
	return check_removal(one, st, e);
}

static int look_for(struct ctm_forget_sidecar *one, bool remove, struct ctm_error *e)
{
	struct stat st;

	one->is_there = lstat(one->path, &st) == 0;
	if (!one->is_there && errno != ENOENT)
		return ctm_error_set(
			e, -errno, "cannot look at \"%s\": %s", one->path, strerror(errno));
	if (!one->is_there)
		return ctm_sidecar_is_gone(one->path, &one->volume)
			       ? 0
			       : ctm_error_set(e, -ENODEV,
					 "the sidecar \"%s\" of job \"%s\" may only be away with "
					 "its volume, and the job would be new when that comes "
					 "back: mount it first (if nothing is to be mounted there, "
					 "any file in its directory says so)",
					 one->path, one->job);
	if (one->own)
		return check_own(one, &st, remove, e);
	return ctm_error_set(e, -EEXIST,
		"the sidecar \"%s\" has the id of job \"%s\" too, and would be taken for a new job: "
		"remove it first",
		one->path, one->job);
}

static int note_removed(struct ctm_removed *removed, const char *path)
{
	free(removed->last);
	removed->last = strdup(path);
	removed->n++;
	return removed->last ? 0 : -ENOMEM;
}

/* The file is looked at once more, because a client may have put another one in its place. */
static int remove_one(
	struct ctm_removed *removed, const struct ctm_forget_sidecar *one, struct ctm_error *e)
{
	struct stat st;

	if (lstat(one->path, &st) < 0)
		return errno == ENOENT ? 0
				       : ctm_error_set(e, -errno, "cannot look at \"%s\": %s",
						 one->path, strerror(errno));
	if (!is_registered(one, &st))
		return ctm_error_set(
			e, -ESTALE, "cannot remove \"%s\": it has just changed", one->path);
	if (unlink(one->path) < 0)
		return ctm_error_set(
			e, -errno, "cannot remove \"%s\": %s", one->path, strerror(errno));
	return note_removed(removed, one->path);
}

/* For good, whoever removed it. */
static int clear_one(
	struct ctm_removed *removed, const struct ctm_forget_sidecar *one, struct ctm_error *e)
{
	int r = one->is_there ? remove_one(removed, one, e) : 0;

	if (r < 0)
		return r;
	r = ctm_files_sync_parent(one->path);
	return r < 0 ? ctm_error_set(e, r, "cannot make sure that \"%s\" stays away: %s", one->path,
			       strerror(-r))
		     : 0;
}

int ctm_forget_sidecars_clear(struct ctm_forget_sidecars *sidecars, struct ctm_error *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < sidecars->n; i++)
		r = look_for(&sidecars->items[i], sidecars->remove, e);
	for (size_t i = 0; r == 0 && i < sidecars->n; i++)
		r = clear_one(&sidecars->removed, &sidecars->items[i], e);
	return r;
}

bool ctm_forget_sidecars_has(
	const struct ctm_forget_sidecars *sidecars, const struct ctm_sidecar_record *record)
{
	const struct ctm_forget_sidecar *one = find(sidecars, record->path);

	return one && ctm_stamp_is_same(&one->seen, &record->seen);
}
