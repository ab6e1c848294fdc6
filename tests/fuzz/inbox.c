/* SPDX-License-Identifier: MIT */
/*
 * The reader of the inbox. Of any bytes it takes whole records only, in their order, each once; of
 * a file that was made of records and rubbish it takes each whole record; and what it took of a
 * file it takes again when that has grown.
 *
 * Input: pieces, each of a byte and, where that says so, a length and as many bytes: a record of an
 * event with such a path, a record cut short, or the bytes as they are.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "inbox_read.h"
#include "inbox_record.h"

#define MOST 64 /* records of a file */

struct span {
	size_t begin, end;
};

struct made {
	struct ctm_buf file;
	struct span whole[MOST];
	size_t n;
};

static void add_record(struct made *m, struct fuzz_input *piece, bool cut)
{
	CTM_CLEANUP_BUF struct ctm_buf record = CTM_BUF_INIT(65536);
	struct ctm_event event = {0};
	const uint8_t what = fuzz_take_byte(piece);
	const uint8_t keep = fuzz_take_byte(piece);

	event.type = (enum ctm_event_type)(1 + what % 6);
	event.n_files = what >> 4;
	event.sight.known = what & 8;
	event.gid = fuzz_take_number(piece);
	event.wall_ms = (int64_t)event.gid;
	event.path = fuzz_take_text(piece);
	ctm_inbox_frame(&record, &event);
	free(event.path);
	FUZZ_CHECK(record.error == 0);
	if (cut)
		ctm_buf_add(&m->file, record.data, keep % record.len);
	if (cut || m->n == MOST)
		return;
	m->whole[m->n].begin = m->file.len;
	ctm_buf_add(&m->file, record.data, record.len);
	m->whole[m->n++].end = m->file.len;
}

static void make_file(struct made *m, struct fuzz_input *in)
{
	while (in->len) {
		const uint8_t what = fuzz_take_byte(in);
		struct fuzz_input piece = {in->data, fuzz_take_byte(in)};

		piece.data = in->data;
		if (piece.len > in->len)
			piece.len = in->len;
		in->data += piece.len;
		in->len -= piece.len;
		if (what % 4 < 2)
			add_record(m, &piece, what % 4);
		else
			ctm_buf_add(&m->file, piece.data, piece.len);
	}
}

/* A record of version 1 is shorter where nothing was seen, and has the same magic. */
static size_t length_of_version_1(const struct ctm_event *event, const struct ctm_buf *record,
	const uint8_t *data, size_t end)
{
	const size_t len = record->len - (event->sight.known ? 0 : 32);

	FUZZ_CHECK(len <= end && memcmp(data + end - len, record->data, 4) == 0);
	FUZZ_CHECK(data[end - len + CTM_INBOX_HEADER] == 1);
	return len;
}

/* Where an event that was read stands: its record is what framing it gives. */
static struct span find(const struct ctm_inbox *inbox, size_t i, const uint8_t *data, size_t len)
{
	CTM_CLEANUP_BUF struct ctm_buf record = CTM_BUF_INIT(65536);
	const size_t end = inbox->origins[i].end;

	ctm_inbox_frame(&record, &inbox->events[i]);
	FUZZ_CHECK(record.error == 0 && end <= len);
	if (record.len > end || memcmp(data + end - record.len, record.data, record.len) != 0)
		record.len = length_of_version_1(&inbox->events[i], &record, data, end);
	return (struct span){end - record.len, end};
}

static void check_order(const struct ctm_inbox *inbox, const uint8_t *data, size_t len)
{
	size_t gaps = 0;
	size_t end = 0;

	for (size_t i = 0; i < inbox->n_events; i++) {
		const struct span span = find(inbox, i, data, len);

		/* A torn one can share the magic of the next. */
		FUZZ_CHECK(span.begin + 4 >= end && span.end > end);
		FUZZ_CHECK(inbox->origins[i].file == 0);
		gaps += span.begin > end;
		end = span.end;
	}
	gaps += end < len;
	FUZZ_CHECK(inbox->damaged == gaps);
}

/* A whole record is read, but where it stands inside another that is none of ours. */
static void check_whole(const struct ctm_inbox *inbox, const struct made *m)
{
	for (size_t i = 0, k = 0; i < m->n; i++) {
		struct span span = {0};

		while (k < inbox->n_events && inbox->origins[k].end < m->whole[i].end)
			k++;
		FUZZ_CHECK(k < inbox->n_events);
		span = find(inbox, k, (const uint8_t *)m->file.data, m->file.len);
		FUZZ_CHECK(span.begin == m->whole[i].begin ? span.end == m->whole[i].end
							   : span.begin < m->whole[i].begin);
	}
}

/* What was whole in the first `len` bytes is read again, up to what the others made whole. */
static void check_grown(const struct ctm_inbox *inbox, const uint8_t *data, size_t len, size_t all)
{
	struct ctm_inbox before = {0};
	uint8_t *exact = malloc(len ? len : 1);

	if (!exact)
		exit(1);
	memcpy(exact, data, len);
	FUZZ_CHECK(ctm_inbox_parse(&before, exact, len) == 0);
	for (size_t i = 0; i < inbox->n_events; i++) {
		const struct span span = find(inbox, i, data, all);

		if (span.end > len)
			break;
		FUZZ_CHECK(i < before.n_events && before.origins[i].end == span.end);
	}
	ctm_inbox_done(&before);
	free(exact);
}

static void check(const uint8_t *data, size_t len, size_t cut, const struct made *m)
{
	struct ctm_inbox inbox = {0};

	FUZZ_CHECK(ctm_inbox_parse(&inbox, data, len) == 0);
	check_order(&inbox, data, len);
	if (m)
		check_whole(&inbox, m);
	if (len)
		check_grown(&inbox, data, cut % len, len);
	ctm_inbox_done(&inbox);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct made m = {.file = CTM_BUF_INIT(1 << 20)};
	struct fuzz_input in = {data, size};
	const size_t cut = fuzz_take_byte(&in) * 16u;

	check(data, size, cut, NULL);
	make_file(&m, &in);
	if (m.file.len)
		check((const uint8_t *)m.file.data, m.file.len, cut, &m);
	ctm_buf_done(&m.file);
	return 0;
}
