/* SPDX-License-Identifier: MIT */
/*
 * check_jobs.h - the jobs of the store and the sidecars on disk, for `check`
 */
#ifndef CTM_CHECK_JOBS_H
#define CTM_CHECK_JOBS_H

#include "check.h"
#include "guid.h"
#include "sidecar.h"

/* A job as the store knows it. */
struct ctm_check_job {
	char key[CTM_GUID_KEY];
	char *id;
	char *sidecar;
	bool open;
	bool lacks_gid; /* open, and some file that has not arrived has no gid */
};

/* What a transaction copies out. */
struct ctm_check_jobs {
	struct ctm_check_job *jobs; /* sorted by key */
	size_t n_jobs;
	size_t cap_jobs;
	struct ctm_sidecar_record *records; /* of sidecars that were looked at, by path */
	size_t n_records;
	size_t cap_records;
	int64_t flushed_s;
	bool known; /* the store could be read */
};

/* Reads the store, if there is one; a failure is a finding. 0 or -ENOMEM. */
int ctm_check_jobs_read(struct ctm_check *check, struct ctm_check_jobs *jobs);
void ctm_check_jobs_done(struct ctm_check_jobs *jobs);

/* The job with that key, or NULL. */
const struct ctm_check_job *ctm_check_jobs_find(const struct ctm_check_jobs *jobs, const char *key);

/* What the store noted of a sidecar, or NULL. */
const struct ctm_sidecar_record *ctm_check_jobs_record(
	const struct ctm_check_jobs *jobs, const char *path);

/* A sidecar as it was read now. */
struct ctm_check_sidecar {
	char *path;             /* canonical where it could be read */
	char key[CTM_GUID_KEY]; /* "" where it names no GUID */
	bool good;
	bool lacks_gid;
	struct stat st;
};

struct ctm_check_sidecars {
	struct ctm_check_sidecar *items;
	size_t n;
	size_t cap;
};

/*
 * Reads one and adds what is wrong with it alone; at_once as for `add`. 0 or -ENOMEM.
 */
int ctm_check_sidecar(struct ctm_check *check, const char *path,
	const struct ctm_sidecar_trust *trust, struct ctm_check_sidecars *sidecars);
void ctm_check_sidecars_done(struct ctm_check_sidecars *sidecars);

#endif
