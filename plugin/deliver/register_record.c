/* SPDX-License-Identifier: MIT */
#include "register_record.h"

#include <errno.h>
#include <string.h>

#include "guid.h"
#include "register.h"

/*
 * What a rejected sidecar keeps of the one that lay there before. One whose id can't be read may
 * still be that; one of another id has nothing to do with it.
 */
static void carry_over(struct ctm_sidecar_record *record, const struct ctm_sidecar_record *known,
	const struct ctm_stamp *now)
{
	char id[CTM_GUID_KEY];
	char known_id[CTM_GUID_KEY];
	const bool has_id = ctm_guid_key(record->id, id) == 0;
	const bool had_id = ctm_guid_key(known->id, known_id) == 0;

	if (has_id && (!had_id || strcmp(id, known_id) != 0))
		return;
	if (!has_id && had_id)
		record->id = known->id;
	record->first_s = known->first_s;
	record->job = known->job;
	if (known->fate == CTM_FATE_INVALID || known->fate == CTM_FATE_NOT_WHOLE)
		record->age_ms = known->age_ms + ctm_clock_elapsed_ms(&known->seen, now);
}

static uint64_t mtime_ns(const struct stat *st)
{
	return (uint64_t)st->st_mtim.tv_sec * 1000000000U + (uint64_t)st->st_mtim.tv_nsec;
}

bool ctm_register_is_file(const struct ctm_sidecar_record *record, const struct stat *st)
{
	return record->mtime_ns == mtime_ns(st) && record->size == (uint64_t)st->st_size &&
	       record->inode == (uint64_t)st->st_ino;
}

int ctm_register_record(struct ctm_txn *txn, const char *path, const struct stat *st,
	const struct ctm_volume *volume, enum ctm_sidecar_fate fate,
	const struct ctm_sidecar *sidecar, const char *complaint, uint32_t job,
	const struct ctm_stamp *now)
{
	struct ctm_sidecar_record known = {0};
	struct ctm_sidecar_record record = {
		.path = ctm_register_borrowed(path),
		.fate = fate,
		.mtime_ns = mtime_ns(st),
		.size = (uint64_t)st->st_size,
		.inode = (uint64_t)st->st_ino,
		.job = job,
		.first_s = now->wall_ms / 1000,
		.seen = *now,
		.id = ctm_register_borrowed(sidecar ? sidecar->id : NULL),
		.endpoint = ctm_register_borrowed(sidecar ? sidecar->endpoint : NULL),
		.complaint = ctm_register_borrowed(complaint),
	};
	int r = ctm_store_sidecar_get(txn, path, &known);

	if (r < 0 && r != -ENOENT)
		return r;
	if (r == 0 && !job && fate != CTM_FATE_REGISTERED)
		carry_over(&record, &known, now);
	/* What it borrows of the known one is written by then. */
	r = ctm_store_sidecar_put(txn, &record);
	ctm_sidecar_record_done(&known);
	return r < 0 ? r : ctm_store_volume_put(txn, path, volume);
}

int ctm_register_rejected(struct ctm_txn *txn, const char *path, const struct stat *st,
	const struct ctm_volume *volume, enum ctm_sidecar_fate fate,
	const struct ctm_sidecar *sidecar, const char *complaint, const struct ctm_stamp *now)
{
	return ctm_register_record(txn, path, st, volume, fate, sidecar, complaint, 0, now);
}
