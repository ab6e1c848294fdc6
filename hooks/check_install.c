/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "courier.h"
#include "event.h"
#include "open_transport.h"
#include "place.h"

/* True: it is there and can be run. */
static bool check_program(struct ctm_check *check, const char *name)
{
	CTM_CLEANUP_FREE char *path = NULL;
	struct stat st;
	int r = ctm_place_find(CTM_PLACE_LIBEXEC, name, &path);

	if (r == 0 && (stat(path, &st) < 0 || access(path, X_OK) < 0))
		r = -errno;
	if (r == 0 && !S_ISREG(st.st_mode))
		r = -EISDIR;
	if (r == 0)
		return true;
	ctm_check_add(check->report, CTM_CHECK_ERROR, path ? path : name,
		"can't be run by user %s: %s", check->user, strerror(-r));
	ctm_check_remedy(check->report, "install aria2-ctm again");
	return false;
}

/* Opened as deliver opens it: a library that it needs may be missing. */
static bool check_module(struct ctm_check *check)
{
	const struct ctm_transport_table *table = NULL;
	struct ctm_transport *transport = NULL;
	struct ctm_error e = CTM_ERROR_INIT;
	int r = ctm_open_transport(check->config, &table, &transport, &e);

	if (r == 0) {
		const struct ctm_confinement confinement = ctm_courier_confinement(transport);

		table->close(transport);
		ctm_check_confinement(check, &confinement);
		return true;
	}
	ctm_check_add(check->report, CTM_CHECK_ERROR, "transport", "%s", e.text);
	ctm_check_remedy(check->report,
		"install aria2-ctm again, with what it depends on; nothing can "
		"be sent meanwhile, and messages wait");
	return false;
}

void ctm_check_programs(struct ctm_check *check)
{
	CTM_CLEANUP_FREE char *hook = NULL;
	bool good = check_program(check, "deliver");
	int r;

	good = check_program(check, "drain") && good;
	good = check_program(check, "transport") && good;
	for (enum ctm_event_type type = CTM_EVENT_START; type <= CTM_EVENT_BT_COMPLETE; type++)
		good = check_program(check, ctm_event_hook_name(type)) && good;
	good = check_module(check) && good;
	r = ctm_place_find(CTM_PLACE_LIBEXEC, "", &hook);
	check->report->no_memory |= r == -ENOMEM;
	if (good && r == 0)
		ctm_check_add(check->report, CTM_CHECK_OK, "programs",
			"hook commands, drain, deliver and the transport are in place: %s", hook);
}
