/* SPDX-License-Identifier: MIT */
/*
 * scan.h - sidecars are found and registered
 *
 * In [sidecar] dir under any name that ends in .ctm.ini; with `beside`, also next to the content
 * that unclaimed events speak of. Each is parsed once, outside any transaction, and again only when
 * it has changed.
 */
#ifndef CTM_SCAN_H
#define CTM_SCAN_H

#include "sidecar.h"
#include "state.h"

struct ctm_scan {
	bool again;     /* in: parse those that were invalid or refused again */
	bool unsettled; /* out: something was too young to be sure of: scan again in two seconds */
	unsigned bad;   /* out: sidecars that are no job */
	bool unread;    /* out: one could not be read, so that nothing is known of it */
};

/* 0 or negative errno in *e. Bad sidecars are logged and stop no other. */
int ctm_scan(struct ctm_state *state, struct ctm_scan *scan, struct ctm_error *e);

/*
 * Registers one sidecar that a person names, at once. One whose endpoint is not configured is
 * complained of as well, and is INVALID: nothing is registered then.
 */
struct ctm_scan_one {
	bool assign_gids;           /* in */
	ctm_ini_complain *complain; /* in; complaints of the reader and of the registration */
	void *context;
	enum ctm_sidecar_state state; /* out */
	struct ctm_sidecar *sidecar;  /* out, freed by the caller; NULL unless good */
	int outcome;                  /* out: enum ctm_registered, if good */
	uint32_t job;                 /* out */
};
int ctm_scan_add(
	struct ctm_state *state, const char *path, struct ctm_scan_one *one, struct ctm_error *e);

/* Who may write sidecars, by the configuration; ctm_scan_trust_done() frees it. */
int ctm_scan_trust(
	const struct ctm_state *state, struct ctm_sidecar_trust *ret_trust, struct ctm_error *e);

/*
 * The same for one that a person names, which is taken at once: where it does not stand in
 * [sidecar] dir, that directory says nothing of its owner.
 */
void ctm_scan_trust_named(
	const struct ctm_config *config, const char *path, struct ctm_sidecar_trust *trust);
void ctm_scan_trust_done(struct ctm_sidecar_trust *trust);

#endif
