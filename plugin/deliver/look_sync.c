/* SPDX-License-Identifier: MIT */
/*
 * aria2 syncs a file it has finished (not at bt-complete), and never a directory: after a loss of
 * power the file's name could be gone though CTM was told that it is there.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/magic.h>

#include "clock.h"
#include "files.h"
#include "hresult.h"
#include "linux_calls.h"
#include "look_internal.h"

/* The kernel reports such an error once: to ask again would hear that all is well. */
static bool fail(struct ctm_looking *l, int error)
{
	ctm_look_all_wrong(l, CTM_E_WRITE_FAULT, "cannot sync below \"%s\": %s",
		l->request->local_path, strerror(error));
	return false;
}

/*
 * EINVAL: a file system without any such thing. EROFS is not passed over: one that is read-only
 * from the beginning syncs well, and one that became so has met an error and dropped what it could
 * not write.
 */
static int sync_now(int fd)
{
	int r;

	do
		r = fsync(fd) < 0 ? -errno : 0;
	while (r == -EINTR);
	return r == -EINVAL || r == -ENOSYS ? 0 : r;
}

/* Before Linux 5.8 syncfs() does not say that a file could not be written. */
static bool does_kernel_tell(void)
{
	struct utsname kernel;
	unsigned major;
	unsigned minor;

	return uname(&kernel) == 0 && sscanf(kernel.release, "%u.%u", &major, &minor) == 2 &&
	       (major > 5 || (major == 5 && minor >= 8));
}

/*
 * Those that note what could not be written both with the file and with the whole. FUSE passes
 * syncfs() to hardly any server, on overlayfs only a file's fsync() hears of the layer below, and
 * what others do is not known.
 */
static bool does_file_system_tell(int fd)
{
	static const unsigned long telling[] = {EXT4_SUPER_MAGIC, XFS_SUPER_MAGIC,
		BTRFS_SUPER_MAGIC, F2FS_SUPER_MAGIC, TMPFS_MAGIC, RAMFS_MAGIC};
	struct statfs st;

	if (fstatfs(fd, &st) < 0)
		return false;
	/* It is signed here and there, and has 32 bits that count. */
	for (size_t i = 0; i < sizeof telling / sizeof *telling; i++)
		if ((uint32_t)st.f_type == (uint32_t)telling[i])
			return true;
	return false;
}

void ctm_look_leave_to_syncfs(struct ctm_looking *l)
{
	if (l->sync_whole || l->sync_each)
		return;
	l->sync_whole = does_kernel_tell() && does_file_system_tell(l->root_fd);
	l->sync_each = !l->sync_whole;
}

/*
 * syncfs() says nothing of an error that anybody had heard of before root_fd was opened. The file
 * still knows its own: this writes nothing and has no disk flush its cache. What goes wrong later
 * syncfs() says, because root_fd is older. Where it can't be asked it is synced.
 */
static int ask_for_error(int fd)
{
	if (sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WAIT_BEFORE) == 0)
		return 0;
	return errno == EINVAL || errno == ENOSYS || errno == ESPIPE ? sync_now(fd) : -errno;
}

int ctm_look_sync(struct ctm_looking *l, int fd)
{
	const uint64_t began_ms = ctm_clock_boot_ms();
	struct stat st;
	int r;

	/* Where it is can't be told: it is synced by itself, as if it were elsewhere. */
	if (fstat(fd, &st) < 0 || st.st_dev != l->root_device)
		l->elsewhere = true;
	else if (l->sync_whole)
		return ask_for_error(fd);
	r = sync_now(fd);
	l->syncing_ms += ctm_clock_boot_ms() - began_ms;
	if (l->syncing_ms > CTM_LOOK_SYNC_PATIENCE)
		ctm_look_leave_to_syncfs(l);
	return r;
}

/* The directory of the first len bytes of the path below local_path. */
static bool sync_directory(struct ctm_looking *l, const char *path, size_t len)
{
	CTM_CLEANUP_FREE char *dir = strndup(path, len);
	CTM_CLEANUP_FD int fd = -1;
	int r;

	fd = dir ? ctm_look_open_beneath(l->root_fd, dir, O_RDONLY | O_DIRECTORY) : -ENOMEM;
	if (fd < 0) {
		ctm_look_cannot_tell(l, CTM_E_IO_DEVICE, fd,
			"cannot open \"%.*s\" below \"%s\": %s", (int)len, path,
			l->request->local_path, strerror(-fd));
		return false;
	}
	r = ctm_look_sync(l, fd);
	return r == 0 || fail(l, -r);
}

/*
 * The directories of a path, innermost first. A list is mostly in order, so what it shares with the
 * path before it was synced with that one.
 */
static bool sync_up(struct ctm_looking *l, const char *path, const char *before)
{
	size_t shared = 0;
	bool done = true;

	for (size_t i = 0; path[i] && path[i] == before[i]; i++)
		if (path[i] == '/')
			shared = i;
	for (size_t len = strlen(path); done && len > shared; len--)
		if (path[len] == '/')
			done = sync_directory(l, path, len);
	return done;
}

/* Names that are so old have long been written back. */
#define YOUNG_MS INT64_C(3600000)

static bool is_young(const struct statx *st)
{
	return !(st->stx_mask & STATX_BTIME) ||
	       st->stx_btime.tv_sec * 1000 > ctm_clock_wall_ms() - YOUNG_MS;
}

static bool is_above(const struct statx *st, const struct statx *below)
{
	return st->stx_dev_major == below->stx_dev_major &&
	       st->stx_dev_minor == below->stx_dev_minor && st->stx_ino != below->stx_ino;
}

static bool cannot_climb(struct ctm_looking *l, int error)
{
	ctm_look_cannot_tell(l, CTM_E_IO_DEVICE, -error, "cannot look above \"%s\": %s",
		l->request->local_path, strerror(error));
	return false;
}

/*
 * local_path has a name too, which aria2 or the client may have made a moment ago, and so may have
 * the directories above. What we may not open is not ours to sync, and the root of a file system
 * has no name in it.
 */
static bool sync_above(struct ctm_looking *l)
{
	CTM_CLEANUP_FD int fd = dup(l->root_fd);
	struct statx st;
	struct statx below;
	bool young = true;
	int r;

	if (fd < 0 || statx(fd, "", AT_EMPTY_PATH, STATX_INO | STATX_BTIME, &st) < 0)
		return cannot_climb(l, errno);
	while (young) {
		int above = openat(fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		if (above < 0)
			return errno == EACCES || cannot_climb(l, errno);
		ctm_close_fd(&fd);
		fd = above;
		below = st;
		if (statx(fd, "", AT_EMPTY_PATH, STATX_INO | STATX_BTIME, &st) < 0)
			return cannot_climb(l, errno);
		if (!is_above(&st, &below))
			return true;
		r = ctm_look_sync(l, fd);
		if (r < 0)
			return fail(l, -r);
		young = is_young(&st);
	}
	return true;
}

/* Nothing below local_path is left that syncfs() would not write. */
static bool is_for_syncfs(const struct ctm_looking *l)
{
	return l->sync_whole && !l->elsewhere;
}

static bool sync_directories(struct ctm_looking *l)
{
	const struct ctm_look_request *request = l->request;
	const size_t skip = strlen(request->local_path) + 1;
	const char *before = "";

	for (size_t i = 0; i < request->n_files && !is_for_syncfs(l); i++) {
		const char *path = request->files[i].path + skip;

		if (!sync_up(l, path, before))
			return false;
		before = path;
	}
	return true;
}

bool ctm_look_sync_rest(struct ctm_looking *l)
{
	int r;

	if (!sync_directories(l))
		return false;
	r = ctm_look_sync(l, l->root_fd);
	if (r < 0)
		return fail(l, -r);
	if (l->sync_whole)
		return syncfs(l->root_fd) == 0 || fail(l, errno);
	return sync_above(l);
}
