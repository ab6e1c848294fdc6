/* SPDX-License-Identifier: MIT */
#include "store_records.h"

#include <errno.h>
#include <stdlib.h>

#include "hash.h"
#include "pack.h"

#define VERSION 1

#define COUNT(a) (sizeof(a) / sizeof *(a))

static void pack_bool(struct ctm_buf *b, bool v)
{
	ctm_pack_u8(b, v);
}

static void pack_stamp(struct ctm_buf *b, const struct ctm_stamp *stamp)
{
	ctm_pack_u64(b, stamp->boot);
	ctm_pack_u64(b, stamp->boot_ms);
	ctm_pack_u64(b, (uint64_t)stamp->wall_ms);
}

static struct ctm_stamp unpack_stamp(struct ctm_view *v)
{
	struct ctm_stamp stamp;

	stamp.boot = ctm_unpack_u64(v);
	stamp.boot_ms = ctm_unpack_u64(v);
	stamp.wall_ms = (int64_t)ctm_unpack_u64(v);
	return stamp;
}

/* A view on the record behind its version byte. */
static struct ctm_view view_of(const MDB_val *v)
{
	struct ctm_view view = {.data = v->mv_data, .len = v->mv_size};

	if (ctm_unpack_u8(&view) != VERSION)
		view.error = -EBADMSG;
	return view;
}

/* The strings of a record, in their order; all are freed again where one is missing. */
static int unpack_strings(struct ctm_view *v, char **const *strings, size_t n)
{
	for (size_t i = 0; i < n; i++)
		*strings[i] = ctm_unpack_strdup(v);
	if (!v->error && v->len)
		v->error = -EBADMSG;
	for (size_t i = 0; v->error && i < n; i++) {
		free(*strings[i]);
		*strings[i] = NULL;
	}
	return v->error;
}

void ctm_record_pack_job(struct ctm_buf *b, const struct ctm_job *job)
{
	ctm_pack_u8(b, VERSION);
	ctm_pack_u8(b, (uint8_t)job->state);
	ctm_pack_u8(b, (uint8_t)job->kind);
	ctm_pack_u8(b, (uint8_t)job->priority);
	ctm_pack_u32(b, job->flags);
	pack_bool(b, job->delete_on_error);
	pack_bool(b, job->has_bytes_total);
	ctm_pack_u32(b, job->files_total);
	ctm_pack_u64(b, job->bytes_total);
	ctm_pack_u64(b, job->timeout_s);
	ctm_pack_u64(b, job->chunk_size);
	ctm_pack_u32(b, job->next_file);
	ctm_pack_u32(b, job->generation);
	ctm_pack_u32(b, job->local_len);
	ctm_pack_u32(b, job->files_listed);
	ctm_pack_u32(b, job->files_evident);
	ctm_pack_u64(b, job->bytes_evident);
	ctm_pack_u32(b, job->revision);
	ctm_pack_u32(b, job->looks);
	ctm_pack_u64(b, job->look_delay_ms);
	pack_stamp(b, &job->look_from);
	pack_stamp(b, &job->seen);
	ctm_pack_u64(b, job->age_ms);
	ctm_pack_u64(b, (uint64_t)job->created_ms);
	ctm_pack_u64(b, (uint64_t)job->ended_s);
	ctm_pack_u32(b, job->cause);
}

int ctm_record_unpack_job(const MDB_val *value, uint32_t number, struct ctm_job *ret_job)
{
	struct ctm_view v = view_of(value);
	struct ctm_job job = {.number = number};

	job.state = (enum ctm_job_state)ctm_unpack_u8(&v);
	job.kind = (enum ctm_kind)ctm_unpack_u8(&v);
	job.priority = (enum ctm_priority)ctm_unpack_u8(&v);
	job.flags = ctm_unpack_u32(&v);
	job.delete_on_error = ctm_unpack_u8(&v);
	job.has_bytes_total = ctm_unpack_u8(&v);
	job.files_total = ctm_unpack_u32(&v);
	job.bytes_total = ctm_unpack_u64(&v);
	job.timeout_s = ctm_unpack_u64(&v);
	job.chunk_size = ctm_unpack_u64(&v);
	job.next_file = ctm_unpack_u32(&v);
	job.generation = ctm_unpack_u32(&v);
	job.local_len = ctm_unpack_u32(&v);
	job.files_listed = ctm_unpack_u32(&v);
	job.files_evident = ctm_unpack_u32(&v);
	job.bytes_evident = ctm_unpack_u64(&v);
	job.revision = ctm_unpack_u32(&v);
	job.looks = ctm_unpack_u32(&v);
	job.look_delay_ms = ctm_unpack_u64(&v);
	job.look_from = unpack_stamp(&v);
	job.seen = unpack_stamp(&v);
	job.age_ms = ctm_unpack_u64(&v);
	job.created_ms = (int64_t)ctm_unpack_u64(&v);
	job.ended_s = (int64_t)ctm_unpack_u64(&v);
	job.cause = ctm_unpack_u32(&v);
	if (v.error || v.len)
		return -EBADMSG;
	*ret_job = job;
	return 0;
}

void ctm_record_pack_text(struct ctm_buf *b, const struct ctm_job_text *text)
{
	const char *const strings[] = {text->id, text->endpoint, text->client_data,
		text->content_id, text->content_version, text->local_path, text->sidecar,
		text->cause};

	ctm_pack_u8(b, VERSION);
	for (size_t i = 0; i < COUNT(strings); i++)
		ctm_pack_str(b, strings[i]);
}

int ctm_record_unpack_text(const MDB_val *value, struct ctm_job_text *ret_text)
{
	struct ctm_view v = view_of(value);
	struct ctm_job_text text = {0};
	char **const strings[] = {&text.id, &text.endpoint, &text.client_data, &text.content_id,
		&text.content_version, &text.local_path, &text.sidecar, &text.cause};
	int r = unpack_strings(&v, strings, COUNT(strings));

	if (r == 0)
		*ret_text = text;
	return r;
}

enum {
	FILE_HAS_SIZE = 1,
	FILE_HAS_SHA256 = 2,
	FILE_GID_IS_OURS = 4,
	FILE_EVIDENT = 8,
	FILE_INFERRED = 16,
};

void ctm_record_pack_file(struct ctm_buf *b, const struct ctm_file *file)
{
	ctm_pack_u8(b, VERSION);
	ctm_pack_u8(b, (uint8_t)((file->has_size ? FILE_HAS_SIZE : 0) |
				 (file->has_sha256 ? FILE_HAS_SHA256 : 0) |
				 (file->gid_is_ours ? FILE_GID_IS_OURS : 0) |
				 (file->evident ? FILE_EVIDENT : 0) |
				 (file->inferred ? FILE_INFERRED : 0)));
	if (file->has_size)
		ctm_pack_u64(b, file->size);
	if (file->has_sha256)
		ctm_buf_add(b, file->sha256, sizeof file->sha256);
	ctm_pack_u64(b, file->gid);
	ctm_pack_u32(b, file->generation);
	ctm_pack_u32(b, file->count);
	ctm_pack_u32(b, file->events);
	ctm_pack_u32(b, file->cause);
	ctm_pack_u64(b, file->device);
	ctm_pack_u64(b, file->boot);
	ctm_pack_u64(b, (uint64_t)file->since_ms);
	ctm_sight_pack(b, &file->sight);
	ctm_pack_str(b, file->path);
}

int ctm_record_unpack_file(
	const MDB_val *value, uint32_t job, uint32_t number, struct ctm_file *ret_file)
{
	struct ctm_view v = view_of(value);
	struct ctm_file file = {.job = job, .number = number};
	char **const strings[] = {&file.path};
	uint8_t bits = ctm_unpack_u8(&v);
	int r;

	file.has_size = bits & FILE_HAS_SIZE;
	file.has_sha256 = bits & FILE_HAS_SHA256;
	file.gid_is_ours = bits & FILE_GID_IS_OURS;
	file.evident = bits & FILE_EVIDENT;
	file.inferred = bits & FILE_INFERRED;
	if (file.has_size)
		file.size = ctm_unpack_u64(&v);
	if (file.has_sha256)
		ctm_unpack_raw(&v, file.sha256, sizeof file.sha256);
	file.gid = ctm_unpack_u64(&v);
	file.generation = ctm_unpack_u32(&v);
	file.count = ctm_unpack_u32(&v);
	file.events = ctm_unpack_u32(&v);
	file.cause = ctm_unpack_u32(&v);
	file.device = ctm_unpack_u64(&v);
	file.boot = ctm_unpack_u64(&v);
	file.since_ms = (int64_t)ctm_unpack_u64(&v);
	file.sight = ctm_sight_unpack(&v);
	r = unpack_strings(&v, strings, COUNT(strings));
	if (r == 0)
		*ret_file = file;
	return r;
}

void ctm_record_pack_message(struct ctm_buf *b, const struct ctm_message *m)
{
	ctm_pack_u8(b, VERSION);
	ctm_pack_u8(b, (uint8_t)m->kind);
	ctm_pack_u8(b, (uint8_t)m->state);
	pack_bool(b, m->under_way);
	ctm_pack_u32(b, m->attempts);
	ctm_pack_u32(b, m->step);
	ctm_pack_u64(b, m->delay_ms);
	pack_stamp(b, &m->from);
	ctm_pack_u64(b, m->bytes_total);
	ctm_pack_u64(b, m->bytes_transferred);
	ctm_pack_u32(b, m->files_total);
	ctm_pack_u32(b, m->files_transferred);
	ctm_pack_u64(b, (uint64_t)m->time_s);
	ctm_pack_u64(b, (uint64_t)m->tried_s);
	ctm_pack_u32(b, m->hresult);
	ctm_pack_u32(b, m->http_status);
	ctm_pack_str(b, m->source);
	ctm_pack_str(b, m->text);
}

int ctm_record_unpack_message(const MDB_val *value, uint32_t job, struct ctm_message *ret_message)
{
	struct ctm_view v = view_of(value);
	struct ctm_message m = {.job = job};
	char **const strings[] = {&m.source, &m.text};
	int r;

	m.kind = (enum ctm_message_kind)ctm_unpack_u8(&v);
	m.state = (enum ctm_message_state)ctm_unpack_u8(&v);
	m.under_way = ctm_unpack_u8(&v);
	m.attempts = ctm_unpack_u32(&v);
	m.step = ctm_unpack_u32(&v);
	m.delay_ms = ctm_unpack_u64(&v);
	m.from = unpack_stamp(&v);
	m.bytes_total = ctm_unpack_u64(&v);
	m.bytes_transferred = ctm_unpack_u64(&v);
	m.files_total = ctm_unpack_u32(&v);
	m.files_transferred = ctm_unpack_u32(&v);
	m.time_s = (int64_t)ctm_unpack_u64(&v);
	m.tried_s = (int64_t)ctm_unpack_u64(&v);
	m.hresult = ctm_unpack_u32(&v);
	m.http_status = ctm_unpack_u32(&v);
	r = unpack_strings(&v, strings, COUNT(strings));
	if (r == 0)
		*ret_message = m;
	return r;
}

void ctm_record_pack_unclaimed(struct ctm_buf *b, const struct ctm_unclaimed *unclaimed)
{
	ctm_pack_u8(b, VERSION);
	pack_stamp(b, &unclaimed->since);
	ctm_event_pack(b, &unclaimed->event);
}

int ctm_record_unpack_unclaimed(const MDB_val *value, struct ctm_unclaimed *ret_unclaimed)
{
	struct ctm_view v = view_of(value);
	struct ctm_unclaimed unclaimed = {0};
	int r;

	unclaimed.since = unpack_stamp(&v);
	if (v.error)
		return v.error;
	unclaimed.hash = ctm_hash(v.data, v.len);
	r = ctm_event_unpack(v.data, v.len, &unclaimed.event);
	if (r == 0)
		*ret_unclaimed = unclaimed;
	return r;
}

void ctm_record_pack_sidecar(struct ctm_buf *b, const struct ctm_sidecar_record *record)
{
	ctm_pack_u8(b, VERSION);
	ctm_pack_u8(b, (uint8_t)record->fate);
	ctm_pack_u64(b, record->mtime_ns);
	ctm_pack_u64(b, record->size);
	ctm_pack_u64(b, record->inode);
	ctm_pack_u32(b, record->job);
	ctm_pack_u64(b, (uint64_t)record->first_s);
	ctm_pack_str(b, record->path);
	ctm_pack_str(b, record->id);
	ctm_pack_str(b, record->endpoint);
	ctm_pack_str(b, record->complaint);
}

int ctm_record_unpack_sidecar(const MDB_val *value, struct ctm_sidecar_record *ret_record)
{
	struct ctm_view v = view_of(value);
	struct ctm_sidecar_record record = {0};
	char **const strings[] = {&record.path, &record.id, &record.endpoint, &record.complaint};
	int r;

	record.fate = (enum ctm_sidecar_fate)ctm_unpack_u8(&v);
	record.mtime_ns = ctm_unpack_u64(&v);
	record.size = ctm_unpack_u64(&v);
	record.inode = ctm_unpack_u64(&v);
	record.job = ctm_unpack_u32(&v);
	record.first_s = (int64_t)ctm_unpack_u64(&v);
	r = unpack_strings(&v, strings, COUNT(strings));
	if (r == 0)
		*ret_record = record;
	return r;
}
