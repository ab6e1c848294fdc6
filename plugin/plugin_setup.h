/* SPDX-License-Identifier: MIT */
/*
 * plugin_setup.h - what every exported function begins and ends with
 */
#ifndef CTM_PLUGIN_SETUP_H
#define CTM_PLUGIN_SETUP_H

#include "aria2ctm.h"
#include "config.h"
#include "state.h"

/* What the log calls us in another program; the log is one for all its threads. */
#define CTM_PLUGIN_HOST "libaria2ctm"

/* ctm_config_load, or ctm_config_load_for_event */
typedef int ctm_plugin_loader(struct ctm_config **ret_config, ctm_ini_complain *complain,
	void *context, struct ctm_error *e);

/*
 * Loads the configuration and sets the log up by it; `component` is static. Errors in it are logged
 * one by one.
 */
int ctm_plugin_configure(const char *component, ctm_plugin_loader *load,
	struct ctm_config **ret_config, struct ctm_error *e);

/* Closes all that was opened, the log too; NULL is allowed. */
void ctm_plugin_finish(struct ctm_state *state, struct ctm_config *config);

/* Hands a complaint out; NULL is allowed. */
void ctm_plugin_report(const struct ctm_error *e, struct aria2ctm_error *ret_error);

#endif
