/* SPDX-License-Identifier: MIT */
#include "plugin_setup.h"

#include <stdio.h>

#include "log.h"

/* A complaint of code 0 is a warning: `aria2-ctm check` shows those, a hook has no time for them.
 */
static void complain(void *context, const struct ctm_error *complaint)
{
	(void)context;
	if (complaint->code < 0)
		ctm_log_complaint(CTM_LOG_ERROR, NULL, complaint);
}

int ctm_plugin_configure(const char *component, ctm_plugin_loader *load,
	struct ctm_config **ret_config, struct ctm_error *e)
{
	int r = load(ret_config, complain, NULL, e);

	return r < 0 ? r : ctm_config_set_log_up(*ret_config, component, e);
}

void ctm_plugin_finish(struct ctm_state *state, struct ctm_config *config)
{
	ctm_state_close(state);
	ctm_config_free(config);
	ctm_log_close();
}

void ctm_plugin_report(const struct ctm_error *e, struct aria2ctm_error *ret_error)
{
	char line[sizeof ret_error->text];

	if (!ret_error || ret_error->size < sizeof *ret_error)
		return;
	ret_error->code = e->code;
	snprintf(ret_error->text, sizeof ret_error->text, "%s",
		ctm_error_print(e, line, sizeof line));
}
