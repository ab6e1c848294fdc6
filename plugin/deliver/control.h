/* SPDX-License-Identifier: MIT */
/*
 * control.h - aria2's control file, which says what pieces of a download are there
 *
 * It stands beside the download, NAME.aria2: beside the file, or the torrent's directory. aria2
 * removes it at the end, unless only some files were selected or with force-save. The format is
 * version 1 of "Control File (*.aria2) Format" in aria2's manual.
 */
#ifndef CTM_CONTROL_H
#define CTM_CONTROL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "report.h"

struct ctm_control {
	uint64_t length;             /* of the whole download, in bytes */
	uint32_t piece_length;       /* in bytes, not 0 */
	const unsigned char *pieces; /* a bit each, from the highest on: it is there; borrowed */
};

/* *ret_control borrows from data. 0, or -EBADMSG: it is no such file, or not all of it. */
int ctm_control_parse(const void *data, size_t len, struct ctm_control *ret_control);

/* Whether all of the bytes from offset on are there. */
bool ctm_control_has(const struct ctm_control *control, uint64_t offset, uint64_t length);

/*
 * Marks the files of a torrent, of several files and complete, that lack pieces now: aria2 calls it
 * complete still when it has been added again since, and removed before its end. One whose control
 * file can't be read is taken to lack all.
 */
void ctm_control_mark(struct ctm_report *report);

#endif
