/* SPDX-License-Identifier: MIT */
#include "scan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "drain.h"
#include "log.h"
#include "register.h"
#include "scan_find.h"
#include "scan_log.h"
#include "sidecar_volume.h"
#include "sidecars_seen.h"

/* Sidecars registered in one transaction: as many as this, or until they list so many files. */
#define BATCH 128
#define BATCH_FILES 20000u

struct loaded {
	char *path;
	struct ctm_sidecar *sidecar;
	struct stat st;
	struct ctm_volume volume;
	enum ctm_sidecar_state state;
	struct ctm_registration registration;
	char *looked_for; /* another file that had its id first; NULL: there was none */
	bool looked_is_there;
	bool decided;
	struct ctm_error complaint; /* the first error */
};

struct batch {
	struct loaded items[BATCH];
	size_t n;
	uint32_t files;
	bool assign_gids;
	struct ctm_fold fold;
};

static void batch_done(struct batch *b)
{
	for (size_t i = 0; i < b->n; i++) {
		free(b->items[i].path);
		ctm_sidecar_free(b->items[i].sidecar);
		free(b->items[i].looked_for);
		free(b->items[i].registration.look_for);
	}
	b->n = 0;
	b->files = 0;
	ctm_fold_done(&b->fold);
}

static int register_one(struct ctm_txn *txn, struct batch *b, struct loaded *item)
{
	static const enum ctm_sidecar_fate fates[] = {
		[CTM_SIDECAR_INVALID] = CTM_FATE_INVALID,
		[CTM_SIDECAR_NOT_WHOLE] = CTM_FATE_NOT_WHOLE,
		[CTM_SIDECAR_REFUSED] = CTM_FATE_REFUSED,
	};
	char line[CTM_ERROR_TEXT + 300];

	if (item->decided)
		return 0;
	if (item->state != CTM_SIDECAR_GOOD)
		return ctm_register_rejected(txn, item->path, &item->st, &item->volume,
			fates[item->state], item->sidecar,
			item->complaint.code ? ctm_error_print(&item->complaint, line, sizeof line)
					     : "not there whole yet",
			&b->fold.now);
	free(item->registration.look_for);
	item->registration = (struct ctm_registration){
		.sidecar = item->sidecar,
		.st = &item->st,
		.volume = &item->volume,
		.assign_gids = b->assign_gids,
		.looked_for = item->looked_for,
		.looked_is_there = item->looked_is_there,
	};
	return ctm_register(txn, &item->registration, &b->fold);
}

static int register_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct batch *b = context;
	int r = 0;

	ctm_fold_again(&b->fold);
	for (size_t i = 0; r == 0 && i < b->n; i++)
		r = register_one(txn, b, &b->items[i]);
	if (r == 0)
		r = ctm_register_claim(txn, &b->fold);
	return r < 0 ? ctm_error_set(e, r, "cannot register sidecars: %s", strerror(-r)) : 0;
}

/* While the state's lock is free: it can be on a volume that hangs. */
static void look_for_first(struct loaded *item)
{
	free(item->looked_for);
	item->looked_for = item->registration.look_for;
	item->registration.look_for = NULL;
	item->looked_is_there =
		!ctm_sidecar_is_gone(item->looked_for, &item->registration.look_volume);
}

/* Decides what can be. Returns how many want another look, which is taken then. */
static int commit_once(struct ctm_state *state, struct batch *b, struct ctm_error *e)
{
	int r = ctm_flow_update(state, register_body, b, e);
	int left = 0;

	if (r < 0)
		return r;
	state->work |= b->fold.work;
	/* Of what waited for these jobs. */
	ctm_remarks_log(&b->fold.remarks);
	for (size_t i = 0; i < b->n; i++) {
		struct loaded *item = &b->items[i];

		if (item->decided)
			continue;
		item->decided = !item->registration.look_for;
		if (item->decided) {
			/* The complaints of another were logged when it was read. */
			if (item->state == CTM_SIDECAR_GOOD)
				ctm_scan_log(state->config, item->path, &item->registration);
		} else {
			look_for_first(item);
			left++;
		}
	}
	return left;
}

static int commit(struct ctm_state *state, struct batch *b, struct ctm_error *e)
{
	int r = b->n ? 1 : 0;

	b->fold.config = state->config;
	b->fold.now = ctm_clock_now();
	while (r > 0)
		r = commit_once(state, b, e);
	return r;
}

/* The complaints of one sidecar go to the log; the first error is kept for `status`. */
static void keep_complaint(void *context, const struct ctm_error *complaint)
{
	struct loaded *item = context;

	ctm_log_complaint(complaint->code ? CTM_LOG_ERROR : CTM_LOG_WARNING, NULL, complaint);
	if (complaint->code && !item->complaint.code)
		item->complaint = *complaint;
}

static int load(const struct ctm_found *found, const struct ctm_sidecar_trust *trust,
	struct loaded *item, struct ctm_error *e)
{
	struct ctm_sidecar_trust how = *trust;
	int r;

	*item = (struct loaded){.path = strdup(found->path)};
	how.beside = found->beside;
	if (!item->path)
		return ctm_error_set(e, -ENOMEM, "no memory to read \"%s\"", found->path);
	r = ctm_sidecar_load(
		item->path, &how, keep_complaint, item, &item->state, &item->sidecar, &item->st, e);
	if (r < 0)
		free(item->path);
	else
		item->volume = ctm_sidecar_volume(item->path, &item->st);
	return r;
}

/*
 * Reads what is new and registers it in batches. *unread is set where memory was too short for one:
 * that says nothing about the sidecar, and it must be read again, whatever else was.
 */
static int take(struct ctm_state *state, const struct ctm_found_list *list,
	const struct ctm_sidecar_trust *trust, struct ctm_scan *scan, struct ctm_error *unread,
	struct ctm_error *e)
{
	struct batch *b = calloc(1, sizeof *b);
	int r = b ? 0 : ctm_error_set(e, -ENOMEM, "no memory to read sidecars");

	for (size_t i = 0; r == 0 && i < list->n; i++) {
		struct loaded *item = &b->items[b->n];
		struct ctm_error why = CTM_ERROR_INIT;

		/* One that went away or can't be read now is no verdict: it is met again. */
		const int loaded = load(&list->items[i], trust, item, &why);

		if (loaded < 0) {
			ctm_log_complaint(CTM_LOG_WARNING, NULL, ctm_error_of(&why, loaded));
			scan->unsettled = scan->unread = true;
			if (loaded == -ENOMEM)
				*unread = why;
			continue;
		}
		scan->unsettled |= item->state == CTM_SIDECAR_NOT_WHOLE;
		scan->bad += item->state != CTM_SIDECAR_GOOD;
		b->files += item->sidecar ? item->sidecar->n_files : 0;
		b->n++;
		if (b->n == BATCH || b->files >= BATCH_FILES) {
			r = commit(state, b, e);
			batch_done(b);
		}
	}
	if (r == 0)
		r = commit(state, b, e);
	if (b)
		batch_done(b);
	free(b);
	return r;
}

struct seen {
	uint64_t mtime_ns;
	bool settled;
	struct ctm_fold fold;
};

static int note_seen(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct seen *seen = context;
	uint64_t known;
	int r = ctm_store_setting_get(txn, CTM_SETTING_SCANNED_MTIME, &known);

	ctm_fold_again(&seen->fold);
	/* What is known already is not written again. */
	if (r == 0 && known != seen->mtime_ns)
		r = ctm_store_setting_put(txn, CTM_SETTING_SCANNED_MTIME, seen->mtime_ns);
	if (r == 0 && seen->settled)
		r = ctm_register_forget(txn, &seen->fold);

	return r < 0 ? ctm_error_set(e, r, "cannot note the scan: %s", strerror(-r)) : 0;
}

/* Finds, reads and registers. */
static int read_all(struct ctm_state *state, struct ctm_scan *scan, struct ctm_error *e)
{
	struct ctm_error unread = CTM_ERROR_INIT;
	struct ctm_found_list list = {0};
	struct ctm_sidecar_trust trust;
	int r = ctm_scan_trust(state, &trust, e);

	if (r < 0)
		return r;
	r = ctm_scan_find(state, scan->again, &list, e);
	if (r == 0)
		r = take(state, &list, &trust, scan, &unread, e);
	if (r == 0 && unread.code) {
		r = unread.code;
		if (e)
			*e = unread;
	}
	ctm_found_list_done(&list);
	ctm_scan_trust_done(&trust);
	return r;
}

int ctm_scan(struct ctm_state *state, struct ctm_scan *scan, struct ctm_error *e)
{
	struct seen seen = {
		.mtime_ns = ctm_sidecars_mtime(state->config),
		.fold = CTM_FOLD_INIT(state->config),
	};
	int r;

	scan->unsettled = scan->unread = false;
	scan->bad = 0;
	r = read_all(state, scan, e);
	if (r == 0) {
		seen.settled = ctm_sidecars_settled(seen.mtime_ns, ctm_clock_wall_ms()) &&
			       !scan->unsettled;
		scan->unsettled |= !seen.settled;
		seen.fold.now = ctm_clock_now();
		r = ctm_flow_update(state, note_seen, &seen, e);
		ctm_fold_done(&seen.fold);
	}
	state->sidecars_unread = r < 0;
	state->sidecars_unread_ns = seen.mtime_ns;
	return r;
}

static void pass_complaint(void *context, const struct ctm_error *complaint)
{
	const struct ctm_scan_one *one = context;

	one->complain(one->context, complaint);
}

/* The registration's own complaint, as one of the sidecar's. */
static void complain_of_registration(const struct ctm_scan_one *one, const struct loaded *item)
{
	struct ctm_error complaint;

	if (!item->registration.complaint[0])
		return;
	ctm_error_at(&complaint, -EEXIST, item->path, 0, "%s", item->registration.complaint);
	one->complain(one->context, &complaint);
}

/*
 * Whoever names a sidecar is there to be told, and the endpoint of a job can't be mended; one that
 * is found by itself is registered all the same, so that no event is lost while the configuration
 * is mended.
 */
static bool has_endpoint(
	const struct ctm_config *config, const struct ctm_scan_one *one, const struct loaded *item)
{
	const struct ctm_endpoint *endpoint;
	struct ctm_error why = CTM_ERROR_INIT;
	const char *url;

	if (ctm_config_endpoint(config, item->sidecar->endpoint, &endpoint, &url, &why) == 0)
		return true;
	ctm_error_wrap(&why, "%s: endpoint", item->path);
	one->complain(one->context, &why);
	return false;
}

/* The sidecar is read as it stands, and a good one is registered. */
static int add_one(struct ctm_state *state, const char *path, const struct ctm_sidecar_trust *trust,
	struct batch *b, struct ctm_scan_one *one, struct ctm_error *e)
{
	struct loaded *item = &b->items[0];
	int r;

	b->assign_gids = one->assign_gids;
	item->path = strdup(path);
	b->n = 1;
	if (!item->path)
		return ctm_error_set(e, -ENOMEM, "no memory to read \"%s\"", path);
	r = ctm_sidecar_load(
		path, trust, pass_complaint, one, &item->state, &item->sidecar, &item->st, e);
	if (r == 0 && item->state == CTM_SIDECAR_GOOD && !has_endpoint(state->config, one, item))
		item->state = CTM_SIDECAR_INVALID;
	if (r == 0 && item->state == CTM_SIDECAR_GOOD) {
		item->volume = ctm_sidecar_volume(path, &item->st);
		r = commit(state, b, e);
		if (r == 0) {
			one->outcome = (int)item->registration.outcome;
			one->job = item->registration.job;
			complain_of_registration(one, item);
			one->sidecar = item->sidecar;
			item->sidecar = NULL;
		}
	}
	if (r == 0)
		one->state = item->state;
	return r;
}

int ctm_scan_add(
	struct ctm_state *state, const char *path, struct ctm_scan_one *one, struct ctm_error *e)
{
	struct batch *b = calloc(1, sizeof *b);
	struct ctm_sidecar_trust trust;
	int r;

	if (!b)
		return ctm_error_set(e, -ENOMEM, "no memory to read \"%s\"", path);
	r = ctm_scan_trust(state, &trust, e);
	if (r == 0) {
		ctm_scan_trust_named(state->config, path, &trust);
		r = add_one(state, path, &trust, b, one, e);
		ctm_scan_trust_done(&trust);
	}
	batch_done(b);
	free(b);
	return r;
}
