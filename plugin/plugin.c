/* SPDX-License-Identifier: MIT */
/*
 * The door of the shared object for events: reads what it needs, and hands on.
 */
#include "aria2ctm.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "log.h"
#include "plugin_drain.h"
#include "plugin_setup.h"
#include "record.h"

/* The smallest struct that we understand: with all members of version 0. */
#define EVENT_SIZE sizeof(struct aria2ctm_event)

static int check(const struct aria2ctm_event *event, struct ctm_error *e)
{
	if (!event || event->size < EVENT_SIZE || !event->path)
		return ctm_error_set(e, -EINVAL, "the event is null, too small, or has no path");
	if (!ctm_event_hook_name((enum ctm_event_type)event->type))
		return ctm_error_set(
			e, -EINVAL, "%u is no event: 1 to 6 would be", (unsigned)event->type);
	if (!event->gid)
		return ctm_error_set(e, -EINVAL, "the event has no gid");
	return 0;
}

/*
 * The event is lost unless somebody calls again. A host has it from us; of a hook aria2 hears
 * nothing, and its standard error, where the hook says it too, is mostly nobody's.
 */
static void complain(const struct aria2ctm_event *event, bool ours, const struct ctm_error *e,
	struct aria2ctm_error *ret_error)
{
	char line[CTM_ERROR_TEXT + 300];

	ctm_plugin_report(e, ret_error);
	if (ours && !ctm_log_is_stderr())
		ctm_log(CTM_LOG_ERROR, &(struct ctm_log_subject){.gid = event->gid},
			"the event is not recorded, \"%s\": %s", event->path,
			ctm_error_print(e, line, sizeof line));
}

static int record(
	const struct ctm_state *state, const struct aria2ctm_event *event, struct ctm_error *e)
{
	const struct ctm_said said = {
		(enum ctm_event_type)event->type, event->gid, event->n_files, event->path};
	struct ctm_event seen;
	int r = ctm_record_see(&said, &seen, e);

	if (r < 0)
		return r;
	r = ctm_record(state, &seen);
	ctm_event_done(&seen);
	return r < 0 ? ctm_error_set(e, r, "cannot append to the inbox: %s", strerror(-r)) : r;
}

int aria2ctm_event(const struct aria2ctm_event *event, struct aria2ctm_error *ret_error)
{
	struct ctm_error e = CTM_ERROR_INIT;
	struct ctm_config *config = NULL;
	struct ctm_state *state = NULL;
	int r = check(event, &e);
	bool ours = r == 0 && (event->flags & ARIA2CTM_PROCESS_IS_OURS);

	if (r == 0)
		r = ctm_plugin_configure(
			ours ? ctm_event_hook_name((enum ctm_event_type)event->type)
			     : CTM_PLUGIN_HOST,
			ctm_config_load_for_event, &config, &e);
	if (r == 0)
		r = ctm_state_open(
			config, CTM_STATE_CREATE | (ours ? CTM_STATE_BECOME : 0), &state, &e);
	if (r == 0)
		r = record(state, event, &e);
	if (r > 0)
		ctm_plugin_drain(state, r == CTM_RECORDED_LATE, ours);
	else if (r < 0)
		complain(event, ours, ctm_error_of(&e, r), ret_error);
	ctm_plugin_finish(state, config);
	return r < 0 ? r : 0;
}
