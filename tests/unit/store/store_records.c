/* SPDX-License-Identifier: MIT */
/* Every record: random ones come back as they went, and no cut one is taken for a record. */
#include "store_records.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "dice.h"
#include "leaks.h"
#include "old.h"
#include "same.h"

TestSuite(store_records, .fini = ctm_test_check_leaks);

#define CASES 200

/* Unpacks bytes, and frees what came out. Returns what unpacking did. */
typedef int unpack(const MDB_val *v);

/* Cut at every byte, longer, of a version that is none, or whose record it is not: no record. */
static void damage_of(const struct ctm_buf *b, unpack *from, unsigned char other_version)
{
	char *copy = NULL;
	MDB_val v;

	cr_assert_eq(b->error, 0);
	for (size_t len = 0; len < b->len; len++) {
		/* It ends where the bytes do, so that a read beyond them is seen. */
		copy = malloc(len ? len : 1);
		cr_assert_not_null(copy);
		memcpy(copy, b->data, len);
		v = (MDB_val){.mv_size = len, .mv_data = copy};
		cr_expect_eq(from(&v), -EBADMSG, "cut at %zu of %zu", len, b->len);
		free(copy);
	}
	copy = malloc(b->len + 1);
	cr_assert_not_null(copy);
	memcpy(copy, b->data, b->len);
	copy[b->len] = 0;
	v = (MDB_val){.mv_size = b->len + 1, .mv_data = copy};
	cr_expect_eq(from(&v), -EBADMSG, "longer");
	v.mv_size--;
	cr_expect_eq(from(&v), 0, "and as it was");
	copy[0] = (char)other_version;
	cr_expect_eq(from(&v), -EBADMSG, "of version %u", other_version);
	copy[0] = 0;
	cr_expect_eq(from(&v), -EBADMSG, "of no version");
	free(copy);
}

static void damage(const struct ctm_buf *b, unpack *from)
{
	damage_of(b, from, 3);
}

static MDB_val value(const struct ctm_buf *b)
{
	return (MDB_val){.mv_size = b->len, .mv_data = b->data};
}

static char *text(struct dice *d)
{
	return dice_text(d, dice_below(d, 40));
}

static struct ctm_stamp stamp(struct dice *d)
{
	return (struct ctm_stamp){dice_u64(d), dice_u64(d), (int64_t)dice_u64(d)};
}

static struct ctm_sight sight(struct dice *d)
{
	struct ctm_sight sight = {
		.known = dice_flip(d),
		.inode = dice_u64(d),
		.size = dice_u64(d),
		.mtime_ns = (int64_t)dice_u64(d),
		.ctime_ns = (int64_t)dice_u64(d),
	};

	sight.absent = !sight.known && dice_flip(d);
	return sight;
}

static int unpack_job(const MDB_val *v)
{
	struct ctm_job job;

	return ctm_record_unpack_job(v, 3, &job);
}

static struct ctm_job throw_job(struct dice *d)
{
	return (struct ctm_job){
		.number = dice_u32(d),
		.state = (enum ctm_job_state)(1 + dice_below(d, 5)),
		.kind = (enum ctm_kind)(1 + dice_below(d, 3)),
		.priority = (enum ctm_priority)dice_below(d, 4),
		.flags = dice_u32(d),
		.delete_on_error = dice_flip(d),
		.has_bytes_total = dice_flip(d),
		.files_total = dice_u32(d),
		.bytes_total = dice_u64(d),
		.timeout_s = dice_u64(d),
		.chunk_size = dice_u64(d),
		.next_file = dice_u32(d),
		.generation = dice_u32(d),
		.local_len = dice_u32(d),
		.files_listed = dice_u32(d),
		.files_evident = dice_u32(d),
		.bytes_evident = dice_u64(d),
		.revision = dice_u32(d),
		.looks = dice_u32(d),
		.look_delay_ms = dice_u64(d),
		.look_from = stamp(d),
		.seen = stamp(d),
		.age_ms = dice_u64(d),
		.created_ms = (int64_t)dice_u64(d),
		.ended_s = (int64_t)dice_u64(d),
		.cause = dice_u32(d),
		.cause_ms = (int64_t)dice_u64(d),
		.suspended = dice_flip(d),
		.begun = dice_flip(d),
		.files_sized = dice_u32(d),
		.bytes_sized = dice_u64(d),
		.files_hashed = dice_u32(d),
		.files_given_up = dice_u32(d),
		.bytes_under_way = dice_u64(d),
		.progress = dice_u32(d),
		.bytes_told = dice_u64(d),
	};
}

Test(store_records, job)
{
	struct dice d = dice_init();

	for (int i = 0; i < CASES; i++) {
		CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(CTM_RECORD_LIMIT);
		struct ctm_job out;
		struct ctm_job in = throw_job(&d);
		MDB_val v;

		ctm_record_pack_job(&b, &in);
		v = value(&b);
		cr_assert_eq(ctm_record_unpack_job(&v, in.number, &out), 0);
		cr_assert(same_job(&in, &out), "CTM_TEST_SEED=%llu", (unsigned long long)d.seed);
		if (i == 0)
			damage(&b, unpack_job);
	}
}

/* What a record lacks that schema 1 wrote is 0 or empty. */
static void forget_job(struct ctm_job *job)
{
	job->cause_ms = 0;
	job->suspended = job->begun = false;
	job->files_sized = job->files_hashed = job->files_given_up = job->progress = 0;
	job->bytes_sized = job->bytes_under_way = job->bytes_told = 0;
}

Test(store_records, job_of_version_1)
{
	struct dice d = dice_init();

	for (int i = 0; i < CASES; i++) {
		CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(CTM_RECORD_LIMIT);
		struct ctm_job in = throw_job(&d);
		struct ctm_job out;
		MDB_val v;

		old_pack_job(&b, &in);
		v = value(&b);
		cr_assert_eq(ctm_record_unpack_job(&v, in.number, &out), 0);
		forget_job(&in);
		cr_assert(same_job(&in, &out), "CTM_TEST_SEED=%llu", (unsigned long long)d.seed);
		if (i == 0)
			damage_of(&b, unpack_job, 2);
	}
}

static int unpack_text(const MDB_val *v)
{
	struct ctm_job_text out;
	int r = ctm_record_unpack_text(v, &out);

	if (r == 0)
		ctm_job_text_done(&out);
	return r;
}

Test(store_records, text)
{
	struct dice d = dice_init();

	for (int i = 0; i < CASES; i++) {
		CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(CTM_RECORD_LIMIT);
		struct ctm_job_text out;
		struct ctm_job_text in = {
			.id = text(&d),
			.endpoint = text(&d),
			.client_data = text(&d),
			.content_id = text(&d),
			.content_version = text(&d),
			.local_path = text(&d),
			.sidecar = text(&d),
			.cause = text(&d),
		};
		MDB_val v;

		ctm_record_pack_text(&b, &in);
		v = value(&b);
		cr_assert_eq(ctm_record_unpack_text(&v, &out), 0);
		cr_assert(
			same_job_text(&in, &out), "CTM_TEST_SEED=%llu", (unsigned long long)d.seed);
		ctm_job_text_done(&in);
		ctm_job_text_done(&out);
		if (i < 5)
			damage(&b, unpack_text);
	}
}

static int unpack_file(const MDB_val *v)
{
	struct ctm_file out;
	int r = ctm_record_unpack_file(v, 1, 2, &out);

	if (r == 0)
		ctm_file_done(&out);
	return r;
}

static struct ctm_file throw_file(struct dice *d)
{
	struct ctm_file file = {
		.job = dice_u32(d),
		.number = dice_u32(d),
		.path = text(d),
		.size = dice_u64(d),
		.gid = dice_u64(d),
		.has_size = dice_flip(d),
		.has_sha256 = dice_flip(d),
		.gid_is_ours = dice_flip(d),
		.evident = dice_flip(d),
		.generation = dice_u32(d),
		.count = dice_u32(d),
		.events = dice_u32(d),
		.cause = dice_u32(d),
		.device = dice_u64(d),
		.boot = dice_u64(d),
		.since_ms = (int64_t)dice_u64(d),
		.sight = sight(d),
		.inferred = dice_flip(d),
		.given_up = dice_flip(d),
		.cause_ms = (int64_t)dice_u64(d),
		.hashed = sight(d),
		.why = text(d),
		.n_uris = (uint8_t)dice_below(d, CTM_FILE_URIS + 1),
	};

	for (size_t k = 0; k < file.n_uris; k++)
		file.uris[k] = dice_u64(d);
	/* Nothing is kept of a file that nobody saw. */
	file.unwritten = sight(d);
	if (!file.unwritten.known)
		file.unwritten = (struct ctm_sight){0};
	for (size_t k = 0; k < sizeof file.sha256; k++)
		file.sha256[k] = (unsigned char)dice_below(d, 256);
	return file;
}

Test(store_records, file)
{
	struct dice d = dice_init();

	for (int i = 0; i < CASES; i++) {
		CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(CTM_RECORD_LIMIT);
		struct ctm_file out;
		struct ctm_file in = throw_file(&d);
		MDB_val v;

		ctm_record_pack_file(&b, &in);
		v = value(&b);
		cr_assert_eq(ctm_record_unpack_file(&v, in.job, in.number, &out), 0);
		cr_assert(same_file(&in, &out), "CTM_TEST_SEED=%llu", (unsigned long long)d.seed);
		ctm_file_done(&in);
		ctm_file_done(&out);
		if (i < 20)
			damage(&b, unpack_file);
	}
}

/* More URIs than a record can have. */
Test(store_records, file_of_too_many_uris)
{
	CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(CTM_RECORD_LIMIT);
	char none[] = "";
	const struct ctm_file in = {.path = none, .n_uris = CTM_FILE_URIS};
	MDB_val v;

	ctm_record_pack_file(&b, &in);
	v = value(&b);
	cr_assert_eq(unpack_file(&v), 0);
	/* Behind the count stand the URIs and two empty texts. */
	cr_assert_eq(b.data[b.len - 8 - CTM_FILE_URIS * 8 - 1], CTM_FILE_URIS);
	b.data[b.len - 8 - CTM_FILE_URIS * 8 - 1]++;
	cr_expect_eq(unpack_file(&v), -EBADMSG);
	b.data[b.len - 8 - CTM_FILE_URIS * 8 - 1] = (char)0xff;
	cr_expect_eq(unpack_file(&v), -EBADMSG);
}

Test(store_records, file_of_version_1)
{
	struct dice d = dice_init();

	for (int i = 0; i < CASES; i++) {
		CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(CTM_RECORD_LIMIT);
		struct ctm_file in = throw_file(&d);
		struct ctm_file out;
		MDB_val v;

		old_pack_file(&b, &in);
		v = value(&b);
		cr_assert_eq(ctm_record_unpack_file(&v, in.job, in.number, &out), 0);
		in.given_up = false;
		in.cause_ms = 0;
		in.hashed = in.unwritten = (struct ctm_sight){0};
		in.why[0] = '\0';
		in.sight.absent = false;
		in.n_uris = 0;
		cr_assert(same_file(&in, &out), "CTM_TEST_SEED=%llu", (unsigned long long)d.seed);
		ctm_file_done(&in);
		ctm_file_done(&out);
		if (i < 20)
			damage_of(&b, unpack_file, 2);
	}
}

static int unpack_message(const MDB_val *v)
{
	struct ctm_message out;
	int r = ctm_record_unpack_message(v, 1, &out);

	if (r == 0)
		ctm_message_done(&out);
	return r;
}

static struct ctm_message throw_message(struct dice *d)
{
	return (struct ctm_message){
		.job = dice_u32(d),
		.kind = (enum ctm_message_kind)(1 + dice_below(d, 3)),
		.state = (enum ctm_message_state)(1 + dice_below(d, 3)),
		.attempts = dice_u32(d),
		.step = dice_u32(d),
		.delay_ms = dice_u64(d),
		.from = stamp(d),
		.under_way = dice_flip(d),
		.bytes_total = dice_u64(d),
		.bytes_transferred = dice_u64(d),
		.files_total = dice_u32(d),
		.files_transferred = dice_u32(d),
		.time_s = (int64_t)dice_u64(d),
		.tried_s = (int64_t)dice_u64(d),
		.hresult = dice_u32(d),
		.http_status = dice_u32(d),
		.source = text(d),
		.text = text(d),
		.error_code = dice_u32(d),
		.sequence = dice_u32(d),
		.progress_type = (enum ctm_progress_type)dice_below(d, 6),
		.error_message = text(d),
	};
}

Test(store_records, message)
{
	struct dice d = dice_init();

	for (int i = 0; i < CASES; i++) {
		CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(CTM_RECORD_LIMIT);
		struct ctm_message out;
		struct ctm_message in = throw_message(&d);
		MDB_val v;

		ctm_record_pack_message(&b, &in);
		v = value(&b);
		cr_assert_eq(ctm_record_unpack_message(&v, in.job, &out), 0);
		cr_assert(
			same_message(&in, &out), "CTM_TEST_SEED=%llu", (unsigned long long)d.seed);
		ctm_message_done(&in);
		ctm_message_done(&out);
		if (i < 5)
			damage(&b, unpack_message);
	}
}

Test(store_records, message_of_version_1)
{
	struct dice d = dice_init();

	for (int i = 0; i < CASES; i++) {
		CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(CTM_RECORD_LIMIT);
		struct ctm_message in = throw_message(&d);
		struct ctm_message out;
		MDB_val v;

		old_pack_message(&b, &in);
		v = value(&b);
		cr_assert_eq(ctm_record_unpack_message(&v, in.job, &out), 0);
		in.error_code = in.sequence = 0;
		in.progress_type = CTM_PROGRESS_BYTES;
		free(in.error_message);
		in.error_message = out.error_message ? strdup(out.error_message) : NULL;
		cr_assert(
			same_message(&in, &out), "CTM_TEST_SEED=%llu", (unsigned long long)d.seed);
		cr_expect(!out.error_message || !out.error_message[0]);
		ctm_message_done(&in);
		ctm_message_done(&out);
		if (i < 5)
			damage_of(&b, unpack_message, 2);
	}
}

static int unpack_unclaimed(const MDB_val *v)
{
	struct ctm_unclaimed out;
	int r = ctm_record_unpack_unclaimed(v, &out);

	if (r == 0)
		ctm_event_done(&out.event);
	return r;
}

Test(store_records, unclaimed)
{
	struct dice d = dice_init();
	uint64_t last = 0;

	for (int i = 0; i < CASES; i++) {
		CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(CTM_RECORD_LIMIT);
		struct ctm_unclaimed out;
		struct ctm_unclaimed in = {
			.since = stamp(&d),
			.event = {.type = (enum ctm_event_type)(1 + dice_below(&d, 6)),
				.gid = dice_u64(&d),
				.n_files = dice_u32(&d),
				.path = text(&d),
				.device = dice_u64(&d),
				.wall_ms = (int64_t)dice_u64(&d),
				.sight = sight(&d)},
		};
		MDB_val v;

		ctm_record_pack_unclaimed(&b, &in);
		v = value(&b);
		cr_assert_eq(ctm_record_unpack_unclaimed(&v, &out), 0);
		cr_assert(same_stamp(&in.since, &out.since) && in.event.type == out.event.type &&
				  in.event.gid == out.event.gid &&
				  in.event.n_files == out.event.n_files &&
				  in.event.device == out.event.device &&
				  in.event.wall_ms == out.event.wall_ms &&
				  same_sight(&in.event.sight, &out.event.sight) &&
				  same_text(in.event.path, out.event.path),
			"CTM_TEST_SEED=%llu", (unsigned long long)d.seed);
		cr_expect_neq(out.hash, last);
		last = out.hash;
		ctm_event_done(&in.event);
		ctm_event_done(&out.event);
		if (i < 5)
			damage(&b, unpack_unclaimed);
	}
}

static int unpack_question(const MDB_val *v)
{
	struct ctm_question out;
	int r = ctm_record_unpack_question(v, &out);

	if (r == 0)
		ctm_event_done(&out.event);
	return r;
}

Test(store_records, question)
{
	struct dice d = dice_init();

	for (int i = 0; i < CASES; i++) {
		CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(CTM_RECORD_LIMIT);
		struct ctm_question out;
		struct ctm_question in = {
			.since = stamp(&d),
			.event = {.type = (enum ctm_event_type)(1 + dice_below(&d, 6)),
				.gid = dice_u64(&d),
				.n_files = dice_u32(&d),
				.path = text(&d),
				.device = dice_u64(&d),
				.wall_ms = (int64_t)dice_u64(&d),
				.sight = sight(&d)},
		};
		MDB_val v;

		ctm_record_pack_question(&b, &in);
		v = value(&b);
		cr_assert_eq(ctm_record_unpack_question(&v, &out), 0);
		cr_assert(same_stamp(&in.since, &out.since) && in.event.type == out.event.type &&
				  in.event.gid == out.event.gid &&
				  in.event.n_files == out.event.n_files &&
				  in.event.device == out.event.device &&
				  in.event.wall_ms == out.event.wall_ms &&
				  same_sight(&in.event.sight, &out.event.sight) &&
				  same_text(in.event.path, out.event.path),
			"CTM_TEST_SEED=%llu", (unsigned long long)d.seed);
		ctm_event_done(&in.event);
		ctm_event_done(&out.event);
		if (i < 5)
			damage(&b, unpack_question);
	}
}

static int unpack_sidecar(const MDB_val *v)
{
	struct ctm_sidecar_record out;
	int r = ctm_record_unpack_sidecar(v, &out);

	if (r == 0)
		ctm_sidecar_record_done(&out);
	return r;
}

Test(store_records, sidecar)
{
	struct dice d = dice_init();

	for (int i = 0; i < CASES; i++) {
		CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(CTM_RECORD_LIMIT);
		struct ctm_sidecar_record out;
		struct ctm_sidecar_record in = {
			.path = text(&d),
			.fate = (enum ctm_sidecar_fate)(1 + dice_below(&d, 5)),
			.mtime_ns = dice_u64(&d),
			.size = dice_u64(&d),
			.inode = dice_u64(&d),
			.job = dice_u32(&d),
			.first_s = (int64_t)dice_u64(&d),
			.seen = stamp(&d),
			.age_ms = dice_u64(&d),
			.id = text(&d),
			.endpoint = text(&d),
			.complaint = text(&d),
		};
		MDB_val v;

		ctm_record_pack_sidecar(&b, &in);
		v = value(&b);
		cr_assert_eq(ctm_record_unpack_sidecar(&v, &out), 0);
		cr_assert(in.fate == out.fate && in.mtime_ns == out.mtime_ns &&
				  in.size == out.size && in.inode == out.inode &&
				  in.job == out.job && in.first_s == out.first_s &&
				  same_stamp(&in.seen, &out.seen) && in.age_ms == out.age_ms &&
				  same_text(in.path, out.path) && same_text(in.id, out.id) &&
				  same_text(in.endpoint, out.endpoint) &&
				  same_text(in.complaint, out.complaint),
			"CTM_TEST_SEED=%llu", (unsigned long long)d.seed);
		ctm_sidecar_record_done(&in);
		ctm_sidecar_record_done(&out);
		if (i < 5)
			damage(&b, unpack_sidecar);
	}
}

Test(store_records, sidecar_of_version_1)
{
	CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(CTM_RECORD_LIMIT);
	char path[] = "/jobs/a.ctm.ini";
	char id[] = "{1}";
	char none[] = "";
	const struct ctm_sidecar_record in = {
		.path = path,
		.fate = CTM_FATE_INVALID,
		.mtime_ns = 7,
		.size = 8,
		.inode = 9,
		.job = 10,
		.first_s = 11,
		.id = id,
		.endpoint = none,
		.complaint = none,
	};
	struct ctm_sidecar_record out;
	MDB_val v;

	old_pack_sidecar(&b, &in);
	v = value(&b);
	cr_assert_eq(ctm_record_unpack_sidecar(&v, &out), 0);
	cr_expect(out.fate == CTM_FATE_INVALID && out.mtime_ns == 7 && out.size == 8 &&
		  out.inode == 9 && out.job == 10 && out.first_s == 11);
	cr_expect(same_text(out.path, path) && same_text(out.id, id));
	cr_expect_eq(out.age_ms, 0);
	cr_expect_eq(out.seen.boot, 0);
	ctm_sidecar_record_done(&out);
	damage_of(&b, unpack_sidecar, 2);
}
