/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "command.h"
#include "guid.h"

struct finding {
	const char *name;
	const char *start; /* the name without a brace: how a GUID may begin */
	uint32_t number;
	unsigned found;
};

static bool begins_so(const char *id, const char *start)
{
	char key[CTM_GUID_KEY];

	return ctm_guid_key(id, key) == 0 && start[0] &&
	       strncasecmp(key, start, strlen(start)) == 0;
}

static int compare(struct ctm_txn *txn, const struct ctm_job *job, void *context)
{
	struct finding *f = context;
	struct ctm_job_text text;
	int r = ctm_store_text_get(txn, job->number, &text);

	if (r < 0)
		return r;
	if (begins_so(text.id, f->start) ||
		(text.content_id[0] && strcmp(text.content_id, f->name) == 0)) {
		f->number = job->number;
		f->found++;
	}
	ctm_job_text_done(&text);
	return 0;
}

int ctm_command_find_job(
	struct ctm_txn *txn, const char *name, uint32_t *ret_number, struct ctm_error *e)
{
	struct finding f = {.name = name, .start = name[0] == '{' ? name + 1 : name};
	int r = ctm_store_job_find(txn, name, ret_number);

	if (r == 0)
		return 0;
	if (r != -ENOENT && r != -EINVAL)
		return ctm_error_set(e, r, "cannot look for job \"%s\": %s", name, strerror(-r));
	r = ctm_store_job_each(txn, compare, &f);
	if (r < 0)
		return ctm_error_set(e, r, "cannot look for job \"%s\": %s", name, strerror(-r));
	if (!f.found)
		return ctm_error_set(e, -ENOENT,
			"there is no job \"%s\": \"aria2-ctm status\" lists them", name);
	if (f.found > 1)
		return ctm_error_set(
			e, -EEXIST, "\"%s\" is %u jobs: say more of the GUID", name, f.found);
	*ret_number = f.number;
	return 0;
}
