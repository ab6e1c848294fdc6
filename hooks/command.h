/* SPDX-License-Identifier: MIT */
/*
 * command.h - what the subcommands of aria2-ctm share
 *
 * Each subcommand is one file, cmd_NAME.c, with one entry in the table of aria2-ctm.c. Exit status
 * of all: 0 done, 1 failed, 2 wrong usage.
 */
#ifndef CTM_COMMAND_H
#define CTM_COMMAND_H

#include <stdbool.h>

#include "config.h"
#include "drain.h"
#include "enclose.h"
#include "state.h"

enum ctm_exit {
	CTM_EXIT_DONE = 0,
	CTM_EXIT_FAILED = 1,
	CTM_EXIT_USAGE = 2,
};

struct ctm_command {
	const char *name;
	const char *arguments; /* for the usage line */
	const char *summary;   /* one line */
	const char *help;      /* what --help shows below the usage line */
	/* argv[0] is the subcommand's name. Returns an enum ctm_exit. */
	int (*run)(const struct ctm_command *command, int argc, char **argv);
};

extern const struct ctm_command ctm_command_add;
extern const struct ctm_command ctm_command_cancel;
extern const struct ctm_command ctm_command_check;
extern const struct ctm_command ctm_command_explain;
extern const struct ctm_command ctm_command_fail_job;
extern const struct ctm_command ctm_command_flush;
extern const struct ctm_command ctm_command_forget;
extern const struct ctm_command ctm_command_resume;
extern const struct ctm_command ctm_command_retry;
extern const struct ctm_command ctm_command_run;
extern const struct ctm_command ctm_command_send;
extern const struct ctm_command ctm_command_set;
extern const struct ctm_command ctm_command_status;
extern const struct ctm_command ctm_command_suspend;

/* What is wrong with the arguments, and the usage line, to stderr. Returns CTM_EXIT_USAGE. */
int ctm_command_usage(const struct ctm_command *command, const char *format, ...) CTM_PRINTF(2, 3);

/* "aria2-ctm: complaint" to stderr, of a call that returned `code`. Returns CTM_EXIT_FAILED. */
int ctm_command_fail(struct ctm_error *e, int code);

/* A complaint of a reader, to stderr: "error: file:line: text" or "warning: ...". */
void ctm_command_complain(void *context, const struct ctm_error *complaint);

/* An open configuration and state. */
struct ctm_session {
	struct ctm_config *config;
	struct ctm_state *state; /* NULL where ctm_session_open() was told not to need it */
};

/*
 * Loads the configuration (complaints go to stderr), sets the log up, opens the state directory as
 * its owner (mode as of ctm_state_open(), CTM_STATE_BECOME is added), and gives up what this
 * command does not need; NULL: nothing, it can't be known yet. Returns 0, or an enum ctm_exit after
 * having said why.
 */
int ctm_session_open(
	struct ctm_session *session, unsigned mode, const struct ctm_enclosing *enclosing);

/* Wakes a deliverer if a drain left it something. */
void ctm_session_wake(struct ctm_session *session);

/* Does that too, and closes all. */
void ctm_session_close(struct ctm_session *session);

/*
 * The jobs that JOB arguments name: a GUID, the start of one, or a content_id. `visit` is called
 * for each inside one transaction of ctm_flow_update() or ctm_flow_read(). -ENOENT or -EEXIST (more
 * than one GUID begins so) in *e.
 */
int ctm_command_find_job(
	struct ctm_txn *txn, const char *name, uint32_t *ret_number, struct ctm_error *e);

#endif
