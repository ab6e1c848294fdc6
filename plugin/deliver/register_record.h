/* SPDX-License-Identifier: MIT */
/*
 * register_record.h - what is kept of a sidecar that was seen, whether it is a job or not
 */
#ifndef CTM_REGISTER_RECORD_H
#define CTM_REGISTER_RECORD_H

#include <stdint.h>
#include <sys/stat.h>

#include "sidecar.h"
#include "store.h"

/* A sidecar's strings as the store takes them: it only reads them. */
static inline char *ctm_register_borrowed(const char *s)
{
	return (char *)(uintptr_t)(s ? s : "");
}

/* Whether the file is the one of the record, as it was then. */
bool ctm_register_is_file(const struct ctm_sidecar_record *record, const struct stat *st);

/*
 * Notes it as seen. job: 0, it is none; then what was known of one in its place may go on. sidecar
 * and complaint may be NULL. 0 or negative errno.
 */
int ctm_register_record(struct ctm_txn *txn, const char *path, const struct stat *st,
	const struct ctm_volume *volume, enum ctm_sidecar_fate fate,
	const struct ctm_sidecar *sidecar, const char *complaint, uint32_t job,
	const struct ctm_stamp *now);

#endif
