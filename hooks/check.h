/* SPDX-License-Identifier: MIT */
/*
 * check.h - the parts of `check`, one file each; nothing is changed by any of them
 *
 * Each adds what it found to the report: what is good in a line, what is not with its remedy. They
 * run in the order below, as the state's owner where the state could be opened.
 */
#ifndef CTM_CHECK_H
#define CTM_CHECK_H

#include "check_report.h"
#include "config.h"
#include "confinement.h"
#include "state.h"

struct ctm_check {
	struct ctm_check_report *report;
	const struct ctm_config *config; /* NULL: it can't be read */
	struct ctm_state *state;         /* NULL: there is none, or it is not ours */
	char user[64];                   /* the state's owner, or who runs this */
};

/* The directory as it stands: mode, owner, file system, what is in it. True: it can be opened. */
bool ctm_check_state_dir(struct ctm_check *check);

/* That the state could not be opened, and why. */
void ctm_check_state_failure(struct ctm_check *check, const struct ctm_error *e);

/* The store could not be read: what to do. */
void ctm_check_store_failure(struct ctm_check *check, const struct ctm_error *e);

/* When flush ran last (wall clock s, 0: never). */
void ctm_check_flushed(struct ctm_check *check, int64_t flushed_s);

/* The configuration file itself, the files that it names, its endpoints. */
void ctm_check_config(struct ctm_check *check);

/* Programs and the transport module. */
void ctm_check_programs(struct ctm_check *check);

/* How far this process is, as all are that have the store open: of ctm_enclose(). */
void ctm_check_enclosure(struct ctm_check *check, int landlock);

/* How far the process that speaks to the network is confined. */
void ctm_check_confinement(struct ctm_check *check, const struct ctm_confinement *confinement);

/* Whether aria2's units let hooks live. `root` is put before every path: "" but in tests. */
void ctm_check_systemd(struct ctm_check *check, const char *root);

/* n sidecars, or with n = 0 all; then the jobs in the store. */
void ctm_check_jobs(struct ctm_check *check, char *const *sidecars, size_t n);

/* Connects to each endpoint, and says nothing to it. */
void ctm_check_connect(struct ctm_check *check);

/*
 * Asks each [aria2] for its version and for the options that it runs with. `hooks` is the directory
 * of our hook commands.
 */
void ctm_check_rpc(struct ctm_check *check, const char *hooks);

/* aria2's own configuration. check->config may be NULL. */
void ctm_check_aria2(struct ctm_check *check, const char *file, const char *hooks);

/* The options of an aria2 that runs; `place` says which. */
struct ctm_aria2_conf;
void ctm_check_aria2_options(struct ctm_check *check, const char *place,
	const struct ctm_aria2_conf *conf, const char *hooks);

/* Whether some [aria2] can be asked. config may be NULL. */
bool ctm_check_has_rpc(const struct ctm_config *config);

/* "[endpoint.ctm] key" in buf, which is returned; key may be "". */
const char *ctm_check_key(const char *section, const char *name, const char *key, char buf[300]);

#endif
