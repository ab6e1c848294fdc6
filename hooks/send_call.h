/* SPDX-License-Identifier: MIT */
/*
 * send_call.h - the arguments of `send` as those of one of CTM's three calls
 */
#ifndef CTM_SEND_CALL_H
#define CTM_SEND_CALL_H

#include "command.h"
#include "notify.h"

/* Options as they were given; NULL: not. */
struct ctm_send_arguments {
	const char *endpoint;
	const char *id;
	const char *client_data;
	const char *bytes;
	const char *bytes_total;
	const char *files;
	const char *files_total;
	const char *hresult;
	const char *message;
	const char *type;
	bool force;
};

/* One of the calls, and the options that only some of them take. */
struct ctm_send_kind {
	const char *name;
	const char *call;
	enum ctm_message_kind kind;
	bool counts; /* --bytes and --files */
	bool totals; /* --bytes-total and --files-total */
	bool type;
	bool error; /* --hresult and --message */
};

/* "success", "error" or "progress"; NULL: none of them. */
const struct ctm_send_kind *ctm_send_find_kind(const char *name);

/*
 * *call borrows the strings of *arguments, whose id is set. 0, or CTM_EXIT_USAGE after having said
 * what is wrong.
 */
int ctm_send_parse(const struct ctm_command *command, const struct ctm_send_kind *kind,
	const struct ctm_send_arguments *arguments, struct ctm_notify *call);

#endif
