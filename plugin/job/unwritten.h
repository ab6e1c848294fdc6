/* SPDX-License-Identifier: MIT */
/*
 * unwritten.h - what could not be written to disk
 *
 * The kernel says so once, to whoever syncs the file first, and what it dropped is dropped: no
 * event, and no later sync that seems well, makes that file right again, only one that somebody has
 * written since. So it is kept with the file's record, as the file was then.
 */
#ifndef CTM_UNWRITTEN_H
#define CTM_UNWRITTEN_H

#include "job.h"

/*
 * Notes that the file could not be written as it was then; one that nobody saw is not noted. A look
 * that is under way no longer counts. True: something changed, both records are to be stored.
 */
bool ctm_job_note_unwritten(
	struct ctm_job *job, struct ctm_file *file, const struct ctm_sight *sight);

/* Whether the file, as it is seen now, is still the one that could not be written. */
bool ctm_file_is_unwritten(const struct ctm_file *file, const struct ctm_sight *sight);

#endif
