/* SPDX-License-Identifier: MIT */
/*
 * courier_fields.h - what the messages between us and the transport's process are made of
 *
 * Beside what pack.h has. As there, an error sticks: -EBADMSG in the view. Only courier_wire_*.c
 * use it.
 */
#ifndef CTM_COURIER_FIELDS_H
#define CTM_COURIER_FIELDS_H

#include <stdbool.h>

#include "pack.h"

/* Whether there is one, its length, its bytes and a NUL, so that it can be used where it is. */
void ctm_wire_pack_text(struct ctm_buf *b, const char *s);
const char *ctm_wire_unpack_text(struct ctm_view *v);

/* One that must be there. */
const char *ctm_wire_unpack_given(struct ctm_view *v);

/*
 * A text for a person, from a process that is not believed: it ends, and is one line of UTF-8. One
 * that is too long is cut.
 */
void ctm_wire_unpack_words(struct ctm_view *v, char *to, size_t size);

/* Of items, of which there are not too many. */
uint32_t ctm_wire_unpack_count(struct ctm_view *v);

bool ctm_wire_unpack_bool(struct ctm_view *v);

/* 0, or the error; nothing may be left. */
int ctm_wire_unpack_end(const struct ctm_view *v);

#endif
