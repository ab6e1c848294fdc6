/* SPDX-License-Identifier: MIT */
/*
 * Each byte of each record with every other value: what unpacks then packs to just these bytes, so
 * that no state, kind or switch that there is not comes out of a damaged store.
 */
#include "store_records.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "leaks.h"

TestSuite(store_records_bytes, .fini = ctm_test_check_leaks);

/* Unpacks, and packs what came out into *again. Returns what unpacking did. */
typedef int repack(const MDB_val *v, struct ctm_buf *again);

static int repack_job(const MDB_val *v, struct ctm_buf *again)
{
	struct ctm_job job;
	const int r = ctm_record_unpack_job(v, 1, &job);

	if (r == 0)
		ctm_record_pack_job(again, &job);
	return r;
}

static int repack_file(const MDB_val *v, struct ctm_buf *again)
{
	struct ctm_file file;
	const int r = ctm_record_unpack_file(v, 1, 1, &file);

	if (r == 0) {
		ctm_record_pack_file(again, &file);
		ctm_file_done(&file);
	}
	return r;
}

static int repack_message(const MDB_val *v, struct ctm_buf *again)
{
	struct ctm_message message;
	const int r = ctm_record_unpack_message(v, 1, &message);

	if (r == 0) {
		ctm_record_pack_message(again, &message);
		ctm_message_done(&message);
	}
	return r;
}

static int repack_question(const MDB_val *v, struct ctm_buf *again)
{
	struct ctm_question question;
	const int r = ctm_record_unpack_question(v, &question);

	if (r == 0) {
		ctm_record_pack_question(again, &question);
		ctm_event_done(&question.event);
	}
	return r;
}

static int repack_sidecar(const MDB_val *v, struct ctm_buf *again)
{
	struct ctm_sidecar_record record;
	const int r = ctm_record_unpack_sidecar(v, &record);

	if (r == 0) {
		ctm_record_pack_sidecar(again, &record);
		ctm_sidecar_record_done(&record);
	}
	return r;
}

static int repack_volume(const MDB_val *v, struct ctm_buf *again)
{
	struct ctm_volume volume;
	const int r = ctm_record_unpack_volume(v, &volume);

	if (r == 0)
		ctm_record_pack_volume(again, &volume);
	return r;
}

static int repack_known(const MDB_val *v, struct ctm_buf *again)
{
	struct ctm_known known;
	const int r = ctm_record_unpack_known(v, &known);

	if (r == 0)
		ctm_record_pack_known(again, &known);
	return r;
}

static int repack_seeding(const MDB_val *v, struct ctm_buf *again)
{
	struct ctm_seeding seeding;
	const int r = ctm_record_unpack_seeding(v, &seeding);

	if (r == 0)
		ctm_record_pack_seeding(again, &seeding);
	return r;
}

/* How many values of a byte are refused. `from`: behind a version, of which another may be right.
 */
static unsigned refused(const struct ctm_buf *b, size_t from, repack *as)
{
	CTM_CLEANUP_FREE char *bytes = malloc(b->len);
	unsigned n = 0;

	cr_assert_not_null(bytes);
	cr_assert_eq(b->error, 0);
	memcpy(bytes, b->data, b->len);
	for (size_t i = from; i < b->len; i++) {
		for (unsigned value = 0; value < 256; value++) {
			CTM_CLEANUP_BUF struct ctm_buf again = CTM_BUF_INIT(CTM_RECORD_LIMIT);
			const MDB_val v = {.mv_size = b->len, .mv_data = bytes};
			int r;

			bytes[i] = (char)value;
			r = as(&v, &again);
			n += r == -EBADMSG;
			cr_expect(r == -EBADMSG || (again.len == b->len &&
							   memcmp(again.data, bytes, b->len) == 0),
				"byte %zu as %u: %d", i, value, r);
		}
		bytes[i] = b->data[i];
	}
	return n;
}

#define BOOL 254u /* values that are none */

Test(store_records_bytes, job)
{
	CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(CTM_RECORD_LIMIT);
	const struct ctm_job job = {.state = CTM_JOB_OPEN, .kind = CTM_KIND_LISTED};

	ctm_record_pack_job(&b, &job);
	cr_expect_eq(refused(&b, 1, repack_job), 251 + 253 + 252 + 4 * BOOL);
}

Test(store_records_bytes, file)
{
	CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(CTM_RECORD_LIMIT);
	char path[] = "/a/b";
	const struct ctm_file file = {.path = path, .has_size = true, .sight = {.known = true}};

	ctm_record_pack_file(&b, &file);
	cr_expect_geq(refused(&b, 1, repack_file), 192 + 253);
}

Test(store_records_bytes, message)
{
	CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(CTM_RECORD_LIMIT);
	char text[] = "x";
	const struct ctm_message message = {.kind = CTM_MESSAGE_ERROR,
		.state = CTM_MESSAGE_DEAD,
		.source = text,
		.text = text,
		.error_message = text};

	ctm_record_pack_message(&b, &message);
	cr_expect_geq(refused(&b, 1, repack_message), 253 + 253 + BOOL + 250);
}

Test(store_records_bytes, question)
{
	CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(CTM_RECORD_LIMIT);
	char path[] = "/a/b";
	const struct ctm_question question = {.event = {.type = CTM_EVENT_ERROR, .path = path}};

	ctm_record_pack_question(&b, &question);
	cr_expect_geq(refused(&b, 1, repack_question), 250 + 254);
}

Test(store_records_bytes, sidecar)
{
	CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(CTM_RECORD_LIMIT);
	char text[] = "x";
	const struct ctm_sidecar_record record = {.path = text,
		.fate = CTM_FATE_INVALID,
		.id = text,
		.endpoint = text,
		.complaint = text};

	ctm_record_pack_sidecar(&b, &record);
	cr_expect_geq(refused(&b, 1, repack_sidecar), 251);
}

Test(store_records_bytes, volume)
{
	CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(CTM_RECORD_LIMIT);
	const struct ctm_volume volume = {.boot = 1, .device = 2, .mount_len = 3};

	ctm_record_pack_volume(&b, &volume);
	cr_expect_eq(refused(&b, 1, repack_volume), 0, "all of it is numbers");
	b.len--;
	cr_expect_eq(refused(&b, b.len - 1, repack_volume), 256, "cut short");
}

Test(store_records_bytes, known)
{
	CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(CTM_RECORD_LIMIT);
	const struct ctm_known known = {.since_ms = 1, .at_end = true, .before_ms = 2};

	ctm_record_pack_known(&b, &known);
	cr_expect_eq(b.len, 17, "as it was written before it had a function of its own");
	cr_expect_eq(refused(&b, 0, repack_known), BOOL);
}

Test(store_records_bytes, seeding)
{
	CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(CTM_RECORD_LIMIT);
	const struct ctm_seeding seeding = {.since_ms = 1, .sight = {.known = true, .inode = 2}};

	ctm_record_pack_seeding(&b, &seeding);
	cr_expect_eq(
		refused(&b, 0, repack_seeding), 255, "of another kind of sight it is no record");
	b.len--;
	cr_expect_eq(refused(&b, b.len - 1, repack_seeding), 256, "cut short");
}

/* A time of version 1, which is kept in seconds, beyond what milliseconds can hold. */
Test(store_records_bytes, sidecar_of_a_time_that_is_none)
{
	static const unsigned char bytes[] =
		"\1\2"
		"\0\0\0\0\0\0\0\7\0\0\0\0\0\0\0\7\0\0\0\0\0\0\0\7\0\0\0\1"
		"\x7f\0\0\0\0\0\0\0"
		"\0\0\0\1x\0\0\0\1x\0\0\0\1x\0\0\0\1x";
	const MDB_val v = {.mv_size = sizeof bytes - 1, .mv_data = (void *)(uintptr_t)bytes};
	struct ctm_sidecar_record record;

	cr_expect_eq(ctm_record_unpack_sidecar(&v, &record), -EBADMSG);
}
