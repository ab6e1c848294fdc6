/* SPDX-License-Identifier: MIT */
/*
 * same.h - whether two records are the same, member by member: bytes between members are nobody's
 */
#ifndef TEST_SAME_H
#define TEST_SAME_H

#include <string.h>

#include "job.h"
#include "message.h"

static inline bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static inline bool same_stamp(const struct ctm_stamp *a, const struct ctm_stamp *b)
{
	return a->boot == b->boot && a->boot_ms == b->boot_ms && a->wall_ms == b->wall_ms;
}

static inline bool same_job(const struct ctm_job *a, const struct ctm_job *b)
{
	return a->number == b->number && a->state == b->state && a->kind == b->kind &&
	       a->priority == b->priority && a->flags == b->flags &&
	       a->delete_on_error == b->delete_on_error &&
	       a->has_bytes_total == b->has_bytes_total && a->files_total == b->files_total &&
	       a->bytes_total == b->bytes_total && a->timeout_s == b->timeout_s &&
	       a->chunk_size == b->chunk_size && a->next_file == b->next_file &&
	       a->generation == b->generation && a->local_len == b->local_len &&
	       a->files_listed == b->files_listed && a->files_evident == b->files_evident &&
	       a->bytes_evident == b->bytes_evident && a->revision == b->revision &&
	       a->looks == b->looks && a->look_delay_ms == b->look_delay_ms &&
	       same_stamp(&a->look_from, &b->look_from) && same_stamp(&a->seen, &b->seen) &&
	       a->age_ms == b->age_ms && a->created_ms == b->created_ms &&
	       a->ended_s == b->ended_s && a->cause == b->cause && a->cause_ms == b->cause_ms &&
	       a->suspended == b->suspended && a->begun == b->begun &&
	       a->files_sized == b->files_sized && a->bytes_sized == b->bytes_sized &&
	       a->files_hashed == b->files_hashed && a->files_given_up == b->files_given_up &&
	       a->bytes_under_way == b->bytes_under_way && a->progress == b->progress &&
	       a->bytes_told == b->bytes_told;
}

static inline bool same_job_text(const struct ctm_job_text *a, const struct ctm_job_text *b)
{
	return same_text(a->id, b->id) && same_text(a->endpoint, b->endpoint) &&
	       same_text(a->client_data, b->client_data) &&
	       same_text(a->content_id, b->content_id) &&
	       same_text(a->content_version, b->content_version) &&
	       same_text(a->local_path, b->local_path) && same_text(a->sidecar, b->sidecar) &&
	       same_text(a->cause, b->cause);
}

static inline bool same_sight(const struct ctm_sight *a, const struct ctm_sight *b)
{
	return a->known == b->known && a->absent == b->absent &&
	       (!a->known || (a->inode == b->inode && a->size == b->size &&
				     a->mtime_ns == b->mtime_ns && a->ctime_ns == b->ctime_ns));
}

static inline bool same_file(const struct ctm_file *a, const struct ctm_file *b)
{
	return a->job == b->job && a->number == b->number && same_text(a->path, b->path) &&
	       a->has_size == b->has_size && (!a->has_size || a->size == b->size) &&
	       a->gid == b->gid && a->has_sha256 == b->has_sha256 &&
	       (!a->has_sha256 || memcmp(a->sha256, b->sha256, sizeof a->sha256) == 0) &&
	       a->gid_is_ours == b->gid_is_ours && a->evident == b->evident &&
	       a->generation == b->generation && a->count == b->count && a->events == b->events &&
	       a->cause == b->cause && a->device == b->device && a->boot == b->boot &&
	       a->since_ms == b->since_ms && same_sight(&a->sight, &b->sight) &&
	       a->inferred == b->inferred && a->given_up == b->given_up &&
	       a->cause_ms == b->cause_ms && same_sight(&a->hashed, &b->hashed) &&
	       same_sight(&a->unwritten, &b->unwritten) && a->n_uris == b->n_uris &&
	       memcmp(a->uris, b->uris, a->n_uris * sizeof *a->uris) == 0 &&
	       same_text(a->why ? a->why : "", b->why ? b->why : "");
}

static inline bool same_message(const struct ctm_message *a, const struct ctm_message *b)
{
	return a->job == b->job && a->kind == b->kind && a->state == b->state &&
	       a->attempts == b->attempts && a->step == b->step && a->delay_ms == b->delay_ms &&
	       same_stamp(&a->from, &b->from) && a->under_way == b->under_way &&
	       a->bytes_total == b->bytes_total && a->bytes_transferred == b->bytes_transferred &&
	       a->files_total == b->files_total && a->files_transferred == b->files_transferred &&
	       a->time_s == b->time_s && a->tried_s == b->tried_s && a->hresult == b->hresult &&
	       a->http_status == b->http_status && same_text(a->source, b->source) &&
	       same_text(a->text, b->text) && a->error_code == b->error_code &&
	       a->sequence == b->sequence && a->progress_type == b->progress_type &&
	       same_text(a->error_message, b->error_message);
}

#endif
