/* SPDX-License-Identifier: MIT */
/*
 * Events out of the bytes of an inbox file, as record/inbox_record.c framed them
 */
#include <errno.h>
#include <stdlib.h>

#include "hash.h"
#include "inbox_read.h"
#include "inbox_record.h"
#include "pack.h"

/* The length of the whole record at data, 0 where there is none. */
static size_t record_at(const unsigned char *data, size_t len)
{
	size_t payload;

	if (len < CTM_INBOX_HEADER || ctm_get_u32(data) != CTM_INBOX_MAGIC)
		return 0;
	payload = ctm_get_u32(data + 4);
	if (payload > CTM_INBOX_PAYLOAD_LIMIT || payload > len - CTM_INBOX_HEADER)
		return 0;
	if (ctm_hash(data + CTM_INBOX_HEADER, payload) != ctm_get_u64(data + 8))
		return 0;
	return CTM_INBOX_HEADER + payload;
}

static int make_room(struct ctm_inbox *inbox)
{
	const size_t cap = inbox->cap_events ? inbox->cap_events * 2 : 16;
	struct ctm_event *events;
	struct ctm_inbox_origin *origins;

	if (inbox->n_events < inbox->cap_events)
		return 0;
	events = reallocarray(inbox->events, cap, sizeof *events);
	if (!events)
		return -ENOMEM;
	inbox->events = events;
	origins = reallocarray(inbox->origins, cap, sizeof *origins);
	if (!origins)
		return -ENOMEM;
	inbox->origins = origins;
	inbox->cap_events = cap;
	return 0;
}

static int add_event(struct ctm_inbox *inbox, const unsigned char *payload, size_t len, size_t end)
{
	int r = make_room(inbox);

	if (r == 0)
		r = ctm_event_unpack(payload, len, &inbox->events[inbox->n_events]);
	if (r < 0)
		return r;
	inbox->origins[inbox->n_events++] = (struct ctm_inbox_origin){
		.file = inbox->n_files ? inbox->n_files - 1 : 0,
		.end = end,
	};
	return 0;
}

/*
 * Where to go on behind a record. Where a path ends in what a record begins with ("\xc7\xa2" is a
 * letter), a torn record is made whole by the first bytes of the next, which is one all the same.
 */
static size_t behind(const unsigned char *data, size_t end, size_t len)
{
	for (size_t back = sizeof(uint32_t); back; back--)
		if (record_at(data + end - back, len - end + back))
			return end - back;
	return end;
}

int ctm_inbox_parse(struct ctm_inbox *inbox, const unsigned char *data, size_t len)
{
	bool damaged = false;

	for (size_t at = 0; at < len;) {
		size_t record = record_at(data + at, len - at);
		int r = record ? add_event(inbox, data + at + CTM_INBOX_HEADER,
					 record - CTM_INBOX_HEADER, at + record)
			       : 0;

		if (r == -ENOMEM)
			return r;
		if ((!record || r < 0) && !damaged)
			inbox->damaged++;
		damaged = !record || r < 0;
		at = record ? behind(data, at + record, len) : at + 1;
	}
	return 0;
}
