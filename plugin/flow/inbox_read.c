/* SPDX-License-Identifier: MIT */
#include "inbox_read.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "clock.h"
#include "files.h"
#include "linux_calls.h"
#include "trigger_write.h"

#define CURRENT CTM_INBOX_DIR "/" CTM_INBOX_CURRENT
#define NEXT_NAME "next"
#define NEXT CTM_INBOX_DIR "/" NEXT_NAME
#define OLD "old-"
#define NAME_SIZE 64

/* Blocks that a fresh inbox has before the first record: some hundred events on a full disk. */
#define RESERVE_BYTES 65536

/*
 * A current file that has grown so large, or has less than so much reserved, is rotated. It is read
 * from its beginning by each drain: some seventy events cost less than another file each time.
 */
#define LARGE_BYTES 8192
#define LEAST_RESERVE_BYTES 16384

/* An inbox is drained long before; beyond that somebody else wrote it. */
#define FILE_LIMIT ((size_t)1 << 30)

/* So many old ones mean that they can't be committed, or removed: no more are made. */
#define OLD_LIMIT 32

/* Gives NEXT a name of its own; it may hold events, whoever left it there. Nothing is overwritten.
 */
static int retire_next(int state_fd, char ret_name[NAME_SIZE])
{
	/* Threads of a host share it, and may have state directories of their own. */
	static unsigned count;
	char name[NAME_SIZE];
	char path[NAME_SIZE + 16];

	snprintf(name, sizeof name, OLD "%016" PRIx64 "-%u-%u", (uint64_t)ctm_clock_wall_ms(),
		(unsigned)getpid(), __atomic_fetch_add(&count, 1, __ATOMIC_RELAXED));
	snprintf(path, sizeof path, CTM_INBOX_DIR "/%s", name);
	if (renameat2(state_fd, NEXT, state_fd, path, RENAME_NOREPLACE) < 0) {
		if (errno != EINVAL && errno != ENOSYS)
			return -errno;
		if (renameat(state_fd, NEXT, state_fd, path) < 0)
			return -errno;
	}
	memcpy(ret_name, name, sizeof name);
	return 0;
}

/* A fresh file with its reserve under NEXT. -ENOSPC, -EDQUOT: there is no room for one. */
static int make_next(int state_fd)
{
	CTM_CLEANUP_FD int fd =
		openat(state_fd, NEXT, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	int r;

	if (fd < 0)
		return -errno;
	/* A file system that can't reserve is taken as it is. */
	if (fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, RESERVE_BYTES) == 0 ||
		(errno != ENOSPC && errno != EDQUOT))
		return 0;
	r = -errno;
	unlinkat(state_fd, NEXT, 0);
	return r;
}

/*
 * Exchanging the names leaves no moment without a current file. Where the file system can't, the
 * current one just goes: the next appender makes a new one. What can't be given a name of its own
 * is read under the one that it has.
 */
static int rotate(int state_fd, char ret_name[NAME_SIZE])
{
	int r = make_next(state_fd);

	if (r < 0)
		return r;
	ctm_trigger_unbind(state_fd);
	if (renameat2(state_fd, NEXT, state_fd, CURRENT, RENAME_EXCHANGE) < 0 &&
		renameat(state_fd, CURRENT, state_fd, NEXT) < 0)
		return -errno;
	if (retire_next(state_fd, ret_name) < 0)
		snprintf(ret_name, NAME_SIZE, "%s", NEXT_NAME);
	return 0;
}

/*
 * Before the first event there is nothing to rotate. Whoever comes by then makes the file that the
 * first hooks append to, while there is room for its reserve. It never replaces one of theirs. 0 or
 * negative errno: then they make it themselves.
 */
static int make_current(int state_fd)
{
	int r;

	if (faccessat(state_fd, CURRENT, F_OK, AT_SYMLINK_NOFOLLOW) == 0 || errno != ENOENT)
		return 0;
	r = make_next(state_fd);
	if (r < 0)
		return r;
	if (linkat(state_fd, NEXT, state_fd, CURRENT, 0) < 0)
		r = -errno;
	unlinkat(state_fd, NEXT, 0);
	return r;
}

static int read_file(struct ctm_inbox *inbox, struct ctm_inbox_file *file)
{
	CTM_CLEANUP_BUF struct ctm_buf bytes = CTM_BUF_INIT(FILE_LIMIT);
	int r = ctm_files_read(file->fd, &bytes);

	if (r < 0)
		return r;
	file->size = bytes.len;
	file->identity = ctm_inbox_identify(file->fd);
	return ctm_inbox_parse(inbox, (const unsigned char *)bytes.data, bytes.len);
}

/* A file that can't be read now keeps no other from being read. */
static int add_file(int dir_fd, const char *name, bool in_place, struct ctm_inbox *inbox)
{
	struct ctm_inbox_file *files =
		reallocarray(inbox->files, inbox->n_files + 1, sizeof *files);
	struct ctm_inbox_file *file;
	int r;

	if (!files)
		return -ENOMEM;
	inbox->files = files;
	file = &files[inbox->n_files];
	*file = (struct ctm_inbox_file){.in_place = in_place};
	snprintf(file->name, sizeof file->name, "%s", name);
	file->fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (file->fd < 0) {
		inbox->unreadable += errno != ENOENT;
		return 0;
	}
	inbox->n_files++;
	r = read_file(inbox, file);
	if (r == 0 || r == -ENOMEM)
		return r;
	inbox->unreadable++;
	inbox->n_files--;
	ctm_close_fd(&file->fd);
	return 0;
}

/* The old files of the directory; *ret_n counts all of them. */
static int read_old_files(DIR *dir, struct ctm_inbox *inbox, size_t *ret_n)
{
	struct dirent *entry;
	int r = 0;

	*ret_n = 0;
	while (r == 0 && (errno = 0, entry = readdir(dir))) {
		if (strncmp(entry->d_name, OLD, sizeof OLD - 1) != 0)
			continue;
		++*ret_n;
		if (inbox->n_files < CTM_INBOX_FILES_AT_ONCE)
			r = add_file(dirfd(dir), entry->d_name, false, inbox);
	}
	return r == 0 && errno ? -errno : r;
}

/* Whether the current file should make room for a fresh one. */
static bool is_to_be_rotated(int state_fd)
{
	struct statx st;

	if (statx(state_fd, CURRENT, AT_SYMLINK_NOFOLLOW, STATX_SIZE | STATX_BLOCKS | STATX_BTIME,
		    &st) < 0)
		return false;
	return st.stx_size >= LARGE_BYTES || !(st.stx_mask & STATX_BTIME) ||
	       st.stx_blocks * 512 < st.stx_size + LEAST_RESERVE_BYTES;
}

/*
 * What is old already, then what is current: in place, or rotated away where it is time for that
 * and there is room for another file.
 */
static int read_inbox(int state_fd, DIR *dir, struct ctm_inbox *inbox)
{
	char name[NAME_SIZE];
	size_t n;
	int r = retire_next(state_fd, name);

	if (r < 0 && r != -ENOENT)
		return r;
	r = read_old_files(dir, inbox, &n);
	if (r < 0)
		return r;
	if (!ctm_inbox_waits(state_fd)) {
		(void)make_current(state_fd);
		return 0;
	}
	if (n < OLD_LIMIT && is_to_be_rotated(state_fd) && rotate(state_fd, name) == 0)
		return add_file(dirfd(dir), name, false, inbox);
	n = inbox->n_files;
	r = add_file(dirfd(dir), CTM_INBOX_CURRENT, true, inbox);
	inbox->stuck = inbox->n_files == n;
	return r;
}

int ctm_inbox_read(int state_fd, struct ctm_inbox *inbox, struct ctm_error *e)
{
	int fd = openat(state_fd, CTM_INBOX_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir;
	int r;

	/* No hook ran yet. */
	if (fd < 0 && errno == ENOENT)
		return 0;
	dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir) {
		r = -errno;
		ctm_close_fd(&fd);
	} else {
		r = read_inbox(state_fd, dir, inbox);
		closedir(dir);
	}
	return r < 0 ? ctm_error_set(e, r, "cannot read the inbox: %s", strerror(-r)) : 0;
}

void ctm_inbox_remove(int state_fd, struct ctm_inbox *inbox)
{
	for (size_t i = 0; i < inbox->n_files; i++) {
		struct ctm_inbox_file *file = &inbox->files[i];
		char name[96];
		struct stat st;

		if (file->in_place || flock(file->fd, LOCK_EX | LOCK_NB) < 0)
			continue;
		if (fstat(file->fd, &st) < 0 || (size_t)st.st_size != file->size) {
			flock(file->fd, LOCK_UN);
			continue;
		}
		snprintf(name, sizeof name, CTM_INBOX_DIR "/%s", file->name);
		if (unlinkat(state_fd, name, 0) == 0)
			ctm_close_fd(&file->fd);
	}
}

bool ctm_inbox_grew(const struct ctm_inbox *inbox)
{
	for (size_t i = 0; i < inbox->n_files; i++) {
		const struct ctm_inbox_file *file = &inbox->files[i];
		struct stat st;

		if (file->fd >= 0 && fstat(file->fd, &st) == 0 && (size_t)st.st_size != file->size)
			return true;
	}
	return false;
}

bool ctm_inbox_has_more(int state_fd, const struct ctm_inbox *inbox)
{
	for (size_t i = 0; i < inbox->n_files; i++)
		if (inbox->files[i].in_place)
			return ctm_inbox_grew(inbox);
	return (!inbox->stuck && ctm_inbox_waits(state_fd)) || ctm_inbox_grew(inbox);
}

void ctm_inbox_done(struct ctm_inbox *inbox)
{
	for (size_t i = 0; i < inbox->n_events; i++)
		ctm_event_done(&inbox->events[i]);
	for (size_t i = 0; i < inbox->n_files; i++)
		ctm_close_fd(&inbox->files[i].fd);
	free(inbox->events);
	free(inbox->origins);
	free(inbox->files);
	*inbox = (struct ctm_inbox){0};
}
