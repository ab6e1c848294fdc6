/* SPDX-License-Identifier: MIT */
/*
 * The records of the store, and an event's: what unpacks packs to the same bytes again, or is
 * refused. Those of version 1 pack to bytes that unpack to the same.
 *
 * Input: which record, its bytes.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "store_records.h"

/* Unpacks and packs again into *out. 0 or what unpacking returned. */
typedef int repack(const MDB_val *value, struct ctm_buf *out);

static int repack_job(const MDB_val *value, struct ctm_buf *out)
{
	struct ctm_job job;
	const int r = ctm_record_unpack_job(value, 7, &job);

	if (r == 0)
		ctm_record_pack_job(out, &job);
	return r;
}

static int repack_text(const MDB_val *value, struct ctm_buf *out)
{
	struct ctm_job_text text;
	const int r = ctm_record_unpack_text(value, &text);

	if (r == 0) {
		ctm_record_pack_text(out, &text);
		ctm_job_text_done(&text);
	}
	return r;
}

static int repack_file(const MDB_val *value, struct ctm_buf *out)
{
	struct ctm_file file;
	const int r = ctm_record_unpack_file(value, 7, 8, &file);

	if (r == 0) {
		FUZZ_CHECK(file.job == 7 && file.number == 8 && file.path);
		ctm_record_pack_file(out, &file);
		ctm_file_done(&file);
	}
	return r;
}

static int repack_message(const MDB_val *value, struct ctm_buf *out)
{
	struct ctm_message message;
	const int r = ctm_record_unpack_message(value, 7, &message);

	if (r == 0) {
		char id[CTM_MESSAGE_ID];

		FUZZ_CHECK(ctm_message_kind_name(message.kind));
		FUZZ_CHECK(ctm_message_state_name(message.state));
		FUZZ_CHECK(strlen(ctm_message_id(&message, "{x}", id)) < CTM_MESSAGE_ID);
		ctm_record_pack_message(out, &message);
		ctm_message_done(&message);
	}
	return r;
}

static int repack_unclaimed(const MDB_val *value, struct ctm_buf *out)
{
	struct ctm_unclaimed unclaimed;
	const int r = ctm_record_unpack_unclaimed(value, &unclaimed);

	if (r == 0) {
		ctm_record_pack_unclaimed(out, &unclaimed);
		ctm_event_done(&unclaimed.event);
	}
	return r;
}

static int repack_question(const MDB_val *value, struct ctm_buf *out)
{
	struct ctm_question question;
	const int r = ctm_record_unpack_question(value, &question);

	if (r == 0) {
		ctm_record_pack_question(out, &question);
		ctm_event_done(&question.event);
	}
	return r;
}

static int repack_sidecar(const MDB_val *value, struct ctm_buf *out)
{
	struct ctm_sidecar_record record;
	const int r = ctm_record_unpack_sidecar(value, &record);

	if (r == 0) {
		ctm_record_pack_sidecar(out, &record);
		ctm_sidecar_record_done(&record);
	}
	return r;
}

static int repack_volume(const MDB_val *value, struct ctm_buf *out)
{
	struct ctm_volume volume;
	const int r = ctm_record_unpack_volume(value, &volume);

	if (r == 0)
		ctm_record_pack_volume(out, &volume);
	return r;
}

static int repack_known(const MDB_val *value, struct ctm_buf *out)
{
	struct ctm_known known;
	const int r = ctm_record_unpack_known(value, &known);

	if (r == 0)
		ctm_record_pack_known(out, &known);
	return r;
}

static int repack_seeding(const MDB_val *value, struct ctm_buf *out)
{
	struct ctm_seeding seeding;
	const int r = ctm_record_unpack_seeding(value, &seeding);

	if (r == 0)
		ctm_record_pack_seeding(out, &seeding);
	return r;
}

static int repack_event(const MDB_val *value, struct ctm_buf *out)
{
	struct ctm_event event;
	const int r = ctm_event_unpack(value->mv_data, value->mv_size, &event);

	if (r == 0) {
		FUZZ_CHECK(ctm_event_hook_name(event.type) && event.path);
		ctm_event_pack(out, &event);
		ctm_event_done(&event);
	}
	return r;
}

static repack *const records[] = {repack_job, repack_text, repack_file, repack_message,
	repack_unclaimed, repack_question, repack_sidecar, repack_known, repack_event,
	repack_volume, repack_seeding};

#define N_RECORDS (sizeof records / sizeof *records)

/* What is packed today. Known, volume and seeding: nothing else was ever written. */
static bool is_of_this_version(repack *record, const uint8_t *bytes)
{
	if (record == repack_known || record == repack_volume || record == repack_seeding)
		return true;
	if (record == repack_unclaimed || record == repack_question)
		return bytes[0] == 2 &&
		       bytes[1 + 3 * 8] == 2; /* behind its stamp, the event's own */
	return bytes[0] == 2;
}

static void check(size_t record, uint8_t *bytes, size_t len)
{
	CTM_CLEANUP_BUF struct ctm_buf once = CTM_BUF_INIT(CTM_RECORD_LIMIT);
	CTM_CLEANUP_BUF struct ctm_buf twice = CTM_BUF_INIT(CTM_RECORD_LIMIT);
	MDB_val value = {.mv_size = len, .mv_data = bytes};
	const int r = records[record](&value, &once);

	if (r < 0) {
		FUZZ_CHECK(r == -EBADMSG && !once.len);
		return;
	}
	FUZZ_CHECK(once.error == 0);
	if (is_of_this_version(records[record], bytes))
		FUZZ_CHECK(once.len == len && memcmp(once.data, bytes, len) == 0);
	value = (MDB_val){.mv_size = once.len, .mv_data = once.data};
	FUZZ_CHECK(records[record](&value, &twice) == 0);
	FUZZ_CHECK(twice.len == once.len && memcmp(twice.data, once.data, once.len) == 0);
	/* One byte less is no record. */
	value.mv_size--;
	ctm_buf_reset(&twice);
	FUZZ_CHECK(records[record](&value, &twice) == -EBADMSG);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = {data, size};
	const size_t record = fuzz_take_byte(&in) % N_RECORDS;
	uint8_t *bytes = malloc(in.len ? in.len : 1);

	if (!bytes)
		exit(1);
	if (in.len)
		memcpy(bytes, in.data, in.len);
	check(record, bytes, in.len);
	free(bytes);
	return 0;
}
