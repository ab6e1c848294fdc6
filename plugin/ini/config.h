/* SPDX-License-Identifier: MIT */
/*
 * config.h - the configuration file, every key of it
 *
 * ctm_config_load() finds the file ($ARIA2_CTM_CONF, else the user's, else the system's, else the
 * built-in defaults), reads it and owns every string. Complaints go to the caller's function one by
 * one; a file with an error gives -EINVAL and no configuration.
 */
#ifndef CTM_CONFIG_H
#define CTM_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ini_text.h"
#include "log.h"

/* Below the directory of the system's configuration, or of the user's. */
#define CTM_CONFIG_FILE "aria2-ctm/aria2-ctm.conf"

#define CTM_CONFIG_STEPS 256u /* of [retry] schedule */

struct ctm_endpoint {
	char *name; /* [endpoint.NAME] */
	unsigned line;
	char *url;
	char *socket;
	char **allow; /* URLs that a sidecar may name */
	size_t n_allow;
	char *ca_file, *cert_file, *key_file, *token_file, *secret_file;
	char **headers; /* "Name: value" */
	size_t n_headers;
	char *proxy;
	bool insecure;
	uint32_t connect_timeout_ms;
	uint32_t timeout_ms;
};

struct ctm_aria2 {
	char *name; /* "" for [aria2] */
	char *rpc;
	char *secret_file;
};

struct ctm_config {
	char *file; /* NULL: built-in defaults */
	char *state_dir;
	uint64_t keep_s;
	uint64_t give_up_s;
	uint64_t unclaimed_s;
	char *sidecar_dir;
	bool sidecar_beside;
	/* As it is written: whoever looks below it resolves it. */
	char *sidecar_root;
	char **owners; /* user names */
	size_t n_owners;
	struct ctm_endpoint *endpoints;
	size_t n_endpoints;
	uint32_t schedule_s[CTM_CONFIG_STEPS];
	size_t n_schedule;
	uint32_t linger_s;
	struct ctm_aria2 *aria2s;
	size_t n_aria2s;
	char *log_target;
	enum ctm_log_format log_format;
	enum ctm_log_level log_level;
};

/* *ret_config is freed with ctm_config_free(). 0, -EINVAL after complaints, others as *e says. */
int ctm_config_load(struct ctm_config **ret_config, ctm_ini_complain *complain, void *context,
	struct ctm_error *e);

/*
 * The same for a hook, which must not lose an event because of a key that it does not need: errors
 * outside [state] are complained of, and leave those keys at their defaults. Where no [state] dir
 * was read, a damaged line that may have been "[state]" is an error: the default is another
 * directory, and what would be recorded there nobody looks for.
 */
int ctm_config_load_for_event(struct ctm_config **ret_config, ctm_ini_complain *complain,
	void *context, struct ctm_error *e);

/* The same as the first from a given file. NULL: the built-in defaults. */
int ctm_config_load_file(const char *file, struct ctm_config **ret_config,
	ctm_ini_complain *complain, void *context, struct ctm_error *e);

void ctm_config_free(struct ctm_config *config);

/*
 * Sets the log up as [log] says; a file is written by the owner of the state directory alone.
 * `component` is static. 0 or -ENOMEM in *e.
 */
int ctm_config_set_log_up(
	const struct ctm_config *config, const char *component, struct ctm_error *e);

/*
 * Where a szNotifyEndpoint leads: the [endpoint.NAME] of that name, or, for a URL, the first one
 * whose `allow` admits it (scheme, host and port whole, the path by segment). *ret_url is the URL
 * to post to, borrowed from the endpoint or from `endpoint`. -ENOENT: no such endpoint (the text in
 * *e says what would be right); -EINVAL: a URL that nothing admits, or an endpoint without url.
 */
int ctm_config_endpoint(const struct ctm_config *config, const char *endpoint,
	const struct ctm_endpoint **ret_endpoint, const char **ret_url, struct ctm_error *e);

#endif
