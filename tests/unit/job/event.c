/* SPDX-License-Identifier: MIT */
#include "event.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "dice.h"
#include "leaks.h"
#include "same.h"

TestSuite(event, .fini = ctm_test_check_leaks);

static const char *const hooks[] = {
	[CTM_EVENT_START] = "on-download-start",
	[CTM_EVENT_PAUSE] = "on-download-pause",
	[CTM_EVENT_STOP] = "on-download-stop",
	[CTM_EVENT_COMPLETE] = "on-download-complete",
	[CTM_EVENT_ERROR] = "on-download-error",
	[CTM_EVENT_BT_COMPLETE] = "on-bt-download-complete",
};

Test(event, hooks)
{
	enum ctm_event_type type = CTM_EVENT_START;

	for (unsigned i = CTM_EVENT_START; i <= CTM_EVENT_BT_COMPLETE; i++) {
		cr_assert(ctm_event_type_from_hook(hooks[i], &type), "%s", hooks[i]);
		cr_expect_eq(type, i);
		cr_expect_str_eq(ctm_event_hook_name(type), hooks[i]);
	}
	type = CTM_EVENT_PAUSE;
	cr_expect_not(ctm_event_type_from_hook("on-download", &type));
	cr_expect_not(ctm_event_type_from_hook("", &type));
	cr_expect_not(ctm_event_type_from_hook("ON-DOWNLOAD-START", &type));
	cr_expect_eq(type, CTM_EVENT_PAUSE, "untouched");
	cr_expect_null(ctm_event_hook_name((enum ctm_event_type)0));
	cr_expect_null(ctm_event_hook_name((enum ctm_event_type)7));
}

Test(event, evidence)
{
	char path[] = "/srv/a";
	char none[] = "";

	for (unsigned i = CTM_EVENT_START; i <= CTM_EVENT_BT_COMPLETE; i++) {
		struct ctm_event event = {
			.type = (enum ctm_event_type)i, .n_files = 1, .path = path};
		bool word = i == CTM_EVENT_COMPLETE || i == CTM_EVENT_BT_COMPLETE;

		cr_expect_eq(ctm_event_is_evidence(&event), word, "%s", hooks[i]);
		event.n_files = 20;
		cr_expect_eq(ctm_event_is_evidence(&event), word, "%s", hooks[i]);
		event.n_files = 0;
		cr_expect_not(ctm_event_is_evidence(&event), "%s of metadata", hooks[i]);
		event.n_files = 1;
		event.path = none;
		cr_expect_not(ctm_event_is_evidence(&event), "%s without a path", hooks[i]);
	}
}

static void expect_peeked(const struct ctm_buf *b, const struct ctm_event *in)
{
	struct ctm_event out;
	const char *path;
	size_t len;

	cr_assert_eq(ctm_event_peek(b->data, b->len, &out, &path, &len), 0);
	cr_expect(out.type == in->type && out.n_files == in->n_files && !out.path &&
		  same_sight(&out.sight, &in->sight));
	cr_expect(len == strlen(in->path) && memcmp(path, in->path, len) == 0);
}

Test(event, round_trip)
{
	struct dice d = dice_init();

	for (int i = 0; i < 300; i++) {
		CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(100000);
		struct ctm_event out;
		struct ctm_event in = {
			.type = (enum ctm_event_type)(1 + dice_below(&d, 6)),
			.gid = dice_u64(&d),
			.n_files = dice_u32(&d),
			.path = dice_text(&d, dice_below(&d, 300)),
			.device = dice_u64(&d),
			.wall_ms = (int64_t)dice_u64(&d),
			.sight = {.known = dice_flip(&d),
				.inode = dice_u64(&d),
				.size = dice_u64(&d),
				.mtime_ns = (int64_t)dice_u64(&d),
				.ctime_ns = (int64_t)dice_u64(&d)},
		};

		in.sight.absent = !in.sight.known && dice_flip(&d);
		ctm_event_pack(&b, &in);
		cr_assert_eq(b.error, 0);
		cr_assert_eq(ctm_event_unpack(b.data, b.len, &out), 0);
		expect_peeked(&b, &in);
		cr_expect(out.type == in.type && out.gid == in.gid && out.n_files == in.n_files &&
				  out.device == in.device && out.wall_ms == in.wall_ms &&
				  same_sight(&out.sight, &in.sight) &&
				  strcmp(out.path, in.path) == 0,
			"CTM_TEST_SEED=%llu, event %d", (unsigned long long)d.seed, i);
		ctm_event_done(&out);
		cr_expect_null(out.path);
		ctm_event_done(&in);
	}
}

/* As it is stored today: records outlive the program that wrote them. */
Test(event, bytes)
{
	static const unsigned char expected[] =
		"\2\4\x20\x89\xb0\x5e\xcc\xa3\xd8\x29\0\0\0\2\0\0\0\0\0\0\xfd\1"
		"\0\0\1\2\3\4\5\6\1\0\0\0\0\0\0\0\7\0\0\0\0\0\0\0\10\0\0\0\0\0\0\0\11"
		"\0\0\0\0\0\0\0\12\0\0\0\4/a/b";
	char path[] = "/a/b";
	const struct ctm_event event = {.type = CTM_EVENT_COMPLETE,
		.gid = UINT64_C(0x2089b05ecca3d829),
		.n_files = 2,
		.path = path,
		.device = 0xfd01,
		.wall_ms = INT64_C(0x010203040506),
		.sight = {.known = true, .inode = 7, .size = 8, .mtime_ns = 9, .ctime_ns = 10}};
	CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(200);

	ctm_event_pack(&b, &event);
	cr_assert_eq(b.len, sizeof expected - 1);
	cr_expect_arr_eq(b.data, expected, sizeof expected - 1);
}

/* What was not seen is as long: surely nothing, or nobody knows. */
Test(event, bytes_of_no_sight)
{
	char path[] = "/a/b";
	struct ctm_event event = {.type = CTM_EVENT_ERROR, .path = path, .sight = {.size = 7}};

	for (int i = 0; i < 2; i++) {
		CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(200);
		struct ctm_event out;

		event.sight.absent = i;
		ctm_event_pack(&b, &event);
		cr_assert_eq(b.len, 2 + 8 + 4 + 8 + 8 + 1 + 32 + 4 + 4);
		cr_expect_eq(b.data[30], i ? 2 : 0);
		cr_assert_eq(ctm_event_unpack(b.data, b.len, &out), 0);
		cr_expect_not(out.sight.known);
		cr_expect_eq(out.sight.absent, i);
		cr_expect_eq(out.sight.size, 0);
		ctm_event_done(&out);
		b.data[40] = 1;
		cr_expect_eq(ctm_event_unpack(b.data, b.len, &out), -EBADMSG);
	}
}

/* Version 1: what was not seen is one byte. */
Test(event, of_version_1)
{
	static const char unseen[] = "\1\5\0\0\0\0\0\0\0\7\0\0\0\1\0\0\0\0\0\0\0\0"
				     "\0\0\0\0\0\0\0\0\2\0\0\0\4/a/b";
	static const char seen[] = "\1\4\0\0\0\0\0\0\0\7\0\0\0\1\0\0\0\0\0\0\0\0"
				   "\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\7\0\0\0\0\0\0\0\10"
				   "\0\0\0\0\0\0\0\11\0\0\0\0\0\0\0\12\0\0\0\4/a/b";
	struct ctm_event out;

	cr_assert_eq(ctm_event_unpack(unseen, sizeof unseen - 1, &out), 0);
	cr_expect(out.type == CTM_EVENT_ERROR && out.gid == 7 && out.sight.absent);
	cr_expect_str_eq(out.path, "/a/b");
	ctm_event_done(&out);
	cr_assert_eq(ctm_event_unpack(seen, sizeof seen - 1, &out), 0);
	cr_expect(out.type == CTM_EVENT_COMPLETE && out.sight.known && out.sight.ctime_ns == 10);
	cr_expect_str_eq(out.path, "/a/b");
	ctm_event_done(&out);
}

static void refuse(const char *data, size_t len, const char *what)
{
	/* A copy that ends where the bytes do, so that a read beyond them is seen. */
	char *copy = malloc(len ? len : 1);
	struct ctm_event event = {.gid = 7};
	const char *path;
	size_t path_len;

	cr_assert_not_null(copy);
	memcpy(copy, data, len);
	cr_expect_eq(ctm_event_unpack(copy, len, &event), -EBADMSG, "%s, %zu bytes", what, len);
	cr_expect_eq(event.gid, 7, "untouched");
	cr_expect_eq(ctm_event_peek(copy, len, &event, &path, &path_len), -EBADMSG, "%s, %zu bytes",
		what, len);
	free(copy);
}

Test(event, damaged)
{
	CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(200);
	char path[] = "/srv/content/file";
	const struct ctm_event event = {
		.type = CTM_EVENT_STOP, .path = path, .sight = {.known = true, .size = 5}};
	size_t whole;

	ctm_event_pack(&b, &event);
	whole = b.len;
	for (size_t len = 0; len < whole; len++)
		refuse(b.data, len, "cut");
	ctm_buf_add_char(&b, 'x');
	refuse(b.data, b.len, "longer");
	for (int version = 0; version < 256; version++) {
		b.data[0] = (char)version;
		if (version != 1 && version != 2)
			refuse(b.data, whole, "another version");
	}
	b.data[0] = 2;
	b.data[1] = 0;
	refuse(b.data, whole, "type 0");
	b.data[1] = 7;
	refuse(b.data, whole, "type 7");
	b.data[1] = CTM_EVENT_STOP;
	b.data[30] = 3;
	refuse(b.data, whole, "a sight of no kind");
	b.data[30] = 1;
	b.data[whole - 3] = '\0';
	refuse(b.data, whole, "NUL in the path");
	memset(b.data + whole - strlen(path) - 4, 0xff, 4);
	refuse(b.data, whole, "a path of 4 GiB");
}

/* What may mean something to a job that comes later. */
Test(event, news)
{
	char path[] = "/srv/a";
	char none[] = "";

	for (unsigned i = CTM_EVENT_START; i <= CTM_EVENT_BT_COMPLETE; i++) {
		struct ctm_event event = {
			.type = (enum ctm_event_type)i, .n_files = 1, .path = path};
		const bool word = i == CTM_EVENT_COMPLETE || i == CTM_EVENT_BT_COMPLETE;

		cr_expect_eq(
			ctm_event_is_news(&event), word || i == CTM_EVENT_ERROR, "%s", hooks[i]);
		event.n_files = 0;
		cr_expect_eq(ctm_event_is_news(&event), i == CTM_EVENT_ERROR, "%s of metadata",
			hooks[i]);
		event.n_files = 1;
		event.path = none;
		cr_expect_eq(ctm_event_is_news(&event), i == CTM_EVENT_ERROR, "%s without a path",
			hooks[i]);
	}
}

Test(event, same_sight)
{
	const struct ctm_sight sight = {
		.known = true, .inode = 1, .size = 2, .mtime_ns = 3, .ctime_ns = 4};
	struct ctm_sight other = sight;

	cr_expect(ctm_sight_is_same(&sight, &other));
	for (int i = 0; i < 5; i++) {
		other = sight;
		other.inode += i == 0;
		other.size += i == 1;
		other.mtime_ns += i == 2;
		other.ctime_ns += i == 3;
		other.known = i != 4;
		cr_expect_not(ctm_sight_is_same(&sight, &other), "%d", i);
		cr_expect_not(ctm_sight_is_same(&other, &sight), "%d", i);
	}
	cr_expect_not(ctm_sight_is_same(&other, &other), "what nobody could see");
}

/* What was written since is another file, or has a later time; an older one is no news. */
Test(event, sight_is_newer)
{
	const struct ctm_sight than = {
		.known = true, .inode = 1, .size = 2, .mtime_ns = 3, .ctime_ns = 4};
	const struct ctm_sight unseen = {0};
	struct ctm_sight sight = than;

	cr_expect_not(ctm_sight_is_newer(&sight, &than));
	sight.ctime_ns = 5;
	cr_expect(ctm_sight_is_newer(&sight, &than), "its mtime can be the server's");
	sight = than;
	sight.mtime_ns = 9;
	cr_expect(ctm_sight_is_newer(&sight, &than));
	sight = than;
	sight.inode = 9;
	cr_expect(ctm_sight_is_newer(&sight, &than));
	sight = than;
	sight.mtime_ns = sight.ctime_ns = 1;
	cr_expect_not(ctm_sight_is_newer(&sight, &than), "a crash took it back");
	cr_expect_not(ctm_sight_is_newer(&unseen, &than));
	cr_expect(ctm_sight_is_newer(&than, &unseen));
}
