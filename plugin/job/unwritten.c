/* SPDX-License-Identifier: MIT */
#include "unwritten.h"

bool ctm_job_note_unwritten(
	struct ctm_job *job, struct ctm_file *file, const struct ctm_sight *sight)
{
	if (!sight->known || ctm_file_is_unwritten(file, sight))
		return false;
	file->unwritten = *sight;
	job->revision++;
	return true;
}

bool ctm_file_is_unwritten(const struct ctm_file *file, const struct ctm_sight *sight)
{
	return file->unwritten.known && sight->known &&
	       !ctm_sight_is_newer(sight, &file->unwritten);
}
