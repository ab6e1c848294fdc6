/* SPDX-License-Identifier: MIT */
#include "missed.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "digest.h"
#include "files.h"
#include "fold_evidence.h"
#include "look_internal.h"
#include "path.h"
#include "sight.h"
#include "unwritten.h"

/* More are hashed by the next flush. */
#define FILES_MAX 10000u

struct ctm_missed_file {
	struct ctm_file file; /* a copy */
	uint32_t local_len;   /* of its path: the job's local_path */
	bool hashed;          /* now: */
	bool right;           /* it has the sha256 of the sidecar */
	struct ctm_sight sight;
	uint64_t device;
};

static int copy_file(
	struct ctm_missed *missed, const struct ctm_job *job, const struct ctm_file *file)
{
	struct ctm_missed_file *copy;
	int r;

	if (missed->n == missed->cap) {
		size_t cap = missed->cap ? missed->cap * 2 : 16;
		struct ctm_missed_file *files = reallocarray(missed->files, cap, sizeof *files);

		if (!files)
			return -ENOMEM;
		missed->files = files;
		missed->cap = cap;
	}
	copy = &missed->files[missed->n];
	*copy = (struct ctm_missed_file){.local_len = job->local_len};
	r = ctm_file_copy(file, &copy->file);
	return r < 0 ? r : ++missed->n == FILES_MAX;
}

struct loading {
	struct ctm_missed *missed;
	const struct ctm_job *job;
	uint64_t from; /* job << 32 | file: what was before has had its turn */
};

static uint64_t place_of(uint32_t job, uint32_t file)
{
	return (uint64_t)job << 32 | file;
}

static int load_file(struct ctm_txn *txn, const struct ctm_file *file, void *context)
{
	const struct loading *l = context;

	(void)txn;
	if (file->evident || !file->has_sha256 || place_of(l->job->number, file->number) < l->from)
		return 0;
	l->missed->next = place_of(l->job->number, file->number) + 1;
	return copy_file(l->missed, l->job, file);
}

static int load_job(struct ctm_txn *txn, const struct ctm_job *job, void *context)
{
	struct loading *l = context;

	if (ctm_job_has_ended(job) || job->kind != CTM_KIND_LISTED || !job->files_hashed ||
		place_of(job->number, UINT32_MAX) < l->from)
		return 0;
	l->job = job;
	return ctm_store_file_each(txn, job->number, load_file, l);
}

static int load_only(struct ctm_txn *txn, struct loading *l)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < l->missed->only->n; i++) {
		struct ctm_job job;

		r = ctm_store_job_get(txn, l->missed->only->items[i], &job);
		if (r == 0)
			r = load_job(txn, &job, l);
	}
	return r;
}

int ctm_missed_load(struct ctm_txn *txn, struct ctm_missed *missed)
{
	struct loading l = {.missed = missed};
	int r;

	if (missed->only) {
		r = load_only(txn, &l);
		return r < 0 ? r : 0;
	}
	r = ctm_store_setting_get(txn, CTM_SETTING_MISSED_FROM, &l.from);
	if (r == 0)
		r = ctm_store_job_each(txn, load_job, &l);
	/* All had their turn: the next time begins at the beginning. */
	if (r == 0)
		missed->next = 0;
	return r < 0 ? r : 0;
}

/*
 * Whether aria2 has a control file that could be about it: its own, or a torrent's, which stands
 * beside one of the directories that it is in.
 */
static bool is_under_way(int root_fd, const char *path)
{
	for (size_t len = strlen(path); len; len--) {
		CTM_CLEANUP_BUF struct ctm_buf control = CTM_BUF_INIT(CTM_PATH_LIMIT + 16);
		CTM_CLEANUP_FD int fd = -1;

		if (path[len] && path[len] != '/')
			continue;
		ctm_buf_printf(&control, "%.*s.aria2", (int)len, path);
		if (control.error)
			return true;
		fd = ctm_look_open_beneath(root_fd, control.data, O_PATH);
		if (fd >= 0)
			return true;
	}
	return false;
}

/* The directory itself may be a torrent's. */
static bool is_under_way_whole(const char *local_path)
{
	CTM_CLEANUP_BUF struct ctm_buf control = CTM_BUF_INIT(CTM_PATH_LIMIT + 16);

	ctm_buf_printf(&control, "%s.aria2", local_path);
	return control.error || access(control.data, F_OK) == 0;
}

static bool may_be_hashed(
	const struct ctm_missed_file *m, const struct stat *st, int64_t now_ms, int64_t quiet_ms)
{
	const struct ctm_sight sight = ctm_sight_of(st);
	const int64_t limit_ns = (now_ms - quiet_ms) * 1000000;

	if (!S_ISREG(st->st_mode) || (m->file.has_size && m->file.size != sight.size))
		return false;
	if (sight.mtime_ns > limit_ns || sight.ctime_ns > limit_ns)
		return false;
	/* What could not be written is still in memory, and may have the right sum there. */
	return !ctm_sight_is_same(&m->file.hashed, &sight) &&
	       !ctm_file_is_unwritten(&m->file, &sight);
}

static void hash_open(
	struct ctm_missed_file *m, int fd, const struct stat *st, const atomic_bool *stop)
{
	unsigned char sha256[32];
	struct ctm_sight after;
	struct stat again;

	if (ctm_digest_sha256(fd, (uint64_t)st->st_size, stop, sha256) < 0 || fstat(fd, &again) < 0)
		return;
	after = ctm_sight_of(&again);
	m->sight = ctm_sight_of(st);
	m->device = (uint64_t)st->st_dev;
	if (!ctm_sight_is_same(&m->sight, &after))
		return;
	m->hashed = true;
	m->right = memcmp(sha256, m->file.sha256, sizeof sha256) == 0;
}

static void hash_below(
	struct ctm_missed_file *m, int root_fd, int64_t quiet_ms, const atomic_bool *stop)
{
	const char *path = m->file.path + m->local_len + 1;
	CTM_CLEANUP_FD int fd =
		ctm_look_open_beneath(root_fd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || !may_be_hashed(m, &st, ctm_clock_wall_ms(), quiet_ms) ||
		is_under_way(root_fd, path))
		return;
	hash_open(m, fd, &st, stop);
}

void ctm_missed_hash(struct ctm_missed *missed, const atomic_bool *stop)
{
	for (size_t i = 0; i < missed->n && !atomic_load(stop); i++) {
		struct ctm_missed_file *m = &missed->files[i];
		CTM_CLEANUP_FREE char *root = strndup(m->file.path, m->local_len);
		CTM_CLEANUP_FD int fd = -1;

		if (!root || is_under_way_whole(root))
			continue;
		fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
		if (fd >= 0)
			hash_below(m, fd, missed->quiet_ms, stop);
	}
}

/* The file as if a hook had spoken of it. */
static int fold_right(struct ctm_txn *txn, const struct ctm_missed_file *m, struct ctm_job *job,
	struct ctm_file *file, struct ctm_fold *fold)
{
	const struct ctm_event event = {
		.type = CTM_EVENT_COMPLETE,
		.gid = file->gid,
		.n_files = 1,
		.path = file->path,
		.device = m->device,
		.wall_ms = fold->now.wall_ms,
		.sight = m->sight,
	};
	int r = ctm_fold_evidence(txn, &event, job, file, false, fold);

	return r < 0 ? r : 0;
}

static bool is_same_hash(const struct ctm_file *a, const struct ctm_file *b)
{
	return a->has_sha256 && b->has_sha256 &&
	       memcmp(a->sha256, b->sha256, sizeof a->sha256) == 0;
}

static int fold_one(struct ctm_txn *txn, const struct ctm_missed_file *m, struct ctm_fold *fold)
{
	struct ctm_file file = {0};
	struct ctm_job job;
	int r = ctm_store_job_get(txn, m->file.job, &job);

	if (r < 0 || ctm_job_has_ended(&job))
		return r == -ENOENT ? 0 : r;
	r = ctm_store_file_get(txn, m->file.job, m->file.number, &file);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	if (file.evident || !is_same_hash(&file, &m->file)) {
		r = 0; /* it has come, or the sidecar has changed, meanwhile */
	} else if (m->right) {
		r = fold_right(txn, m, &job, &file, fold);
	} else {
		file.hashed = m->sight;
		r = ctm_store_file_put(txn, &file);
	}
	ctm_file_done(&file);
	return r;
}

int ctm_missed_fold(struct ctm_txn *txn, const struct ctm_missed *missed, struct ctm_fold *fold)
{
	uint64_t from = 0;
	int r = missed->only ? 0 : ctm_store_setting_get(txn, CTM_SETTING_MISSED_FROM, &from);

	if (r == 0 && !missed->only && from != missed->next)
		r = ctm_store_setting_put(txn, CTM_SETTING_MISSED_FROM, missed->next);
	for (size_t i = 0; r == 0 && i < missed->n; i++)
		if (missed->files[i].hashed)
			r = fold_one(txn, &missed->files[i], fold);
	return r;
}

void ctm_missed_done(struct ctm_missed *missed)
{
	for (size_t i = 0; i < missed->n; i++)
		ctm_file_done(&missed->files[i].file);
	free(missed->files);
	*missed = (struct ctm_missed){0};
}
