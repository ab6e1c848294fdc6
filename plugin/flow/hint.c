/* SPDX-License-Identifier: MIT */
#include "hint.h"

#include <errno.h>

#include "names.h"
#include "path.h"

static int find_open_job(struct ctm_txn *txn, const struct ctm_file *file, void *context)
{
	char **ret_id = context;
	struct ctm_job_text text;
	struct ctm_job job;
	int r = ctm_store_job_get(txn, file->job, &job);

	if (r < 0 || ctm_job_has_ended(&job))
		return r;
	r = ctm_store_text_get(txn, file->job, &text);
	if (r < 0)
		return r;
	*ret_id = text.id;
	text.id = NULL;
	ctm_job_text_done(&text);
	return 1;
}

int ctm_hint_renamed(struct ctm_txn *txn, const struct ctm_event *event, char **ret_id)
{
	CTM_CLEANUP_BUF struct ctm_buf path = CTM_BUF_INIT(CTM_PATH_LIMIT);
	CTM_CLEANUP_FREE char *before = NULL;
	const char *name = ctm_path_name(event->path);
	int r = ctm_name_before_renaming(name, &before);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	ctm_buf_add(&path, event->path, (size_t)(name - event->path));
	ctm_buf_add_str(&path, before);
	if (path.error)
		return path.error == -ENOBUFS ? 0 : path.error;
	return ctm_store_file_by_path(txn, path.data, find_open_job, ret_id);
}
