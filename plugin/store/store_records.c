/* SPDX-License-Identifier: MIT */
/*
 * The records of jobs and their files.
 */
#include "store_records.h"

#include <errno.h>

#include "store_record_parts.h"

void ctm_record_pack_job(struct ctm_buf *b, const struct ctm_job *job)
{
	ctm_pack_u8(b, CTM_RECORD_VERSION);
	ctm_pack_u8(b, (uint8_t)job->state);
	ctm_pack_u8(b, (uint8_t)job->kind);
	ctm_pack_u8(b, (uint8_t)job->priority);
	ctm_pack_u32(b, job->flags);
	ctm_part_pack_bool(b, job->delete_on_error);
	ctm_part_pack_bool(b, job->has_bytes_total);
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
	ctm_part_pack_stamp(b, &job->look_from);
	ctm_part_pack_stamp(b, &job->seen);
	ctm_pack_u64(b, job->age_ms);
	ctm_pack_u64(b, (uint64_t)job->created_ms);
	ctm_pack_u64(b, (uint64_t)job->ended_s);
	ctm_pack_u32(b, job->cause);
	ctm_pack_u64(b, (uint64_t)job->cause_ms);
	ctm_part_pack_bool(b, job->suspended);
	ctm_part_pack_bool(b, job->begun);
	ctm_pack_u32(b, job->files_sized);
	ctm_pack_u64(b, job->bytes_sized);
	ctm_pack_u32(b, job->files_hashed);
	ctm_pack_u32(b, job->files_given_up);
	ctm_pack_u64(b, job->bytes_under_way);
	ctm_pack_u32(b, job->progress);
	ctm_pack_u64(b, job->bytes_told);
}

static void unpack_job_2(struct ctm_view *v, struct ctm_job *job)
{
	job->cause_ms = (int64_t)ctm_unpack_u64(v);
	job->suspended = ctm_part_unpack_bool(v);
	job->begun = ctm_part_unpack_bool(v);
	job->files_sized = ctm_unpack_u32(v);
	job->bytes_sized = ctm_unpack_u64(v);
	job->files_hashed = ctm_unpack_u32(v);
	job->files_given_up = ctm_unpack_u32(v);
	job->bytes_under_way = ctm_unpack_u64(v);
	job->progress = ctm_unpack_u32(v);
	job->bytes_told = ctm_unpack_u64(v);
}

int ctm_record_unpack_job(const MDB_val *value, uint32_t number, struct ctm_job *ret_job)
{
	uint8_t version;
	struct ctm_view v = ctm_part_view(value, &version);
	struct ctm_job job = {.number = number};

	job.state = (enum ctm_job_state)ctm_part_unpack_choice(&v, CTM_JOB_OPEN, CTM_JOB_CANCELLED);
	job.kind = (enum ctm_kind)ctm_part_unpack_choice(&v, CTM_KIND_LISTED, CTM_KIND_SINGLE);
	job.priority = (enum ctm_priority)ctm_part_unpack_choice(
		&v, CTM_PRIORITY_FOREGROUND, CTM_PRIORITY_LOW);
	job.flags = ctm_unpack_u32(&v);
	job.delete_on_error = ctm_part_unpack_bool(&v);
	job.has_bytes_total = ctm_part_unpack_bool(&v);
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
	job.look_from = ctm_part_unpack_stamp(&v);
	job.seen = ctm_part_unpack_stamp(&v);
	job.age_ms = ctm_unpack_u64(&v);
	job.created_ms = (int64_t)ctm_unpack_u64(&v);
	job.ended_s = (int64_t)ctm_unpack_u64(&v);
	job.cause = ctm_unpack_u32(&v);
	if (version > 1)
		unpack_job_2(&v, &job);
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

	ctm_pack_u8(b, CTM_RECORD_VERSION);
	for (size_t i = 0; i < CTM_COUNT(strings); i++)
		ctm_pack_str(b, strings[i]);
}

int ctm_record_unpack_text(const MDB_val *value, struct ctm_job_text *ret_text)
{
	struct ctm_view v = ctm_part_view(value, NULL);
	struct ctm_job_text text = {0};
	char **const strings[] = {&text.id, &text.endpoint, &text.client_data, &text.content_id,
		&text.content_version, &text.local_path, &text.sidecar, &text.cause};
	int r = ctm_part_unpack_strings(&v, strings, CTM_COUNT(strings));

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
	FILE_GIVEN_UP = 32,
	FILE_UNWRITTEN = 64,
	FILE_ALL = 127,
};

void ctm_record_pack_file(struct ctm_buf *b, const struct ctm_file *file)
{
	ctm_pack_u8(b, CTM_RECORD_VERSION);
	ctm_pack_u8(b, (uint8_t)((file->has_size ? FILE_HAS_SIZE : 0) |
				 (file->has_sha256 ? FILE_HAS_SHA256 : 0) |
				 (file->gid_is_ours ? FILE_GID_IS_OURS : 0) |
				 (file->evident ? FILE_EVIDENT : 0) |
				 (file->inferred ? FILE_INFERRED : 0) |
				 (file->given_up ? FILE_GIVEN_UP : 0) |
				 (file->unwritten.known ? FILE_UNWRITTEN : 0)));
	if (file->has_size)
		ctm_pack_u64(b, file->size);
	if (file->has_sha256)
		ctm_buf_add(b, file->sha256, sizeof file->sha256);
	if (file->unwritten.known)
		ctm_sight_pack(b, &file->unwritten);
	ctm_pack_u64(b, file->gid);
	ctm_pack_u32(b, file->generation);
	ctm_pack_u32(b, file->count);
	ctm_pack_u32(b, file->events);
	ctm_pack_u32(b, file->cause);
	ctm_pack_u64(b, file->device);
	ctm_pack_u64(b, file->boot);
	ctm_pack_u64(b, (uint64_t)file->since_ms);
	ctm_sight_pack(b, &file->sight);
	ctm_pack_u64(b, (uint64_t)file->cause_ms);
	ctm_sight_pack(b, &file->hashed);
	ctm_pack_u8(b, file->n_uris);
	for (size_t i = 0; i < file->n_uris; i++)
		ctm_pack_u64(b, file->uris[i]);
	ctm_pack_str(b, file->path);
	ctm_pack_str(b, file->why);
}

static void unpack_file_2(struct ctm_view *v, struct ctm_file *file)
{
	file->cause_ms = (int64_t)ctm_unpack_u64(v);
	file->hashed = ctm_sight_unpack(v);
	file->n_uris = ctm_unpack_u8(v);
	if (file->n_uris > CTM_FILE_URIS) {
		file->n_uris = 0;
		v->error = -EBADMSG;
	}
	for (size_t i = 0; i < file->n_uris; i++)
		file->uris[i] = ctm_unpack_u64(v);
}

/* Only one that is known is packed. */
static struct ctm_sight unpack_unwritten(struct ctm_view *v)
{
	const struct ctm_sight sight = ctm_sight_unpack(v);

	if (!sight.known && !v->error)
		v->error = -EBADMSG;
	return sight;
}

int ctm_record_unpack_file(
	const MDB_val *value, uint32_t job, uint32_t number, struct ctm_file *ret_file)
{
	uint8_t version;
	struct ctm_view v = ctm_part_view(value, &version);
	struct ctm_file file = {.job = job, .number = number};
	char **const strings[] = {&file.path, &file.why};
	unsigned bits = ctm_part_unpack_choice(&v, 0, FILE_ALL);
	int r;

	file.has_size = bits & FILE_HAS_SIZE;
	file.has_sha256 = bits & FILE_HAS_SHA256;
	file.gid_is_ours = bits & FILE_GID_IS_OURS;
	file.evident = bits & FILE_EVIDENT;
	file.inferred = bits & FILE_INFERRED;
	file.given_up = bits & FILE_GIVEN_UP;
	if (file.has_size)
		file.size = ctm_unpack_u64(&v);
	if (file.has_sha256)
		ctm_unpack_raw(&v, file.sha256, sizeof file.sha256);
	if (bits & FILE_UNWRITTEN)
		file.unwritten = unpack_unwritten(&v);
	file.gid = ctm_unpack_u64(&v);
	file.generation = ctm_unpack_u32(&v);
	file.count = ctm_unpack_u32(&v);
	file.events = ctm_unpack_u32(&v);
	file.cause = ctm_unpack_u32(&v);
	file.device = ctm_unpack_u64(&v);
	file.boot = ctm_unpack_u64(&v);
	file.since_ms = (int64_t)ctm_unpack_u64(&v);
	file.sight = ctm_sight_unpack(&v);
	if (version > 1)
		unpack_file_2(&v, &file);
	r = ctm_part_unpack_strings(&v, strings, version > 1 ? CTM_COUNT(strings) : 1);
	if (r == 0)
		*ret_file = file;
	return r;
}
