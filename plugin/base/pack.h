/* SPDX-License-Identifier: MIT */
/*
 * pack.h - records field by field, big endian
 *
 * Packing appends to a struct ctm_buf (whose error sticks). Unpacking moves a view along borrowed
 * bytes; its error sticks too: after the first field that is not there everything reads as 0 or
 * empty, and `error` is -EBADMSG.
 */
#ifndef CTM_PACK_H
#define CTM_PACK_H

#include "buf.h"

struct ctm_view {
	const unsigned char *data;
	size_t len;
	int error;
};

void ctm_pack_u8(struct ctm_buf *b, uint8_t v);
void ctm_pack_u32(struct ctm_buf *b, uint32_t v);
void ctm_pack_u64(struct ctm_buf *b, uint64_t v);
/* Seven bits a byte, the lowest first: one byte up to 127, ten at most. */
void ctm_pack_varint(struct ctm_buf *b, uint64_t v);
/* A length of 32 bits, then the bytes. NULL is packed as "". */
void ctm_pack_str(struct ctm_buf *b, const char *s);

uint8_t ctm_unpack_u8(struct ctm_view *v);
uint32_t ctm_unpack_u32(struct ctm_view *v);
uint64_t ctm_unpack_u64(struct ctm_view *v);
uint64_t ctm_unpack_varint(struct ctm_view *v);
/* n bytes as a view into the record; NULL and the view's error where there are not so many. */
const unsigned char *ctm_unpack_bytes(struct ctm_view *v, size_t n);
/* n raw bytes into to. */
void ctm_unpack_raw(struct ctm_view *v, void *to, size_t n);
/*
 * The string's bytes as a view into the record, not NUL-terminated, *ret_len long. It dies with
 * the record.
 */
const char *ctm_unpack_str(struct ctm_view *v, size_t *ret_len);
/* A copy that the caller frees; NULL and view error -ENOMEM or -EBADMSG where it can't be made. */
char *ctm_unpack_strdup(struct ctm_view *v);

/* For keys and headers: 4 and 8 bytes in place. */
void ctm_put_u32(unsigned char *to, uint32_t v);
void ctm_put_u64(unsigned char *to, uint64_t v);
uint32_t ctm_get_u32(const unsigned char *from);
uint64_t ctm_get_u64(const unsigned char *from);

#endif
