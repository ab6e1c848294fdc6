/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "each_job.h"
#include "files.h"
#include "guid.h"
#include "options.h"

struct forgetting {
	bool remove; /* sidecars go too */
	struct ctm_removed removed;
};

/* What is looked for among the sidecars. */
struct looking {
	const struct ctm_named_job *named;
	char key[CTM_GUID_KEY];
	struct forgetting *forgetting;
	struct ctm_error *e;
};

static uint64_t mtime_ns(const struct stat *st)
{
	return (uint64_t)st->st_mtim.tv_sec * 1000000000U + (uint64_t)st->st_mtim.tv_nsec;
}

/* A file that was written anew under the name is another one. */
static bool is_registered(const struct ctm_sidecar_record *record, const struct stat *st)
{
	return record->fate == CTM_FATE_REGISTERED && S_ISREG(st->st_mode) &&
	       st->st_ino == record->inode && mtime_ns(st) == record->mtime_ns &&
	       (uint64_t)st->st_size == record->size;
}

/* Whether the file can be removed, as far as that is to be known beforehand. */
static int check_removal(
	const struct looking *l, const struct ctm_sidecar_record *record, const struct stat *st)
{
	CTM_CLEANUP_FREE char *dir = strdup(record->path);
	char *slash = dir ? strrchr(dir, '/') : NULL;
	const uid_t uid = geteuid();
	struct stat at;

	if (!slash)
		return -ENOMEM;
	*(slash + (slash == dir)) = '\0';
	if (access(dir, W_OK | X_OK) < 0 || stat(dir, &at) < 0)
		return ctm_error_set(
			l->e, -errno, "cannot remove \"%s\": %s", record->path, strerror(errno));
	if (at.st_mode & S_ISVTX && uid != 0 && uid != at.st_uid && uid != st->st_uid)
		return ctm_error_set(l->e, -EPERM,
			"cannot remove \"%s\": it is another user's, in a sticky directory",
			record->path);
	return 0;
}

/* Whether the file is the one that was registered, and may be removed by us. */
static int check_own(
	const struct looking *l, const struct ctm_sidecar_record *record, const struct stat *st)
{
	if (!l->forgetting->remove)
		return ctm_error_set(l->e, -EEXIST,
			"the sidecar \"%s\" of job \"%s\" exists, by which it would be taken for a new "
			"job: --sidecar removes that too",
			record->path, l->named->name);
	if (!is_registered(record, st))
		return ctm_error_set(l->e, -ESTALE,
			"\"%s\" is not the file any more that job \"%s\" was registered from: see "
			"\"aria2-ctm check\", and remove it yourself",
			record->path, l->named->name);
	return check_removal(l, record, st);
}

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
	struct stat st;

	(void)txn;
	if (!is_of_job(l, record))
		return 0;
	if (lstat(record->path, &st) < 0)
		return errno == ENOENT ? 0
				       : ctm_error_set(l->e, -errno, "cannot look at \"%s\": %s",
						 record->path, strerror(errno));
	if (strcmp(record->path, l->named->text.sidecar) == 0)
		return check_own(l, record, &st);
	return ctm_error_set(l->e, -EEXIST,
		"the sidecar \"%s\" has the id of job \"%s\" too, and would be taken for a new job: "
		"remove it first",
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

static int note_removed(struct ctm_removed *removed, const char *path)
{
	free(removed->last);
	removed->last = strdup(path);
	removed->n++;
	return removed->last ? 0 : -ENOMEM;
}

/* The file is looked at once more, because a client may have put another one in its place. */
static int remove_own(const struct looking *l, const struct ctm_sidecar_record *record)
{
	struct stat st;

	if (lstat(record->path, &st) == 0)
		return is_registered(record, &st) && unlink(record->path) == 0
			       ? note_removed(&l->forgetting->removed, record->path)
			       : ctm_error_set(l->e, -ESTALE, "cannot remove \"%s\": %s",
					 record->path,
					 is_registered(record, &st) ? strerror(errno)
								    : "it has just changed");
	return errno == ENOENT ? 0 : -errno;
}

static int drop_record(struct ctm_txn *txn, const struct ctm_sidecar_record *record, void *context)
{
	const struct looking *l = context;
	int r = 0;

	if (!is_of_job(l, record))
		return 0;
	if (l->forgetting->remove && strcmp(record->path, l->named->text.sidecar) == 0)
		r = remove_own(l, record);
	/* Whoever removed it. */
	if (r == 0)
		r = ctm_files_sync_parent(record->path);
	return r < 0 ? r : ctm_store_sidecar_delete(txn, record->path);
}

/*
 * The file goes first, and for good: a job without its sidecar is only listed, the other way it
 * would be new, also after a loss of power.
 */
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
	struct forgetting forgetting = {.remove = false};
	const struct ctm_option options[] = {
		{.name = "--sidecar", .flag = &forgetting.remove},
	};
	/* A sidecar that was moved is found where it is now. */
	struct ctm_each_job each = {.visit = check,
		.then = forget,
		.context = &forgetting,
		.scan = true,
		.deed = "forgotten"};
	int r = ctm_options_parse(command, options, sizeof options / sizeof *options, &argc, argv);

	each.removed = forgetting.remove ? &forgetting.removed : NULL;
	r = r ? r : ctm_each_job(command, argv + 1, argc - 1, &each);
	free(forgetting.removed.last);
	return r;
}

const struct ctm_command ctm_command_forget = {
	.name = "forget",
	.arguments = "JOB... [--sidecar]",
	.summary = "take an ended job off the list",
	.help = "Refused for a job that is open, whose final word waits, or whose sidecar exists. One whose\n"
		"message is dead can be forgotten: CTM will not hear of it then. With several JOBs all are\n"
		"forgotten or, if one can't be, none. A sidecar that was removed before that was seen is\n"
		"named then.\n\n"
		"  --sidecar  remove its sidecar too, if that is still the file that was registered\n\n"
		"Nothing keeps the GUID from being used again after that.\n",
	.run = run,
};
