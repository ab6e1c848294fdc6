/* SPDX-License-Identifier: MIT */
/*
 * status_collect.h - what `status` shows, copied out of the store in one transaction
 *
 * Nothing is printed while the store is held: a terminal that is stopped would stop everybody.
 */
#ifndef CTM_STATUS_COLLECT_H
#define CTM_STATUS_COLLECT_H

#include "arena.h"
#include "state.h"
#include "store.h"

struct ctm_status_filter;

struct ctm_status_job {
	struct ctm_job job;          /* its age summed up to now */
	struct ctm_job_text text;    /* without client_data; in the arena of ctm_status */
	struct ctm_message *message; /* NULL: none */
	bool has_deadline;           /* false: it has ended, or is suspended */
	uint64_t left_ms;            /* until its deadline; 0: it is past */
};

struct ctm_status {
	struct ctm_status_job *jobs; /* by number */
	size_t n_jobs;
	size_t cap_jobs;
	struct ctm_arena texts; /* of all jobs: there can be thousands, and each page costs */
	struct ctm_sidecar_record *sidecars; /* those that are no job */
	size_t n_sidecars;
	size_t cap_sidecars;
	bool no_state; /* there is no state directory yet: nothing is known */
	bool all;      /* false: only the jobs that were chosen, and their sidecars */
	uint32_t unclaimed;
	uint64_t give_up_s;
	int64_t flushed_s; /* wall clock of the last flush; 0: none yet */
	struct ctm_stamp now;
};

/*
 * Reads all jobs, or the n that `names` name (as ctm_command_find_job() takes them), of them those
 * that the filter admits; NULL: all. 0, or negative errno in *e. ctm_status_done() either way.
 */
int ctm_status_collect(struct ctm_state *state, char *const *names, size_t n,
	const struct ctm_status_filter *filter, struct ctm_status *status, struct ctm_error *e);
void ctm_status_done(struct ctm_status *status);

/* Whether something waits for a flush, and none ran for CTM_STATUS_FLUSH_S seconds. */
#define CTM_STATUS_FLUSH_S 300
bool ctm_status_is_neglected(const struct ctm_status *status);

/* The last thing that went wrong, or what CTM is told of; false: nothing did. */
bool ctm_status_cause(
	const struct ctm_status_job *job, uint32_t *ret_hresult, const char **ret_text);

/* "invalid", "refused", "not whole", "duplicate"; "registered". */
const char *ctm_status_fate_name(enum ctm_sidecar_fate fate);

/* Bytes that have arrived, as far as they are known. */
uint64_t ctm_status_bytes(const struct ctm_status_job *job);
/* False: the total is not known. */
bool ctm_status_bytes_total(const struct ctm_status_job *job, uint64_t *ret_bytes);
uint32_t ctm_status_files(const struct ctm_status_job *job);
/* 0: not known (an open job of kind single). */
uint32_t ctm_status_files_total(const struct ctm_status_job *job);

#endif
