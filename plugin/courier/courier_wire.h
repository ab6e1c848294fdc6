/* SPDX-License-Identifier: MIT */
/*
 * courier_wire.h - what is said between us and the transport's process, field by field
 *
 * Each ctm_wire_pack_...() appends one message to a buffer; the body of a question or an answer is
 * the frame's tail, and not packed. Each ctm_wire_unpack_...() reads one and believes nothing:
 * what is too short, too long, of an unknown kind or out of its range is -EBADMSG. What comes out
 * points into the frame.
 */
#ifndef CTM_COURIER_WIRE_H
#define CTM_COURIER_WIRE_H

#include "confinement.h"
#include "knock.h"
#include "pack.h"
#include "reach.h"
#include "transport.h"

/* The socket's descriptor in the transport's process. */
#define CTM_WIRE_FD 3

enum ctm_wire_kind {
	CTM_WIRE_OPEN = 1,
	CTM_WIRE_SUBMIT = 2,
	CTM_WIRE_ASK = 3,
	CTM_WIRE_KNOCK = 4, /* comes back as an answer without a body */
	CTM_WIRE_OPENED = 17,
	CTM_WIRE_OUTCOME = 18,
	CTM_WIRE_ANSWER = 19,
	CTM_WIRE_LOG = 20,
};

/* Bytes of a message, but for the tail of a question or an answer. */
#define CTM_WIRE_MAX ((size_t)8 << 20)
/* And of one that comes from the transport's process. */
#define CTM_WIRE_REPLY_MAX ((size_t)4096)
#define CTM_WIRE_NAME_SIZE 32
#define CTM_WIRE_TEXT_SIZE 768

/* What became of OPEN. */
struct ctm_wire_opened {
	int code; /* 0, or the negative errno of ctm_module_open() */
	bool can_ask;
	struct ctm_confinement confinement;
	char name[CTM_WIRE_NAME_SIZE]; /* of the module */
	char text[CTM_WIRE_TEXT_SIZE]; /* of the error */
};

/* A message to be sent. */
struct ctm_wire_submit {
	uint64_t tag;
	struct ctm_transport_endpoint endpoint;
	struct ctm_transport_message message;
	const char **headers; /* endpoint.headers */
};

struct ctm_wire_log {
	int level;
	char line[CTM_WIRE_TEXT_SIZE];
};

void ctm_wire_pack_open(struct ctm_buf *b, const struct ctm_reach *reach);
void ctm_wire_pack_submit(struct ctm_buf *b, const struct ctm_transport_endpoint *endpoint,
	const struct ctm_transport_message *message, uint64_t tag);
void ctm_wire_pack_ask(
	struct ctm_buf *b, const struct ctm_transport_question *question, uint64_t tag);
void ctm_wire_pack_knock(struct ctm_buf *b, const struct ctm_knock *knock, uint64_t tag);
void ctm_wire_pack_opened(struct ctm_buf *b, const struct ctm_wire_opened *opened);
void ctm_wire_pack_outcome(struct ctm_buf *b, const struct ctm_transport_outcome *outcome);
void ctm_wire_pack_answer(struct ctm_buf *b, const struct ctm_transport_answer *answer);
void ctm_wire_pack_log(struct ctm_buf *b, int level, const char *line);

/* Beside -EBADMSG: -EPROTO, another release; -ENOMEM. ctm_reach_done() frees it. */
int ctm_wire_unpack_open(struct ctm_view v, struct ctm_reach *ret_reach);
/* ctm_wire_submit_done() frees it. */
int ctm_wire_unpack_submit(struct ctm_view v, struct ctm_wire_submit *ret_submit);
void ctm_wire_submit_done(struct ctm_wire_submit *submit);
int ctm_wire_unpack_ask(
	struct ctm_view v, struct ctm_transport_question *ret_question, uint64_t *ret_tag);
int ctm_wire_unpack_knock(struct ctm_view v, struct ctm_knock *ret_knock, uint64_t *ret_tag);
int ctm_wire_unpack_opened(struct ctm_view v, struct ctm_wire_opened *ret_opened);
int ctm_wire_unpack_outcome(struct ctm_view v, struct ctm_transport_outcome *ret_outcome);
/* The body is a view into the frame. */
int ctm_wire_unpack_answer(struct ctm_view v, struct ctm_transport_answer *ret_answer,
	const char **ret_body, size_t *ret_body_len);
int ctm_wire_unpack_log(struct ctm_view v, struct ctm_wire_log *ret_log);

#endif
