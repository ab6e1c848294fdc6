/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "each_job.h"
#include "forget_sidecars.h"
#include "guid.h"
#include "options.h"

struct forgetting {
	struct ctm_forget_sidecars sidecars;
	bool cleared; /* they are known, and none is there any more */
};

/* What is looked for among the sidecars. */
struct looking {
	const struct ctm_named_job *named;
	char key[CTM_GUID_KEY];
	struct forgetting *forgetting;
	struct ctm_error *e;
};

/* One that can't be read any more is still the job's. */
static bool is_of_job(const struct looking *l, const struct ctm_sidecar_record *record)
{
	char key[CTM_GUID_KEY];

	if (ctm_guid_key(record->id, key) == 0)
		return strcmp(key, l->key) == 0;
	return record->job == l->named->job.number;
}

static int check_record(struct ctm_txn *txn, const struct ctm_sidecar_record *record, void *context)
{
	const struct looking *l = context;
	struct ctm_forget_sidecars *sidecars = &l->forgetting->sidecars;

	if (!is_of_job(l, record))
		return 0;
	if (!l->forgetting->cleared)
		return ctm_forget_sidecars_add(sidecars, txn, l->named, record);
	if (ctm_forget_sidecars_has(sidecars, record))
		return 0;
	return ctm_error_set(l->e, -ESTALE,
		"the sidecar \"%s\" of job \"%s\" has just been read: see what it is, and try again",
		record->path, l->named->name);
}

static int check_message(
	struct ctm_txn *txn, const struct ctm_named_job *named, struct ctm_error *e)
{
	enum ctm_message_state state;
	struct ctm_message message;
	int r = ctm_store_message_get(txn, named->job.number, &message);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	state = message.state;
	ctm_message_done(&message);
	if (state != CTM_MESSAGE_WAITING)
		return 0;
	return ctm_error_set(e, -EBUSY,
		"the final word of job \"%s\" waits for CTM to take it: see \"aria2-ctm status\"",
		named->name);
}

/* Before its sidecars are looked for, and once more after that. */
static int check(struct ctm_txn *txn, struct ctm_named_job *named, struct ctm_fold *fold,
	void *context, struct ctm_error *e)
{
	struct looking l = {.named = named, .forgetting = context, .e = e};
	int r;

	(void)fold;
	if (!ctm_job_has_ended(&named->job))
		return ctm_error_set(e, -EBUSY,
			"job \"%s\" has not ended, it is %s: cancel or fail it first", named->name,
			ctm_job_state_name(named->job.state));
	r = check_message(txn, named, e);
	if (r == 0)
		r = ctm_guid_key(named->text.id, l.key);
	return r < 0 ? r : ctm_store_sidecar_each(txn, check_record, &l);
}

/*
 * The files go first, and for good: a job without its sidecar is only listed, the other way it
 * would be new, also after a loss of power.
 */
static int clear(void *context, struct ctm_error *e)
{
	struct forgetting *forgetting = context;
	int r = ctm_forget_sidecars_clear(&forgetting->sidecars, e);

	forgetting->cleared = r == 0;
	return r;
}

static int drop_record(struct ctm_txn *txn, const struct ctm_sidecar_record *record, void *context)
{
	return is_of_job(context, record) ? ctm_store_sidecar_delete(txn, record->path) : 0;
}

static int forget(struct ctm_txn *txn, struct ctm_named_job *named, struct ctm_fold *fold,
	void *context, struct ctm_error *e)
{
	struct looking l = {.named = named, .forgetting = context, .e = e};
	int r = ctm_guid_key(named->text.id, l.key);

	(void)fold;
	if (r == 0)
		r = ctm_store_sidecar_each(txn, drop_record, &l);
	return r < 0 ? r : ctm_store_job_delete(txn, named->job.number);
}

static int run(const struct ctm_command *command, int argc, char **argv)
{
	struct forgetting forgetting = {.cleared = false};
	struct ctm_forget_sidecars *sidecars = &forgetting.sidecars;
	const struct ctm_option options[] = {
		{.name = "--sidecar", .flag = &sidecars->remove},
	};
	/* A sidecar that was moved is found where it is now. */
	struct ctm_each_job each = {.visit = check,
		.between = clear,
		.then = forget,
		.context = &forgetting,
		.scan = true,
		.deed = "forgotten"};
	int r = ctm_options_parse(command, options, sizeof options / sizeof *options, &argc, argv);

	each.removed = sidecars->remove ? &sidecars->removed : NULL;
	r = r ? r : ctm_each_job(command, argv + 1, argc - 1, &each);
	ctm_forget_sidecars_done(sidecars);
	return r;
}

const struct ctm_command ctm_command_forget = {
	.name = "forget",
	.arguments = "JOB... [--sidecar]",
	.summary = "take an ended job off the list",
	.help = "Refused for a job that is open, whose final word waits, or whose sidecar exists. One whose\n"
		"message is dead can be forgotten: CTM will not hear of it then. A sidecar that is only away\n"
		"with its volume exists. With several JOBs all are forgotten or, if one can't be, none. A\n"
		"sidecar that was removed before that was seen is named then.\n\n"
		"  --sidecar  remove its sidecar too, if that is still the file that was registered\n\n"
		"Nothing keeps the GUID from being used again after that.\n",
	.run = run,
};
