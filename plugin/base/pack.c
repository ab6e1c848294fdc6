/* SPDX-License-Identifier: MIT */
#include "pack.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void ctm_put_u32(unsigned char *to, uint32_t v)
{
	for (int i = 3; i >= 0; i--, v >>= 8)
		to[i] = (unsigned char)v;
}

void ctm_put_u64(unsigned char *to, uint64_t v)
{
	ctm_put_u32(to, (uint32_t)(v >> 32));
	ctm_put_u32(to + 4, (uint32_t)v);
}

uint32_t ctm_get_u32(const unsigned char *from)
{
	return (uint32_t)from[0] << 24 | (uint32_t)from[1] << 16 | (uint32_t)from[2] << 8 | from[3];
}

uint64_t ctm_get_u64(const unsigned char *from)
{
	return (uint64_t)ctm_get_u32(from) << 32 | ctm_get_u32(from + 4);
}

void ctm_pack_u8(struct ctm_buf *b, uint8_t v)
{
	ctm_buf_add(b, &v, 1);
}

void ctm_pack_u32(struct ctm_buf *b, uint32_t v)
{
	unsigned char raw[4];

	ctm_put_u32(raw, v);
	ctm_buf_add(b, raw, sizeof raw);
}

void ctm_pack_u64(struct ctm_buf *b, uint64_t v)
{
	unsigned char raw[8];

	ctm_put_u64(raw, v);
	ctm_buf_add(b, raw, sizeof raw);
}

void ctm_pack_varint(struct ctm_buf *b, uint64_t v)
{
	unsigned char raw[10];
	size_t n = 0;

	for (; v > 0x7f; v >>= 7)
		raw[n++] = (unsigned char)(0x80 | (v & 0x7f));
	raw[n++] = (unsigned char)v;
	ctm_buf_add(b, raw, n);
}

void ctm_pack_str(struct ctm_buf *b, const char *s)
{
	size_t len = s ? strlen(s) : 0;

	ctm_pack_u32(b, (uint32_t)len);
	ctm_buf_add(b, s, len);
}

const unsigned char *ctm_unpack_bytes(struct ctm_view *v, size_t n)
{
	const unsigned char *p = v->data;

	if (v->error)
		return NULL;
	if (n > v->len) {
		v->error = -EBADMSG;
		return NULL;
	}
	v->data += n;
	v->len -= n;
	return p;
}

uint8_t ctm_unpack_u8(struct ctm_view *v)
{
	const unsigned char *p = ctm_unpack_bytes(v, 1);

	return p ? *p : 0;
}

uint32_t ctm_unpack_u32(struct ctm_view *v)
{
	const unsigned char *p = ctm_unpack_bytes(v, 4);

	return p ? ctm_get_u32(p) : 0;
}

uint64_t ctm_unpack_u64(struct ctm_view *v)
{
	const unsigned char *p = ctm_unpack_bytes(v, 8);

	return p ? ctm_get_u64(p) : 0;
}

uint64_t ctm_unpack_varint(struct ctm_view *v)
{
	uint64_t value = 0;

	for (unsigned shift = 0; shift < 64; shift += 7) {
		const uint64_t byte = ctm_unpack_u8(v);

		/* The tenth byte has one bit, and a last byte of 0 is one too many. */
		if ((shift == 63 && byte > 1) || (shift && !byte && !v->error))
			break;
		value |= (byte & 0x7f) << shift;
		if (byte < 0x80)
			return v->error ? 0 : value;
	}
	if (!v->error)
		v->error = -EBADMSG;
	return 0;
}

void ctm_unpack_raw(struct ctm_view *v, void *to, size_t n)
{
	const unsigned char *p = ctm_unpack_bytes(v, n);

	if (p)
		memcpy(to, p, n);
	else
		memset(to, 0, n);
}

const char *ctm_unpack_str(struct ctm_view *v, size_t *ret_len)
{
	size_t len = ctm_unpack_u32(v);
	const unsigned char *p = ctm_unpack_bytes(v, len);

	*ret_len = p ? len : 0;
	return p ? (const char *)p : "";
}

char *ctm_unpack_strdup(struct ctm_view *v)
{
	size_t len;
	const char *s = ctm_unpack_str(v, &len);
	char *copy;

	if (v->error)
		return NULL;
	if (memchr(s, '\0', len)) {
		v->error = -EBADMSG;
		return NULL;
	}
	copy = strndup(s, len);
	if (!copy)
		v->error = -ENOMEM;
	return copy;
}
