/* SPDX-License-Identifier: MIT */
/*
 * store_records.h - the records of the store, field by field
 *
 * Each but those of struct ctm_known and struct ctm_seeding begins with a version byte. Unpacking
 * gives -EBADMSG for bytes that are no such record, -ENOMEM, or 0 and a copy that the caller frees.
 * What unpacks is what was packed: a byte that no packing writes (a state that there is not, a bool
 * of 7) is damage.
 */
#ifndef CTM_STORE_RECORDS_H
#define CTM_STORE_RECORDS_H

#include <lmdb.h>

#include "store.h"

/* The longest record: a job's text with values of 64 KiB each. */
#define CTM_RECORD_LIMIT ((size_t)1 << 20)

void ctm_record_pack_job(struct ctm_buf *b, const struct ctm_job *job);
int ctm_record_unpack_job(const MDB_val *v, uint32_t number, struct ctm_job *ret_job);

void ctm_record_pack_text(struct ctm_buf *b, const struct ctm_job_text *text);
int ctm_record_unpack_text(const MDB_val *v, struct ctm_job_text *ret_text);

void ctm_record_pack_file(struct ctm_buf *b, const struct ctm_file *file);
int ctm_record_unpack_file(
	const MDB_val *v, uint32_t job, uint32_t number, struct ctm_file *ret_file);

void ctm_record_pack_message(struct ctm_buf *b, const struct ctm_message *message);
int ctm_record_unpack_message(const MDB_val *v, uint32_t job, struct ctm_message *ret_message);

void ctm_record_pack_unclaimed(struct ctm_buf *b, const struct ctm_unclaimed *unclaimed);
int ctm_record_unpack_unclaimed(const MDB_val *v, struct ctm_unclaimed *ret_unclaimed);

void ctm_record_pack_question(struct ctm_buf *b, const struct ctm_question *question);
int ctm_record_unpack_question(const MDB_val *v, struct ctm_question *ret_question);

void ctm_record_pack_sidecar(struct ctm_buf *b, const struct ctm_sidecar_record *record);
int ctm_record_unpack_sidecar(const MDB_val *v, struct ctm_sidecar_record *ret_record);

void ctm_record_pack_volume(struct ctm_buf *b, const struct ctm_volume *volume);
int ctm_record_unpack_volume(const MDB_val *v, struct ctm_volume *ret_volume);

void ctm_record_pack_known(struct ctm_buf *b, const struct ctm_known *known);
int ctm_record_unpack_known(const MDB_val *v, struct ctm_known *ret_known);

void ctm_record_pack_seeding(struct ctm_buf *b, const struct ctm_seeding *seeding);
int ctm_record_unpack_seeding(const MDB_val *v, struct ctm_seeding *ret_seeding);

#endif
