/* SPDX-License-Identifier: MIT */
#include "inbox_record.h"

#include <string.h>

#include "buf.h"
#include "hash.h"
#include "pack.h"

void ctm_inbox_frame(struct ctm_buf *b, const struct ctm_event *event)
{
	const size_t start = b->len;
	unsigned char header[CTM_INBOX_HEADER] = {0};

	ctm_buf_add(b, header, sizeof header);
	ctm_event_pack(b, event);
	if (b->error)
		return;
	ctm_put_u32(header, CTM_INBOX_MAGIC);
	ctm_put_u32(header + 4, (uint32_t)(b->len - start - sizeof header));
	ctm_put_u64(header + 8,
		ctm_hash(b->data + start + sizeof header, b->len - start - sizeof header));
	memcpy(b->data + start, header, sizeof header);
}
