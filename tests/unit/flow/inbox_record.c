/* SPDX-License-Identifier: MIT */
#include "inbox_record.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "dice.h"
#include "inbox_read.h"
#include "leaks.h"

TestSuite(inbox_record, .fini = ctm_test_check_leaks);

static char path_0[] = "/srv/content/setup.exe";
static char path_1[] = "";
static char path_2[] = "/srv/content/sub/\xc3\xa4.bin";
static const struct ctm_event events[] = {
	{.type = CTM_EVENT_COMPLETE, .gid = 1, .n_files = 1, .path = path_0, .device = 5},
	{.type = CTM_EVENT_START, .gid = 2, .path = path_1, .wall_ms = -7},
	{.type = CTM_EVENT_BT_COMPLETE, .gid = 3, .n_files = 20, .path = path_2},
};

/* Where each of the three records begins, and where the last one ends. */
static size_t begins[4];

static void frame_all(struct ctm_buf *b)
{
	for (size_t i = 0; i < 3; i++) {
		begins[i] = b->len;
		ctm_inbox_frame(b, &events[i]);
	}
	begins[3] = b->len;
	cr_assert_eq(b->error, 0);
}

/* From a copy that ends where the bytes do, so that a read beyond them is seen. */
static struct ctm_inbox parse(const void *data, size_t len)
{
	struct ctm_inbox inbox = {0};
	unsigned char *copy = malloc(len ? len : 1);

	cr_assert_not_null(copy);
	memcpy(copy, data, len);
	cr_assert_eq(ctm_inbox_parse(&inbox, copy, len), 0);
	free(copy);
	return inbox;
}

static bool is_event(const struct ctm_inbox *inbox, size_t i, const struct ctm_event *event)
{
	const struct ctm_event *got = &inbox->events[i];

	return i < inbox->n_events && got->type == event->type && got->gid == event->gid &&
	       got->n_files == event->n_files && got->device == event->device &&
	       got->wall_ms == event->wall_ms && strcmp(got->path, event->path) == 0;
}

Test(inbox_record, whole)
{
	CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(10000);
	struct ctm_inbox inbox;

	frame_all(&b);
	inbox = parse(b.data, b.len);
	cr_assert_eq(inbox.n_events, 3);
	for (size_t i = 0; i < 3; i++)
		cr_expect(is_event(&inbox, i, &events[i]), "event %zu", i);
	cr_expect_eq(inbox.damaged, 0);
	ctm_inbox_done(&inbox);
	inbox = parse("", 0);
	cr_expect_eq(inbox.n_events + inbox.damaged, 0);
	ctm_inbox_done(&inbox);
}

/* SIGKILL in the middle of a write: what is whole is read, the torn end is passed over. */
Test(inbox_record, torn_at_every_byte)
{
	CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(10000);

	frame_all(&b);
	for (size_t len = 0; len <= b.len; len++) {
		struct ctm_inbox inbox = parse(b.data, len);
		const size_t whole =
			(size_t)(len >= begins[1]) + (len >= begins[2]) + (len >= begins[3]);
		const bool torn = len != begins[whole];

		cr_expect_eq(inbox.n_events, whole, "cut at byte %zu", len);
		cr_expect_eq(inbox.damaged, torn, "cut at byte %zu", len);
		ctm_inbox_done(&inbox);
	}
}

/* A full disk: a record cut short with the next one glued to it. */
Test(inbox_record, glued_at_every_byte)
{
	CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(10000);

	frame_all(&b);
	for (size_t cut = 1; cut < begins[1]; cut++) {
		CTM_CLEANUP_BUF struct ctm_buf glued = CTM_BUF_INIT(10000);
		struct ctm_inbox inbox;

		ctm_buf_add(&glued, b.data, cut);
		ctm_buf_add(&glued, b.data, b.len);
		inbox = parse(glued.data, glued.len);
		cr_expect_eq(inbox.n_events, 3, "cut at byte %zu", cut);
		cr_expect_eq(inbox.damaged, 1, "cut at byte %zu", cut);
		ctm_inbox_done(&inbox);
	}
}

/* No changed byte makes an event of what was none, and it costs its own record alone. */
Test(inbox_record, every_byte_changed)
{
	CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(10000);

	frame_all(&b);
	for (size_t at = 0; at < b.len; at++) {
		const size_t hurt = (size_t)(at >= begins[1]) + (at >= begins[2]);

		for (unsigned bit = 0; bit < 8; bit++) {
			struct ctm_inbox inbox;
			size_t got = 0;

			b.data[at] = (char)(b.data[at] ^ (1 << bit));
			inbox = parse(b.data, b.len);
			cr_assert_eq(inbox.n_events, 2, "byte %zu, bit %u", at, bit);
			for (size_t i = 0; i < 3; i++)
				if (i != hurt)
					cr_expect(is_event(&inbox, got++, &events[i]),
						"byte %zu, bit %u", at, bit);
			cr_expect_eq(inbox.damaged, 1);
			ctm_inbox_done(&inbox);
			b.data[at] = (char)(b.data[at] ^ (1 << bit));
		}
	}
}

Test(inbox_record, garbage)
{
	struct dice d = dice_init();

	for (int i = 0; i < 300; i++) {
		CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(100000);
		struct ctm_inbox inbox;

		for (uint32_t n = dice_below(&d, 200); n; n--)
			ctm_buf_add_char(&b, (char)dice_below(&d, 256));
		/* Magic in front of lies about the length. */
		for (uint32_t n = dice_below(&d, 4); n; n--) {
			unsigned char head[8];

			ctm_put_u32(head, CTM_INBOX_MAGIC);
			ctm_put_u32(head + 4, dice_u32(&d) >> dice_below(&d, 32));
			ctm_buf_add(&b, head, sizeof head);
		}
		ctm_inbox_frame(&b, &events[0]);
		for (uint32_t n = dice_below(&d, 40); n; n--)
			ctm_buf_add_char(&b, (char)dice_below(&d, 256));
		inbox = parse(b.data, b.len);
		cr_expect_eq(inbox.n_events, 1, "CTM_TEST_SEED=%llu, case %d",
			(unsigned long long)d.seed, i);
		ctm_inbox_done(&inbox);
	}
}

/* A record that is whole and says nothing we know, of a newer version, harms no other. */
Test(inbox_record, unknown_payload)
{
	CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(10000);
	const struct ctm_event newer = {.type = (enum ctm_event_type)99, .path = path_0};
	struct ctm_inbox inbox;

	ctm_inbox_frame(&b, &newer);
	ctm_inbox_frame(&b, &events[0]);
	inbox = parse(b.data, b.len);
	cr_expect_eq(inbox.n_events, 1);
	cr_expect_eq(inbox.damaged, 1);
	ctm_inbox_done(&inbox);
}

/* A path that looks like a record is no record. */
Test(inbox_record, record_inside_a_path)
{
	CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(10000);
	char path[] = "/a/\xC7\xA2\xEB\x0C\x01\x01\x01\x01/b";
	const struct ctm_event event = {.type = CTM_EVENT_STOP, .gid = 4, .path = path};
	struct ctm_inbox inbox;

	ctm_inbox_frame(&b, &event);
	ctm_inbox_frame(&b, &events[0]);
	inbox = parse(b.data, b.len);
	cr_expect_eq(inbox.n_events, 2);
	cr_expect(is_event(&inbox, 0, &event));
	cr_expect_eq(inbox.damaged, 0);
	ctm_inbox_done(&inbox);
}

/*
 * Names that end in the first bytes of a magic: torn just before those, the record is made whole by
 * the next one, which is read all the same.
 */
Test(inbox_record, torn_and_made_whole_by_the_next)
{
	static char paths[][16] = {
		"/a/x\xC7", "/a/\xC7\xA2", "/a/\xC7\xA2\xEB", "/a/\xC7\xA2\xEB\x0C"};

	for (size_t missing = 1; missing <= 4; missing++) {
		CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(10000);
		const struct ctm_event event = {
			.type = CTM_EVENT_STOP, .gid = 4, .path = paths[missing - 1]};
		struct ctm_inbox inbox;

		ctm_inbox_frame(&b, &event);
		b.len -= missing;
		ctm_inbox_frame(&b, &events[0]);
		ctm_inbox_frame(&b, &events[1]);
		inbox = parse(b.data, b.len);
		cr_expect_eq(inbox.n_events, 3, "%zu bytes", missing);
		cr_expect(is_event(&inbox, 0, &event), "%zu bytes", missing);
		cr_expect(is_event(&inbox, 1, &events[0]), "%zu bytes", missing);
		cr_expect(is_event(&inbox, 2, &events[1]), "%zu bytes", missing);
		ctm_inbox_done(&inbox);
	}
}

Test(inbox_record, limit)
{
	CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(CTM_INBOX_HEADER + CTM_INBOX_PAYLOAD_LIMIT);
	CTM_CLEANUP_FREE char *path = malloc(CTM_INBOX_PAYLOAD_LIMIT);
	struct ctm_event event = {.type = CTM_EVENT_STOP, .path = path};
	struct ctm_inbox inbox;

	cr_assert_not_null(path);
	memset(path, 'x', CTM_INBOX_PAYLOAD_LIMIT);
	path[8192] = '\0';
	ctm_inbox_frame(&b, &event);
	cr_assert_eq(b.error, 0, "the longest path that we take");
	inbox = parse(b.data, b.len);
	cr_expect_eq(inbox.n_events, 1);
	ctm_inbox_done(&inbox);

	ctm_buf_reset(&b);
	path[8192] = 'x';
	path[CTM_INBOX_PAYLOAD_LIMIT - 1] = '\0';
	ctm_inbox_frame(&b, &event);
	cr_expect_eq(b.error, -ENOBUFS, "what could not be read again is not written");
}
