/* SPDX-License-Identifier: MIT */
/*
 * rpc_field.h - the members of an object of aria2's
 *
 * Errors stick, so that a sequence of fields is checked once at its end. aria2 writes all numbers
 * and switches as strings, and leaves away what it does not know: that is 0, "", false.
 */
#ifndef CTM_RPC_FIELD_H
#define CTM_RPC_FIELD_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "errors.h"

struct ctm_rpc_fields {
	json_t *object;
	int error; /* 0 or -EBADMSG, which *e tells of */
	struct ctm_error *e;
};

/* An error if value is no object. */
struct ctm_rpc_fields ctm_rpc_fields_of(json_t *value, struct ctm_error *e);

/* That a field must be there. */
void ctm_rpc_field_need(struct ctm_rpc_fields *f, const char *name);

/* A view into the object; NULL where it holds a NUL. */
const char *ctm_rpc_field_text(struct ctm_rpc_fields *f, const char *name);
uint64_t ctm_rpc_field_number(struct ctm_rpc_fields *f, const char *name, uint64_t max);
uint64_t ctm_rpc_field_gid(struct ctm_rpc_fields *f, const char *name);
bool ctm_rpc_field_switch(struct ctm_rpc_fields *f, const char *name);

/* A view into the object; NULL where there is none. */
json_t *ctm_rpc_field_array(struct ctm_rpc_fields *f, const char *name);

/* For whoever finds something else wrong with a field: says what it is, what it holds. */
void ctm_rpc_field_fail(struct ctm_rpc_fields *f, const char *name, const char *wanted);

#endif
