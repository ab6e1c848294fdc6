/* SPDX-License-Identifier: MIT */
#include "store_migrate.h"

#include "store_keys.h"

static int add_file(struct ctm_txn *txn, const struct ctm_file *file, void *context)
{
	(void)txn;
	ctm_job_add_file(context, file);
	return 0;
}

/* Schema 1 did not sum up all that a job now knows of its files. */
static int sum_up(struct ctm_txn *txn, const struct ctm_job *found, void *context)
{
	struct ctm_job job = *found;
	int r;

	(void)context;
	if (ctm_job_has_ended(&job))
		return 0;
	job.files_listed = job.files_evident = job.files_sized = job.files_hashed = 0;
	job.bytes_evident = job.bytes_sized = 0;
	r = ctm_store_file_each(txn, job.number, add_file, &job);
	job.revision = found->revision + 1;
	return r < 0 ? r : ctm_store_job_put(txn, &job);
}

/* In schema 1 no job had a deadline: a bound of no boot at all makes the deliverer look at them. */
#define NO_BOOT UINT64_MAX

static int migrate_jobs(struct ctm_txn *txn)
{
	int r = ctm_store_job_each(txn, sum_up, NULL);

	return r < 0 ? r : ctm_store_setting_put(txn, CTM_SETTING_DEADLINE_BOOT, NO_BOOT);
}

/* Schema 3 adds records that 2 did not have (store_list.h), and reads all that it had. */
int ctm_store_migrate(struct ctm_txn *txn, uint64_t from)
{
	int r = from == 1 ? migrate_jobs(txn) : 0;

	return r < 0 ? r : ctm_store_setting_put(txn, CTM_SETTING_SCHEMA, CTM_STORE_SCHEMA);
}
