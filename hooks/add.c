/* SPDX-License-Identifier: MIT */
#include "add.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "catch_up.h"
#include "input.h"
#include "register.h"
#include "say.h"

void ctm_added_done(struct ctm_added *added)
{
	for (int i = 0; i < added->n; i++)
		ctm_sidecar_free(added->ones[i].sidecar);
	free(added->ones);
	ctm_numbers_done(&added->jobs);
	ctm_buf_done(&added->input);
}

static const char *outcome_text(int outcome)
{
	switch ((enum ctm_registered)outcome) {
	case CTM_REGISTERED_NEW:
		return "registered";
	case CTM_REGISTERED_UPDATED:
		return "updated";
	case CTM_REGISTERED_ENDED:
		return "has ended already: nothing changes";
	case CTM_REGISTERED_DUPLICATE:
	case CTM_REGISTERED_REFUSED:
	case CTM_REGISTERED_NOT_YET: /* nobody sees that one */
		break;
	}
	return NULL;
}

static int register_one(struct ctm_session *session, const char *path, struct ctm_scan_one *one,
	struct ctm_added *added, struct ctm_error *e)
{
	int r = ctm_scan_add(session->state, path, one, e);

	if (r < 0)
		return r;
	if (one->state == CTM_SIDECAR_GOOD && outcome_text(one->outcome)) {
		ctm_say(stderr, "%s: job %s %s", path, one->sidecar->id,
			outcome_text(one->outcome));
		r = ctm_numbers_add(&added->jobs, one->job);
		return r < 0 ? ctm_error_set(e, r, "no memory to go on after \"%s\"", path) : 0;
	}
	added->bad++;
	ctm_sidecar_free(one->sidecar);
	one->sidecar = NULL;
	return 0;
}

/* What is the matter with one sidecar is no reason to leave the others. */
static int register_all(struct ctm_session *session, char *const *paths, struct ctm_added *added,
	struct ctm_error *e)
{
	for (int i = 0; i < added->n; i++) {
		struct ctm_error why = CTM_ERROR_INIT;
		int r = register_one(session, paths[i], &added->ones[i], added, &why);

		if (r == -ENOENT || r == -EACCES || r == -EINVAL || r == -ELOOP || r == -EISDIR) {
			ctm_command_complain(NULL, &why);
			added->bad++;
		} else if (r < 0) {
			*e = why;
			return r;
		}
	}
	return 0;
}

/* A download that has ended before is caught up with: it is not to be downloaded again. */
static void catch_up(struct ctm_session *session, const struct ctm_numbers *jobs)
{
	struct ctm_error e = CTM_ERROR_INIT;

	if (ctm_catch_up_now(session->state, jobs, &e) < 0)
		ctm_command_complain(NULL, &e);
}

int ctm_add_input(struct ctm_session *session, struct ctm_added *added, struct ctm_error *e)
{
	int r = 0;

	for (int i = 0; r == 0 && i < added->n; i++) {
		const struct ctm_scan_one *one = &added->ones[i];
		size_t entries = 0;

		if (one->sidecar)
			r = ctm_input_add(
				session->state, one->sidecar, one->job, &added->input, &entries, e);
		added->entries += entries;
	}
	return r;
}

int ctm_add(struct ctm_session *session, char *const *paths, int n, bool assign_gids,
	struct ctm_added *added, struct ctm_error *e)
{
	int r;

	added->ones = calloc((size_t)n, sizeof *added->ones);
	if (!added->ones)
		return ctm_error_set(e, -ENOMEM, "no memory to add jobs");
	added->n = n;
	for (int i = 0; i < n; i++)
		added->ones[i] = (struct ctm_scan_one){
			.assign_gids = assign_gids, .complain = ctm_command_complain};
	r = register_all(session, paths, added, e);
	if (r == 0 && added->jobs.n)
		catch_up(session, &added->jobs);
	return r;
}
