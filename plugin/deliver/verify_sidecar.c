/* SPDX-License-Identifier: MIT */
#include "verify_sidecar.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int ctm_verify_sidecar_load(struct ctm_txn *txn, const char *path, struct ctm_look_request *request)
{
	struct ctm_sidecar_record record;
	int r = path[0] ? ctm_store_sidecar_get(txn, path, &record) : -ENOENT;

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	request->sidecar = (struct ctm_look_sidecar){
		.path = strdup(path),
		.mtime_ns = record.mtime_ns,
		.size = record.size,
		.inode = record.inode,
	};
	ctm_sidecar_record_done(&record);
	return request->sidecar.path ? 0 : -ENOMEM;
}

bool ctm_verify_sidecar_has_changed(const struct ctm_look_request *request)
{
	const struct ctm_look_sidecar *sidecar = &request->sidecar;
	struct stat st;

	if (!sidecar->path || lstat(sidecar->path, &st) < 0)
		return false;
	return sidecar->inode != (uint64_t)st.st_ino || sidecar->size != (uint64_t)st.st_size ||
	       sidecar->mtime_ns !=
		       (uint64_t)st.st_mtim.tv_sec * 1000000000U + (uint64_t)st.st_mtim.tv_nsec;
}

int ctm_verify_sidecar_is_being_written(
	struct ctm_txn *txn, const struct ctm_look_request *request, const struct ctm_stamp *now)
{
	struct ctm_sidecar_record record;
	int64_t age_ms;
	int r = request->sidecar.path ? ctm_store_sidecar_get(txn, request->sidecar.path, &record)
				      : -ENOENT;

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	age_ms = now->wall_ms - (int64_t)(record.mtime_ns / 1000000);
	/* Clocks can be set, and a file have any time. */
	r = record.fate == CTM_FATE_NOT_WHOLE && llabs(age_ms) < CTM_VERIFY_SIDECAR_S * 1000;
	ctm_sidecar_record_done(&record);
	return r;
}
