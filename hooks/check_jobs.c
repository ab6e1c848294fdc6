/* SPDX-License-Identifier: MIT */
#include "check_jobs.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "path.h"
#include "scan.h"
#include "store.h"

struct checking {
	struct ctm_check *check;
	struct ctm_check_jobs jobs;
	struct ctm_check_sidecars sidecars; /* by path in the end */
	struct ctm_sidecar_trust trust;
	bool has_rpc;
};

static bool is_sidecar_name(const char *name)
{
	const size_t len = strlen(name);
	const size_t end = strlen(CTM_SIDECAR_SUFFIX);

	return name[0] != '.' && len > end && strcmp(name + len - end, CTM_SIDECAR_SUFFIX) == 0;
}

static int is_sidecar_entry(const struct dirent *entry)
{
	return is_sidecar_name(entry->d_name);
}

static int add_entries(struct checking *c, const char *dir, struct dirent **entries, int n)
{
	int r = 0;

	for (int i = 0; r == 0 && i < n; i++) {
		CTM_CLEANUP_FREE char *path = ctm_path_join(dir, entries[i]->d_name);

		r = path ? ctm_check_sidecar(c->check, path, &c->trust, &c->sidecars) : -ENOMEM;
	}
	return r;
}

/* Where root owns the directory, whoever may write there says what is sent. */
static void check_dir(struct ctm_check *check, const char *dir)
{
	struct stat st;

	if (stat(dir, &st) < 0 || !(st.st_mode & S_IWOTH))
		return;
	ctm_check_add(check->report, CTM_CHECK_ERROR, dir,
		"everybody can write to [sidecar] dir (mode %04o)", st.st_mode & 07777U);
	ctm_check_remedy(check->report, "chmod o-w %s", dir);
}

static int add_directory(struct checking *c)
{
	const char *dir = c->check->config->sidecar_dir;
	struct dirent **entries = NULL;
	const int n = scandir(dir, &entries, is_sidecar_entry, alphasort);
	const int error = errno;
	int r = 0;

	if (n < 0 && (error != ENOENT || c->check->state)) {
		ctm_check_add(c->check->report,
			error == ENOENT ? CTM_CHECK_WARNING : CTM_CHECK_ERROR, dir,
			"user %s can't read [sidecar] dir: %s", c->check->user, strerror(error));
		ctm_check_remedy(c->check->report,
			error == ENOENT
				? "make it, or set [sidecar] dir to where sidecars are written"
				: "let that user read it");
	}
	if (n < 0)
		return 0;
	check_dir(c->check, dir);
	r = add_entries(c, dir, entries, n);
	for (int i = 0; i < n; i++)
		free(entries[i]);
	free(entries);
	if (r == 0)
		ctm_check_add(
			c->check->report, CTM_CHECK_OK, dir, "%d sidecar%s", n, n == 1 ? "" : "s");
	return r;
}

static bool is_read(const struct checking *c, const char *path)
{
	for (size_t i = 0; i < c->sidecars.n; i++)
		if (strcmp(c->sidecars.items[i].path, path) == 0)
			return true;
	return false;
}

/* Those beside content are known to the store alone. */
static int add_beside(struct checking *c)
{
	CTM_CLEANUP_FREE char *dir = NULL;
	struct ctm_sidecar_trust trust = c->trust;
	int r = ctm_path_canonical_dir(c->check->config->sidecar_dir, &dir);

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	trust.beside = true;
	for (size_t i = 0; r == 0 && i < c->jobs.n_records; i++) {
		const char *path = c->jobs.records[i].path;

		if (ctm_path_below(path, dir) || access(path, F_OK) < 0 || is_read(c, path))
			continue;
		trust.beside = c->check->config->sidecar_beside;
		r = ctm_check_sidecar(c->check, path, &trust, &c->sidecars);
	}
	return r;
}

static int add_named(struct checking *c, char *const *names, size_t n)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++) {
		const size_t errors = c->check->report->count[CTM_CHECK_ERROR];
		struct ctm_sidecar_trust trust = c->trust;

		ctm_scan_trust_named(c->check->config, names[i], &trust);
		r = ctm_check_sidecar(c->check, names[i], &trust, &c->sidecars);
		if (r == 0 && errors == c->check->report->count[CTM_CHECK_ERROR])
			ctm_check_add(
				c->check->report, CTM_CHECK_OK, names[i], "is a good sidecar");
	}
	return r;
}

static int by_path(const void *a, const void *b)
{
	const struct ctm_check_sidecar *left = a;
	const struct ctm_check_sidecar *right = b;

	return strcmp(left->path, right->path);
}

static int by_key_and_path(const void *a, const void *b)
{
	const struct ctm_check_sidecar *left = a;
	const struct ctm_check_sidecar *right = b;
	const int order = strcmp(left->key, right->key);

	return order ? order : by_path(a, b);
}

static void add_duplicate(struct ctm_check *check, const char *path, const char *first)
{
	ctm_check_add(check->report, CTM_CHECK_ERROR, path,
		"its id is that of \"%s\", which came first: it is refused", first);
	ctm_check_remedy(check->report, "give it an id of its own: one GUID is one job");
}

/* Whether the job of that id is another's; said. `before` stands in front of it by key. */
static bool is_duplicate(const struct checking *c, const struct ctm_check_sidecar *sidecar,
	const struct ctm_check_sidecar *before)
{
	const struct ctm_check_job *job = ctm_check_jobs_find(&c->jobs, sidecar->key);

	if (!sidecar->key[0])
		return false;
	if (job && !job->sidecar[0])
		ctm_check_add(c->check->report, CTM_CHECK_ERROR, sidecar->path,
			"the final word of its id %s was sent by hand: it is refused", job->id);
	else if (job && strcmp(job->sidecar, sidecar->path) != 0 && access(job->sidecar, F_OK) == 0)
		add_duplicate(c->check, sidecar->path, job->sidecar);
	else if (!job && before && strcmp(before->key, sidecar->key) == 0)
		add_duplicate(c->check, sidecar->path, before->path);
	else
		return false;
	return true;
}

/* What the store refused of it, if it is still the same file. */
static void add_refusal(const struct checking *c, const struct ctm_check_sidecar *sidecar)
{
	const struct ctm_sidecar_record *record = ctm_check_jobs_record(&c->jobs, sidecar->path);
	const struct stat *st = &sidecar->st;

	if (!record || record->fate == CTM_FATE_REGISTERED || record->fate == CTM_FATE_NOT_WHOLE ||
		record->size != (uint64_t)st->st_size || record->inode != (uint64_t)st->st_ino ||
		record->mtime_ns !=
			(uint64_t)st->st_mtim.tv_sec * 1000000000U + (uint64_t)st->st_mtim.tv_nsec)
		return;
	ctm_check_add(c->check->report, CTM_CHECK_ERROR, sidecar->path, "%s", record->complaint);
}

static void add_unseen(struct ctm_check *check, const char *subject)
{
	ctm_check_add(check->report, CTM_CHECK_WARNING, subject,
		"the job has neither gids nor RPC: its errors will be seen only at the deadline");
	ctm_check_remedy(check->report,
		"give each [file.N] a gid and start its download with it (\"aria2-ctm add --input\" "
		"does both), or add [aria2] rpc to the configuration");
}

static void check_sidecars(struct checking *c)
{
	struct ctm_check_sidecar *items = c->sidecars.items;

	if (c->sidecars.n)
		qsort(items, c->sidecars.n, sizeof *items, by_key_and_path);
	for (size_t i = 0; i < c->sidecars.n; i++) {
		if (!items[i].good ||
			is_duplicate(c, &items[i], i && items[i - 1].good ? &items[i - 1] : NULL))
			continue;
		add_refusal(c, &items[i]);
		if (items[i].lacks_gid && !c->has_rpc &&
			!ctm_check_jobs_find(&c->jobs, items[i].key))
			add_unseen(c->check, items[i].path);
	}
	if (c->sidecars.n)
		qsort(items, c->sidecars.n, sizeof *items, by_path);
}

/* The job's own sidecar speaks of another job now. */
static void check_changed(const struct checking *c, const struct ctm_check_job *job)
{
	const struct ctm_check_sidecar wanted = {.path = job->sidecar};
	const struct ctm_check_sidecar *sidecar =
		c->sidecars.n
			? bsearch(&wanted, c->sidecars.items, c->sidecars.n, sizeof wanted, by_path)
			: NULL;

	if (!sidecar || !sidecar->key[0] || strcmp(sidecar->key, job->key) == 0)
		return;
	ctm_check_add(c->check->report, CTM_CHECK_WARNING, job->sidecar,
		"has another id now; the job %s that it described before is still open", job->id);
	ctm_check_remedy(c->check->report,
		"CTM still waits for the old job's final word: see \"aria2-ctm status %s\"",
		job->id);
}

static void check_open_jobs(const struct checking *c)
{
	for (size_t i = 0; i < c->jobs.n_jobs; i++) {
		const struct ctm_check_job *job = &c->jobs.jobs[i];

		if (!job->open)
			continue;
		check_changed(c, job);
		/* One without a sidecar is made of calls by hand alone: no download is its own. */
		if (job->lacks_gid && job->sidecar[0] && !c->has_rpc)
			add_unseen(c->check, job->id);
	}
}

/* Where there is no state yet, whoever runs this will own it. */
static int find_trust(struct checking *c)
{
	const struct ctm_state nobody = {.config = c->check->config, .owner = geteuid()};
	struct ctm_error e = CTM_ERROR_INIT;
	int r = ctm_scan_trust(c->check->state ? c->check->state : &nobody, &c->trust, &e);

	if (r == -ENOENT) {
		ctm_check_add(c->check->report, CTM_CHECK_ERROR, "[sidecar] owner", "%s", e.text);
		ctm_check_remedy(c->check->report, "no sidecar is read until it is right");
	}
	return r;
}

void ctm_check_jobs(struct ctm_check *check, char *const *sidecars, size_t n)
{
	struct checking c = {.check = check, .has_rpc = ctm_check_has_rpc(check->config)};
	int r = ctm_check_jobs_read(check, &c.jobs);

	if (c.jobs.known)
		ctm_check_flushed(check, c.jobs.flushed_s);
	if (r == 0)
		r = find_trust(&c);
	if (r == 0)
		r = n ? add_named(&c, sidecars, n) : add_directory(&c);
	if (r == 0 && !n)
		r = add_beside(&c);
	if (r == 0) {
		check_sidecars(&c);
		check_open_jobs(&c);
	}
	check->report->no_memory |= r == -ENOMEM;
	ctm_scan_trust_done(&c.trust);
	ctm_check_sidecars_done(&c.sidecars);
	ctm_check_jobs_done(&c.jobs);
}
