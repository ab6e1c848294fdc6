/* SPDX-License-Identifier: MIT */
#include "courier_fields.h"

#include <errno.h>
#include <string.h>

#include "utf.h"

/* Headers of an endpoint, files and ports of a reach. */
#define ITEMS_MAX 65536u

void ctm_wire_pack_text(struct ctm_buf *b, const char *s)
{
	ctm_pack_u8(b, s != NULL);
	if (!s)
		return;
	ctm_pack_str(b, s);
	ctm_pack_u8(b, 0);
}

const char *ctm_wire_unpack_text(struct ctm_view *v)
{
	const uint8_t present = ctm_unpack_u8(v);
	const char *s;
	size_t len;

	if (!present)
		return NULL;
	s = ctm_unpack_str(v, &len);
	if (ctm_unpack_u8(v) != 0 || present != 1 || memchr(s, '\0', len))
		v->error = -EBADMSG;
	return v->error ? NULL : s;
}

const char *ctm_wire_unpack_given(struct ctm_view *v)
{
	const char *s = ctm_wire_unpack_text(v);

	if (!s && !v->error)
		v->error = -EBADMSG;
	return s;
}

void ctm_wire_unpack_words(struct ctm_view *v, char *to, size_t size)
{
	const char *s = ctm_wire_unpack_text(v);
	size_t left = s ? strlen(s) : 0;
	size_t len = 0;

	while (left) {
		char32_t code = 0;
		const size_t valid = ctm_utf8_next(s, left, &code);
		const size_t n = valid ? valid : 1;

		if (n >= size - len)
			break;
		if (!valid || ctm_utf8_is_control(code))
			to[len++] = '?';
		else
			len = (size_t)((char *)mempcpy(to + len, s, n) - to);
		s += n;
		left -= n;
	}
	memset(to + len, 0, size - len);
}

uint32_t ctm_wire_unpack_count(struct ctm_view *v)
{
	const uint32_t n = ctm_unpack_u32(v);

	if (n <= ITEMS_MAX)
		return n;
	v->error = -EBADMSG;
	return 0;
}

bool ctm_wire_unpack_bool(struct ctm_view *v)
{
	const uint8_t value = ctm_unpack_u8(v);

	if (value > 1)
		v->error = -EBADMSG;
	return value == 1;
}

int ctm_wire_unpack_end(const struct ctm_view *v)
{
	return v->error ? v->error : v->len ? -EBADMSG : 0;
}
