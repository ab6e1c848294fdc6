/* SPDX-License-Identifier: MIT */
/*
 * look.h - the last look at the files of a job, before success may be said
 *
 * Works on a copy of what the store knows, without lock or transaction, and can run in a thread of
 * its own. Every file is opened inside local_path (openat2 where the kernel has it), must be
 * regular and of the right size and hash, and is synced with its directories. Nothing is written.
 *
 * Three answers: right; can't tell (the volume is away, no permission, an I/O error: look again);
 * wrong (evidence is to be withdrawn, each finding with its own HRESULT). Want of memory or of
 * descriptors is our own and says nothing of the files: it can't be told then, and no more.
 */
#ifndef CTM_LOOK_H
#define CTM_LOOK_H

#include <stdatomic.h>

#include "job.h"
#include "outbox.h"

/* The sidecar of the job as it was when it was read. */
struct ctm_look_sidecar {
	char *path; /* NULL: there is none, or it is not known */
	uint64_t mtime_ns;
	uint64_t size;
	uint64_t inode;
};

/* What is looked at; owned by whoever asks. */
struct ctm_look_request {
	uint32_t job;
	uint32_t revision;
	enum ctm_kind kind;
	char *id;
	char *local_path;
	struct ctm_look_sidecar sidecar;
	int64_t created_ms;
	const atomic_bool *stop; /* NULL allowed; borrowed. When it becomes true, no hash goes on */
	uint64_t boot;           /* this boot */
	uint32_t files_total;    /* 0: not said */
	uint64_t bytes_total;    /* if has_bytes_total */
	bool has_bytes_total;
	struct ctm_file *files;
	size_t n_files;
	size_t cap_files;
};

/* Something wrong with one file. */
struct ctm_look_finding {
	uint32_t file; /* its number in the job */
	uint32_t hresult;
	char *text; /* for a person */
};

#define CTM_LOOK_FINDINGS 1000u /* more are found by the next look */

struct ctm_look_result {
	enum ctm_look_answer answer;
	int error;      /* -ENOMEM, -EMFILE, -ENFILE: the look was short of that; 0: it was not */
	bool all_wrong; /* if wrong: every file is, unwritten, with the HRESULT and text below */
	struct ctm_totals totals; /* if right */
	uint32_t hresult;         /* of the first thing that is not right */
	char text[512];           /* that thing, for a person */
	struct ctm_look_finding *findings;
	size_t n_findings;
	/* How the look saw each file of the request, in that order; NULL: it had no memory. */
	struct ctm_sight *seen;
};

/*
 * Whether something could not be written to disk (CTM_E_WRITE_FAULT). The kernel says so once: this
 * finding must not be lost.
 */
bool ctm_look_has_fault(const struct ctm_look_result *result);

/* Fills *result, which ctm_look_result_done() frees. */
void ctm_look(const struct ctm_look_request *request, struct ctm_look_result *result);

void ctm_look_request_drop_files(struct ctm_look_request *request);
void ctm_look_request_done(struct ctm_look_request *request);
void ctm_look_result_done(struct ctm_look_result *result);

#endif
