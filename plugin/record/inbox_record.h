/* SPDX-License-Identifier: MIT */
/*
 * inbox_record.h - the frame around an event in the inbox: magic, length, checksum
 */
#ifndef CTM_INBOX_RECORD_H
#define CTM_INBOX_RECORD_H

#include "event.h"

#define CTM_INBOX_MAGIC UINT32_C(0xC7A2EB0C)
/* A record of an event whose path has n bytes is as long as this and n. */
#define CTM_INBOX_RECORD_LEAST (CTM_INBOX_HEADER + 67u)

#define CTM_INBOX_HEADER 16u
#define CTM_INBOX_PAYLOAD_LIMIT 16384u

/* The whole record; the buffer's error sticks. */
void ctm_inbox_frame(struct ctm_buf *b, const struct ctm_event *event);

#endif
