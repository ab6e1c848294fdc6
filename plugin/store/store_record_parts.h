/* SPDX-License-Identifier: MIT */
/*
 * store_record_parts.h - what the records of the store are made of
 */
#ifndef CTM_STORE_RECORD_PARTS_H
#define CTM_STORE_RECORD_PARTS_H

#include <lmdb.h>
#include <stdbool.h>

#include "clock.h"
#include "pack.h"

/*
 * What is written. Records of version 1, which had no error and no progress, are read as well:
 * what they lack is 0 or empty.
 */
#define CTM_RECORD_VERSION 2

#define CTM_COUNT(a) (sizeof(a) / sizeof *(a))

void ctm_part_pack_bool(struct ctm_buf *b, bool v);
void ctm_part_pack_stamp(struct ctm_buf *b, const struct ctm_stamp *stamp);
struct ctm_stamp ctm_part_unpack_stamp(struct ctm_view *v);

/* 0 or 1, and a byte from first to last. Any other is damage: the view's error is -EBADMSG then. */
bool ctm_part_unpack_bool(struct ctm_view *v);
unsigned ctm_part_unpack_choice(struct ctm_view *v, unsigned first, unsigned last);

/* A view on the record behind its version byte; ret_version may be NULL. */
struct ctm_view ctm_part_view(const MDB_val *v, uint8_t *ret_version);

/*
 * The strings of a record, in their order, at its end; all are freed again where one is missing. 0,
 * -EBADMSG or -ENOMEM.
 */
int ctm_part_unpack_strings(struct ctm_view *v, char **const *strings, size_t n);

#endif
