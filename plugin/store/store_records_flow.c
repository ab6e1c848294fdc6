/* SPDX-License-Identifier: MIT */
/*
 * The records of what comes and goes: messages, events that wait, sidecars.
 */
#include <errno.h>

#include "hash.h"
#include "store_record_parts.h"
#include "store_records.h"

void ctm_record_pack_message(struct ctm_buf *b, const struct ctm_message *m)
{
	ctm_pack_u8(b, CTM_RECORD_VERSION);
	ctm_pack_u8(b, (uint8_t)m->kind);
	ctm_pack_u8(b, (uint8_t)m->state);
	ctm_part_pack_bool(b, m->under_way);
	ctm_pack_u32(b, m->attempts);
	ctm_pack_u32(b, m->step);
	ctm_pack_u64(b, m->delay_ms);
	ctm_part_pack_stamp(b, &m->from);
	ctm_pack_u64(b, m->bytes_total);
	ctm_pack_u64(b, m->bytes_transferred);
	ctm_pack_u32(b, m->files_total);
	ctm_pack_u32(b, m->files_transferred);
	ctm_pack_u64(b, (uint64_t)m->time_s);
	ctm_pack_u64(b, (uint64_t)m->tried_s);
	ctm_pack_u32(b, m->hresult);
	ctm_pack_u32(b, m->http_status);
	ctm_pack_u32(b, m->error_code);
	ctm_pack_u32(b, m->sequence);
	ctm_pack_u8(b, (uint8_t)m->progress_type);
	ctm_pack_str(b, m->source);
	ctm_pack_str(b, m->text);
	ctm_pack_str(b, m->error_message);
}

int ctm_record_unpack_message(const MDB_val *value, uint32_t job, struct ctm_message *ret_message)
{
	uint8_t version;
	struct ctm_view v = ctm_part_view(value, &version);
	struct ctm_message m = {.job = job};
	char **const strings[] = {&m.source, &m.text, &m.error_message};
	int r;

	m.kind = (enum ctm_message_kind)ctm_part_unpack_choice(
		&v, CTM_MESSAGE_SUCCESS, CTM_MESSAGE_PROGRESS);
	m.state = (enum ctm_message_state)ctm_part_unpack_choice(
		&v, CTM_MESSAGE_WAITING, CTM_MESSAGE_DEAD);
	m.under_way = ctm_part_unpack_bool(&v);
	m.attempts = ctm_unpack_u32(&v);
	m.step = ctm_unpack_u32(&v);
	m.delay_ms = ctm_unpack_u64(&v);
	m.from = ctm_part_unpack_stamp(&v);
	m.bytes_total = ctm_unpack_u64(&v);
	m.bytes_transferred = ctm_unpack_u64(&v);
	m.files_total = ctm_unpack_u32(&v);
	m.files_transferred = ctm_unpack_u32(&v);
	m.time_s = (int64_t)ctm_unpack_u64(&v);
	m.tried_s = (int64_t)ctm_unpack_u64(&v);
	m.hresult = ctm_unpack_u32(&v);
	m.http_status = ctm_unpack_u32(&v);
	if (version > 1) {
		m.error_code = ctm_unpack_u32(&v);
		m.sequence = ctm_unpack_u32(&v);
		m.progress_type = (enum ctm_progress_type)ctm_part_unpack_choice(
			&v, CTM_PROGRESS_BYTES, CTM_PROGRESS_DOWNLOADING_DATA);
	}
	r = ctm_part_unpack_strings(
		&v, strings, version > 1 ? CTM_COUNT(strings) : CTM_COUNT(strings) - 1);
	if (r == 0)
		*ret_message = m;
	return r;
}

void ctm_record_pack_unclaimed(struct ctm_buf *b, const struct ctm_unclaimed *unclaimed)
{
	ctm_pack_u8(b, CTM_RECORD_VERSION);
	ctm_part_pack_stamp(b, &unclaimed->since);
	ctm_event_pack(b, &unclaimed->event);
}

int ctm_record_unpack_unclaimed(const MDB_val *value, struct ctm_unclaimed *ret_unclaimed)
{
	struct ctm_view v = ctm_part_view(value, NULL);
	struct ctm_unclaimed unclaimed = {0};
	int r;

	unclaimed.since = ctm_part_unpack_stamp(&v);
	if (v.error)
		return v.error;
	unclaimed.hash = ctm_hash(v.data, v.len);
	r = ctm_event_unpack(v.data, v.len, &unclaimed.event);
	if (r == 0)
		*ret_unclaimed = unclaimed;
	return r;
}

void ctm_record_pack_question(struct ctm_buf *b, const struct ctm_question *question)
{
	ctm_pack_u8(b, CTM_RECORD_VERSION);
	ctm_part_pack_stamp(b, &question->since);
	ctm_event_pack(b, &question->event);
}

int ctm_record_unpack_question(const MDB_val *value, struct ctm_question *ret_question)
{
	struct ctm_view v = ctm_part_view(value, NULL);
	struct ctm_question question = {0};
	int r;

	question.since = ctm_part_unpack_stamp(&v);
	if (v.error)
		return v.error;
	r = ctm_event_unpack(v.data, v.len, &question.event);
	if (r == 0)
		*ret_question = question;
	return r;
}

void ctm_record_pack_sidecar(struct ctm_buf *b, const struct ctm_sidecar_record *record)
{
	ctm_pack_u8(b, CTM_RECORD_VERSION);
	ctm_pack_u8(b, (uint8_t)record->fate);
	ctm_pack_u64(b, record->mtime_ns);
	ctm_pack_u64(b, record->size);
	ctm_pack_u64(b, record->inode);
	ctm_pack_u32(b, record->job);
	ctm_pack_u64(b, (uint64_t)record->first_s);
	ctm_part_pack_stamp(b, &record->seen);
	ctm_pack_u64(b, record->age_ms);
	ctm_pack_str(b, record->path);
	ctm_pack_str(b, record->id);
	ctm_pack_str(b, record->endpoint);
	ctm_pack_str(b, record->complaint);
}

int ctm_record_unpack_sidecar(const MDB_val *value, struct ctm_sidecar_record *ret_record)
{
	uint8_t version;
	struct ctm_view v = ctm_part_view(value, &version);
	struct ctm_sidecar_record record = {0};
	char **const strings[] = {&record.path, &record.id, &record.endpoint, &record.complaint};
	int r;

	record.fate = (enum ctm_sidecar_fate)ctm_part_unpack_choice(
		&v, CTM_FATE_REGISTERED, CTM_FATE_DUPLICATE);
	record.mtime_ns = ctm_unpack_u64(&v);
	record.size = ctm_unpack_u64(&v);
	record.inode = ctm_unpack_u64(&v);
	record.job = ctm_unpack_u32(&v);
	record.first_s = (int64_t)ctm_unpack_u64(&v);
	if (version > 1) {
		record.seen = ctm_part_unpack_stamp(&v);
		record.age_ms = ctm_unpack_u64(&v);
	} else if (__builtin_mul_overflow(record.first_s, 1000, &record.seen.wall_ms)) {
		v.error = -EBADMSG;
	}
	r = ctm_part_unpack_strings(&v, strings, CTM_COUNT(strings));
	if (r == 0)
		*ret_record = record;
	return r;
}

/* Of its own: it came when all others were at their second. */
#define VOLUME_VERSION 1u

void ctm_record_pack_volume(struct ctm_buf *b, const struct ctm_volume *volume)
{
	ctm_pack_u8(b, VOLUME_VERSION);
	ctm_pack_u64(b, volume->boot);
	ctm_pack_u64(b, volume->device);
	ctm_pack_u64(b, volume->type);
	ctm_pack_u64(b, volume->directory);
	ctm_pack_u32(b, volume->mount_len);
}

int ctm_record_unpack_volume(const MDB_val *value, struct ctm_volume *ret_volume)
{
	struct ctm_view v = {.data = value->mv_data, .len = value->mv_size};
	struct ctm_volume volume;

	if (ctm_unpack_u8(&v) != VOLUME_VERSION)
		return -EBADMSG;
	volume.boot = ctm_unpack_u64(&v);
	volume.device = ctm_unpack_u64(&v);
	volume.type = ctm_unpack_u64(&v);
	volume.directory = ctm_unpack_u64(&v);
	volume.mount_len = ctm_unpack_u32(&v);
	if (v.error || v.len)
		return -EBADMSG;
	*ret_volume = volume;
	return 0;
}

/* A time, a byte, a time; no version: nothing else was ever written. */
void ctm_record_pack_known(struct ctm_buf *b, const struct ctm_known *known)
{
	ctm_pack_u64(b, (uint64_t)known->since_ms);
	ctm_part_pack_bool(b, known->at_end);
	ctm_pack_u64(b, (uint64_t)known->before_ms);
}

int ctm_record_unpack_known(const MDB_val *value, struct ctm_known *ret_known)
{
	struct ctm_view v = {.data = value->mv_data, .len = value->mv_size};
	struct ctm_known known;

	known.since_ms = (int64_t)ctm_unpack_u64(&v);
	known.at_end = ctm_part_unpack_bool(&v);
	known.before_ms = (int64_t)ctm_unpack_u64(&v);
	if (v.error || v.len)
		return -EBADMSG;
	*ret_known = known;
	return 0;
}

/* A time and a sight; no version: nothing else was ever written. */
void ctm_record_pack_seeding(struct ctm_buf *b, const struct ctm_seeding *seeding)
{
	ctm_pack_u64(b, (uint64_t)seeding->since_ms);
	ctm_sight_pack(b, &seeding->sight);
}

int ctm_record_unpack_seeding(const MDB_val *value, struct ctm_seeding *ret_seeding)
{
	struct ctm_view v = {.data = value->mv_data, .len = value->mv_size};
	struct ctm_seeding seeding;

	seeding.since_ms = (int64_t)ctm_unpack_u64(&v);
	seeding.sight = ctm_sight_unpack(&v);
	if (v.error || v.len)
		return -EBADMSG;
	*ret_seeding = seeding;
	return 0;
}
