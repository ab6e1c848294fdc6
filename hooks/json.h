/* SPDX-License-Identifier: MIT */
/*
 * json.h - JSON, written
 *
 * Members and elements are added in their order, commas come by themselves. A key is given within
 * an object and is NULL within an array and for the one value on top. The buffer's error sticks; a
 * mistake in the order of calls makes it -EINVAL, so that what has no error is well-formed once
 * every begin has met its end.
 *
 * A byte of a string that is not UTF-8 becomes "\xff", four characters, because JSON can't hold it.
 * Numbers are for what stays below 2^53, which is as far as readers go that count in doubles; what
 * can be larger is written as a decimal string.
 */
#ifndef CTM_JSON_H
#define CTM_JSON_H

#include <stdbool.h>

#include "buf.h"

#define CTM_JSON_DEPTH 16u

struct ctm_json {
	struct ctm_buf *out;
	unsigned depth;
	char closers[CTM_JSON_DEPTH]; /* '}' or ']' of what is open */
	bool first[CTM_JSON_DEPTH];   /* whether nothing stands in it yet */
};

/* For `struct ctm_json json = CTM_JSON_INIT(&buf);` */
#define CTM_JSON_INIT(buf)                                                                         \
	{                                                                                          \
		.out = (buf)                                                                       \
	}

void ctm_json_object(struct ctm_json *json, const char *key);
void ctm_json_array(struct ctm_json *json, const char *key);
/* Ends the innermost object or array. */
void ctm_json_end(struct ctm_json *json);

/* NULL is written as null. */
void ctm_json_string(struct ctm_json *json, const char *key, const char *value);
void ctm_json_number(struct ctm_json *json, const char *key, uint64_t value);
/* The number as a string of decimal digits. */
void ctm_json_decimal(struct ctm_json *json, const char *key, uint64_t value);
void ctm_json_bool(struct ctm_json *json, const char *key, bool value);
void ctm_json_null(struct ctm_json *json, const char *key);

#endif
