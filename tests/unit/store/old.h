/* SPDX-License-Identifier: MIT */
/*
 * old.h - records as schema 1 wrote them, byte by byte
 *
 * Version 0.1.0 of the program wrote these; what it wrote must be read for ever. So nothing of
 * plugin/store is used here, and nothing here changes.
 */
#ifndef TEST_OLD_H
#define TEST_OLD_H

#include "job.h"
#include "message.h"
#include "pack.h"
#include "store.h"

static inline void old_pack_stamp(struct ctm_buf *b, const struct ctm_stamp *stamp)
{
	ctm_pack_u64(b, stamp->boot);
	ctm_pack_u64(b, stamp->boot_ms);
	ctm_pack_u64(b, (uint64_t)stamp->wall_ms);
}

static inline void old_pack_job(struct ctm_buf *b, const struct ctm_job *job)
{
	ctm_pack_u8(b, 1);
	ctm_pack_u8(b, (uint8_t)job->state);
	ctm_pack_u8(b, (uint8_t)job->kind);
	ctm_pack_u8(b, (uint8_t)job->priority);
	ctm_pack_u32(b, job->flags);
	ctm_pack_u8(b, job->delete_on_error);
	ctm_pack_u8(b, job->has_bytes_total);
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
	old_pack_stamp(b, &job->look_from);
	old_pack_stamp(b, &job->seen);
	ctm_pack_u64(b, job->age_ms);
	ctm_pack_u64(b, (uint64_t)job->created_ms);
	ctm_pack_u64(b, (uint64_t)job->ended_s);
	ctm_pack_u32(b, job->cause);
}

static inline void old_pack_text(struct ctm_buf *b, const struct ctm_job_text *text)
{
	ctm_pack_u8(b, 1);
	ctm_pack_str(b, text->id);
	ctm_pack_str(b, text->endpoint);
	ctm_pack_str(b, text->client_data);
	ctm_pack_str(b, text->content_id);
	ctm_pack_str(b, text->content_version);
	ctm_pack_str(b, text->local_path);
	ctm_pack_str(b, text->sidecar);
	ctm_pack_str(b, text->cause);
}

static inline void old_pack_file(struct ctm_buf *b, const struct ctm_file *file)
{
	ctm_pack_u8(b, 1);
	ctm_pack_u8(b, (uint8_t)(file->has_size * 1 + file->has_sha256 * 2 + file->gid_is_ours * 4 +
				 file->evident * 8 + file->inferred * 16));
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
	ctm_pack_u8(b, file->sight.known);
	if (file->sight.known) {
		ctm_pack_u64(b, file->sight.inode);
		ctm_pack_u64(b, file->sight.size);
		ctm_pack_u64(b, (uint64_t)file->sight.mtime_ns);
		ctm_pack_u64(b, (uint64_t)file->sight.ctime_ns);
	}
	ctm_pack_str(b, file->path);
}

static inline void old_pack_message(struct ctm_buf *b, const struct ctm_message *m)
{
	ctm_pack_u8(b, 1);
	ctm_pack_u8(b, (uint8_t)m->kind);
	ctm_pack_u8(b, (uint8_t)m->state);
	ctm_pack_u8(b, m->under_way);
	ctm_pack_u32(b, m->attempts);
	ctm_pack_u32(b, m->step);
	ctm_pack_u64(b, m->delay_ms);
	old_pack_stamp(b, &m->from);
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

static inline void old_pack_sidecar(struct ctm_buf *b, const struct ctm_sidecar_record *record)
{
	ctm_pack_u8(b, 1);
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

#endif
