/* SPDX-License-Identifier: MIT */
/*
 * world.h - a configuration, a state directory and jobs, for one test
 *
 * TestSuite(name, .init = world_init, .fini = world_done); world_done() also looks for leaks.
 * Below the scratch directory stand state/ (jobs/ in it) and dl/, where content would arrive.
 */
#ifndef TEST_WORLD_H
#define TEST_WORLD_H

#include "fold_report.h"
#include "scratch.h"
#include "state.h"

struct world {
	struct ctm_config *config; /* [endpoint.ctm], [endpoint.other] without a url */
	struct ctm_state *state;
	const char *dl;
	bool work;         /* whether the last fold found something to do */
	uint64_t ahead_ms; /* how far world_now() is ahead of the clock */
	bool in_hook;      /* the next folds are a hook's */
	size_t changed;    /* how many jobs changed their state by the last fold */
};

extern struct world world;

void world_init(void);
void world_done(void);

/* Closes the state and opens it again, as another process would. */
void world_reopen(void);

/* Reads the configuration anew, with more text at its end, and opens the state again. */
void world_configure(const char *more);
#define WORLD_RPC "[aria2]\nrpc = http://127.0.0.1:9/jsonrpc\n"

/* What time jobs, events and folds take it to be. */
struct ctm_stamp world_now(void);

/* Runs the body holding the lock, without draining first; fails the test where it fails. */
int world_update(ctm_store_body *body, void *context);

/* "{00000000-0000-0000-0000-0000000000NN}"; lives until world_done(). */
const char *world_id(unsigned n);

/* dl/NAME; lives until world_done(). */
const char *world_path(const char *name);

/* A job straight into the store, without a sidecar. Returns its number. */
struct world_file {
	const char *name; /* below dl */
	uint64_t size;    /* 0: not said */
	uint64_t gid;
};
uint32_t world_add_listed(unsigned id, const struct world_file *files, uint32_t n);
uint32_t world_add_counted(
	unsigned id, enum ctm_kind kind, const char *local_name, uint32_t files_total);

/* An event as aria2 would tell it, of a file below dl; "" for no path. Freed by nobody. */
struct ctm_event world_event(
	enum ctm_event_type type, uint64_t gid, uint32_t n_files, const char *name);

/* Folds the events in one transaction, and decides. Returns how many were claimed. */
int world_fold(const struct ctm_event *events, size_t n);
int world_fold_one(enum ctm_event_type type, uint64_t gid, uint32_t n_files, const char *name);

/* What the store has now. Strings live until world_done(). */
struct ctm_job world_job(uint32_t number);
struct ctm_job_text world_text(uint32_t number);
/* By number; .path NULL: there is none. */
struct ctm_file world_file(uint32_t job, uint32_t number);
/* .source NULL: there is none. */
struct ctm_message world_message(uint32_t job);
struct ctm_message world_progress(uint32_t job);
bool world_has_work(enum ctm_work work, uint32_t job);
uint32_t world_unclaimed(void);

/* A look takes the evidence of that file back, and the job is decided. */
void world_withdraw(uint32_t job, uint32_t number);

/* Drops every unclaimed event. */
void world_forget(void);

/* Notes [sidecar] dir as read as it is now. */
void world_scanned(void);

/* Changes a job's record. */
typedef void world_change_job(struct ctm_job *job);
void world_change(uint32_t job, world_change_job *change);

/* A copy that lives until world_done(). */
char *world_text_of(const char *text);

/*
 * What aria2 says of a download of one file below dl ("" for no path), as that is now. Freed by
 * nobody.
 */
struct ctm_report world_report(enum ctm_report_status status, uint64_t gid, const char *name);
struct ctm_report_file world_report_file(const char *name);

/*
 * Folds the answer to a question, or a poll, and decides. An answer without an event is one to the
 * event of its own end, at asked_ms.
 */
void world_answer(const struct ctm_report *report);
void world_poll(const struct ctm_report *reports, size_t n, bool all);

/* Questions about a gid (0: any), of a type (0: any); how aria2 is known to have one. */
uint32_t world_questions(uint64_t gid, enum ctm_event_type type);
struct ctm_known world_known(uint64_t gid);
/* NULL: aria2 was never seen to have it. */
void world_know(uint64_t gid, const struct ctm_known *known);

/* A job ended in dl/ then (wall clock). */
void world_ended(int64_t ended_ms);

/* The sidecar gives that file the URI. */
void world_give_uri(uint32_t job, uint32_t number, const char *uri);

#endif
