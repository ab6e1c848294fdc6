/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "digest.h"
#include "files.h"
#include "hresult.h"
#include "look_internal.h"
#include "names.h"
#include "path.h"
#include "sight.h"
#include "unwritten.h"

/* What a file's times may lie behind the event that reported it: clocks tick in steps. */
#define CLOCK_SLACK_MS 2000

static void judge_open(struct ctm_looking *l, const struct ctm_file *file, int error)
{
	switch (error) {
	case -ENOENT:
	case -ENOTDIR:
		/* No more is said of this look: nor is a reason looked for among all its files. */
		if (l->result->n_findings == CTM_LOOK_FINDINGS)
			return;
		if (ctm_look_volume_is_away(l, file))
			ctm_look_cannot_tell(l, CTM_E_PATH_NOT_FOUND, 0,
				"\"%s\" is missing, and the volume that it arrived on seems not to "
				"be mounted at local_path \"%s\"",
				file->path, l->request->local_path);
		else if (l->result->error)
			ctm_look_cannot_tell(l, CTM_E_OUTOFMEMORY, l->result->error,
				"\"%s\" is missing, and whether its volume is mounted can't be "
				"seen: %s",
				file->path, strerror(-l->result->error));
		else
			ctm_look_wrong(l, file, CTM_E_FILE_NOT_FOUND,
				"\"%s\" is gone since aria2 completed it: download it again",
				file->path);
		break;
	case -ELOOP:
	case -EXDEV:
		ctm_look_wrong(l, file, CTM_E_DIRECTORY,
			"\"%s\" is a link, or reached through one that leads out of local_path",
			file->path);
		break;
	case -ENXIO:
		ctm_look_wrong(l, file, CTM_E_DIRECTORY, "\"%s\" is no regular file", file->path);
		break;
	case -EACCES:
		ctm_look_cannot_tell(l, CTM_E_ACCESSDENIED, error, "cannot open \"%s\": %s",
			file->path, strerror(EACCES));
		break;
	default:
		ctm_look_cannot_tell(l, CTM_E_IO_DEVICE, error, "cannot open \"%s\": %s",
			file->path, strerror(-error));
	}
}

static bool judge_hash(
	struct ctm_looking *l, const struct ctm_file *file, int fd, const struct stat *st)
{
	unsigned char sha256[32];
	int r;

	if (!file->has_sha256)
		return true;
	r = ctm_digest_sha256(fd, (uint64_t)st->st_size, l->request->stop, sha256);
	if (r < 0) {
		ctm_look_cannot_tell(l, r == -ENOMEM ? CTM_E_OUTOFMEMORY : CTM_E_IO_DEVICE, r,
			"cannot read \"%s\": %s", file->path, strerror(-r));
		return false;
	}
	if (memcmp(sha256, file->sha256, sizeof sha256) == 0)
		return true;
	ctm_look_wrong(l, file, CTM_E_HASH_VALUE,
		"\"%s\" does not have the sha256 of the sidecar: see that both are of the same "
		"version, then download it again",
		file->path);
	return false;
}

static int64_t ns(const struct timespec *t)
{
	return (int64_t)t->tv_sec * 1000000000 + t->tv_nsec;
}

bool ctm_look_is_after(const struct ctm_file *file, const struct timespec *time)
{
	return ns(time) > (file->since_ms + CLOCK_SLACK_MS) * 1000000;
}

/*
 * Whether the file is another one than aria2 spoke of: a download that was started again in place
 * is as large as it should be from its first byte on. The hook wrote down what it saw; where it
 * could not, or spoke of another file of the same torrent, clocks must tell. A sha256 tells better.
 */
static bool is_stale(const struct ctm_file *file, const struct stat *st)
{
	const struct ctm_sight *sight = &file->sight;

	if (file->has_sha256)
		return false;
	if (sight->known)
		return sight->inode != (uint64_t)st->st_ino ||
		       sight->size != (uint64_t)st->st_size || sight->mtime_ns != ns(&st->st_mtim);
	return ctm_look_is_after(file, &st->st_mtim) && ctm_look_is_after(file, &st->st_ctim);
}

/* Whether something is there. 1, 0 or negative errno: it can't be told. */
static int is_something_at(const struct ctm_looking *l, const char *path)
{
	CTM_CLEANUP_FD int fd = ctm_look_open_beneath(l->root_fd, path, O_PATH);

	if (fd >= 0)
		return 1;
	return fd == -ENOENT || fd == -ENOTDIR || fd == -ENAMETOOLONG ? 0 : fd;
}

/*
 * aria2's word named another file of the torrent, or its hook saw no file: with --dry-run there is
 * none. One with a control file of its own is under way then. What a hook saw can still have one,
 * and is known to be the same. 1, 0 or negative errno.
 */
static int is_under_way(const struct ctm_looking *l, const struct ctm_file *file, const char *path)
{
	CTM_CLEANUP_BUF struct ctm_buf control = CTM_BUF_INIT(CTM_PATH_LIMIT + 16);

	if (!file->inferred && file->sight.known)
		return 0;
	ctm_buf_printf(&control, "%s.aria2", path);
	return control.error ? control.error : is_something_at(l, control.data);
}

/*
 * name.1.ext never counts while name.ext is there: aria2 gave it that name because of the other. 1,
 * 0 or negative errno.
 */
static int is_renamed_twin(const struct ctm_looking *l, const char *path)
{
	CTM_CLEANUP_BUF struct ctm_buf other = CTM_BUF_INIT(CTM_PATH_LIMIT);
	CTM_CLEANUP_FREE char *before = NULL;
	const char *name = ctm_path_name(path);
	int r;

	if (l->request->kind == CTM_KIND_LISTED)
		return 0;
	r = ctm_name_before_renaming(name, &before);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	ctm_buf_add(&other, path, (size_t)(name - path));
	ctm_buf_add_str(&other, before);
	if (other.error)
		return other.error == -ENOMEM ? -ENOMEM : 0;
	return is_something_at(l, other.data);
}

/* Whether aria2 is through with it, and gave it the name that it was to have. */
static bool judge_beside(struct ctm_looking *l, const struct ctm_file *file, const char *path)
{
	int r = is_renamed_twin(l, path);

	if (r > 0) {
		ctm_look_wrong(l, file, CTM_E_ALREADY_EXISTS,
			"\"%s\" was renamed by aria2 because of another file: set "
			"auto-file-renaming=false and continue=true",
			file->path);
		return false;
	}
	if (r == 0)
		r = is_under_way(l, file, path);
	if (r > 0)
		ctm_look_cannot_tell(
			l, CTM_E_BUSY, 0, "aria2 is still at work on \"%s\"", file->path);
	else if (r < 0)
		ctm_look_cannot_tell(l, CTM_E_IO_DEVICE, r, "cannot look beside \"%s\": %s",
			file->path, strerror(-r));
	return r == 0;
}

/* That it can be synced now says nothing: what could not be written is no longer tried. */
static bool judge_unwritten(
	struct ctm_looking *l, const struct ctm_file *file, const struct ctm_sight *seen)
{
	if (!ctm_file_is_unwritten(file, seen))
		return true;
	ctm_look_wrong(l, file, CTM_E_WRITE_FAULT,
		"\"%s\" could not be written to disk, and nobody has written it since: delete it "
		"and download it again",
		file->path);
	return false;
}

static bool judge_stat(struct ctm_looking *l, const struct ctm_file *file, const struct stat *st)
{
	if (!S_ISREG(st->st_mode)) {
		ctm_look_wrong(l, file, CTM_E_DIRECTORY, "\"%s\" is no regular file", file->path);
		return false;
	}
	if (file->has_size && (uint64_t)st->st_size != file->size) {
		ctm_look_wrong(l, file, CTM_E_FILE_CORRUPT,
			"\"%s\" has %" PRIu64 " bytes, the sidecar says %" PRIu64
			": see that both are of the same version, then download it again",
			file->path, (uint64_t)st->st_size, file->size);
		return false;
	}
	if (is_stale(file, st)) {
		ctm_look_wrong(l, file, CTM_E_FILE_CORRUPT,
			"\"%s\" has changed since aria2 reported it complete", file->path);
		return false;
	}
	return true;
}

bool ctm_look_file(struct ctm_looking *l, const struct ctm_file *file, uint64_t *ret_size)
{
	const char *path = ctm_path_below(file->path, l->request->local_path);
	struct ctm_sight *seen = &l->result->seen[file - l->request->files];
	CTM_CLEANUP_FD int fd = -1;
	struct stat st;
	struct stat again;
	int r;

	fd = path ? ctm_look_open_beneath(l->root_fd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY)
		  : -EXDEV;
	if (fd < 0) {
		judge_open(l, file, fd);
		return false;
	}
	if (fstat(fd, &st) < 0) {
		judge_open(l, file, -errno);
		return false;
	}
	*seen = ctm_sight_of(&st);
	if (!judge_stat(l, file, &st) || !judge_unwritten(l, file, seen) ||
		!judge_hash(l, file, fd, &st) || !judge_beside(l, file, path))
		return false;
	r = ctm_look_sync(l, fd);
	if (r < 0) {
		/* The kernel says so once, and drops what it could not write. Where a file's times
		 * are those of a server, it heard of them just now. */
		if (fstat(fd, &again) == 0)
			*seen = ctm_sight_of(&again);
		ctm_look_wrong(l, file, CTM_E_WRITE_FAULT, "cannot write \"%s\" to disk: %s",
			file->path, strerror(-r));
		return false;
	}
	if (fstat(fd, &again) < 0) {
		judge_open(l, file, -errno);
		return false;
	}
	if (again.st_size != st.st_size || ns(&again.st_mtim) != ns(&st.st_mtim)) {
		ctm_look_wrong(l, file, CTM_E_FILE_CORRUPT, "\"%s\" changes while it is looked at",
			file->path);
		return false;
	}
	*ret_size = (uint64_t)st.st_size;
	return true;
}
