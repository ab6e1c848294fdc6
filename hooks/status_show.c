/* SPDX-License-Identifier: MIT */
#include "status_show.h"

#include <errno.h>
#include <string.h>

#include "status_json.h"
#include "status_prometheus.h"
#include "status_table.h"

int ctm_status_open(struct ctm_session *session, struct ctm_error *e)
{
	int r;

	if (session->state)
		return 0;
	r = ctm_state_open(session->config, CTM_STATE_LOOK | CTM_STATE_BECOME, &session->state, e);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	return ctm_enclose(session->config, NULL, NULL, e);
}

int ctm_status_read(struct ctm_session *session, char *const *names, size_t n,
	const struct ctm_status_filter *filter, struct ctm_status *status, struct ctm_error *e)
{
	int r = ctm_status_open(session, e);

	*status = (struct ctm_status){.all = true, .now = ctm_clock_now()};
	status->no_state = !session->state;
	if (r == 0 && session->state)
		r = ctm_status_collect(session->state, names, n, filter, status, e);
	else if (r == 0 && n)
		r = ctm_error_set(e, -ENOENT,
			"there is no job \"%s\": there is no state directory \"%s\" yet", names[0],
			session->config->state_dir);
	if (r < 0 && !e->code)
		ctm_error_set(e, r, "cannot read the store: %s", strerror(-r));
	ctm_session_wake(session);
	return r;
}

int ctm_status_print(const struct ctm_session *session, const struct ctm_status_request *request,
	const struct ctm_status *status, struct ctm_error *e)
{
	int r;

	if (request->prometheus)
		r = ctm_status_print_prometheus(status, stdout);
	else if (request->json)
		r = ctm_status_print_json(status, session->config, stdout);
	else
		r = ctm_status_print_table(status, session->config, stdout);
	if (fflush(stdout) < 0)
		r = -errno;
	return r < 0 ? ctm_error_set(e, r, "cannot write to standard output: %s", strerror(-r)) : 0;
}

int ctm_status_show(
	struct ctm_session *session, const struct ctm_status_request *request, struct ctm_error *e)
{
	struct ctm_status status;
	int r = ctm_status_read(session, request->names, request->n, &request->filter, &status, e);

	if (r == 0)
		r = ctm_status_print(session, request, &status, e);
	ctm_status_done(&status);
	return r;
}
