/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "complain.h"
#include "near.h"
#include "url.h"

static bool admits(const struct ctm_endpoint *endpoint, const struct ctm_url *url)
{
	if (!url->secure && !endpoint->insecure && !endpoint->socket && !ctm_url_is_local(url))
		return false;
	for (size_t i = 0; i < endpoint->n_allow; i++) {
		struct ctm_url allow;

		if (!ctm_url_split(endpoint->allow[i], &allow) && ctm_url_admits(&allow, url))
			return true;
	}
	return false;
}

/* A URL that a sidecar names itself. */
static int find_admitting(const struct ctm_config *config, const char *text,
	const struct ctm_endpoint **ret_endpoint, struct ctm_error *e)
{
	struct ctm_url url;
	const char *wrong = ctm_url_split(text, &url);

	if (wrong)
		return ctm_error_set(e, -EINVAL, "endpoint \"%s\" %s", CTM_SHOW_URL(text), wrong);
	for (size_t i = 0; i < config->n_endpoints; i++) {
		if (admits(&config->endpoints[i], &url)) {
			*ret_endpoint = &config->endpoints[i];
			return 0;
		}
	}
	return ctm_error_set(e, -EINVAL,
		"endpoint \"%s\" is admitted by no allow of an [endpoint.NAME]; add it to one, or "
		"name an endpoint",
		CTM_SHOW_URL(text));
}

static int complain_unknown(
	const struct ctm_config *config, const char *endpoint, struct ctm_error *e)
{
	CTM_CLEANUP_FREE const char **known = calloc(config->n_endpoints + 1, sizeof *known);
	const char *nearest;
	bool close;

	for (size_t i = 0; known && i < config->n_endpoints; i++)
		known[i] = config->endpoints[i].name;
	nearest = known ? ctm_near_find(endpoint, known, config->n_endpoints, &close) : NULL;
	if (!nearest)
		return ctm_error_set(e, -ENOENT,
			"endpoint \"%s\" is not configured; add a section [endpoint.%s] with a url",
			CTM_SHOW_URL(endpoint), CTM_SHOW_URL(endpoint));
	return ctm_error_set(e, -ENOENT,
		close ? "endpoint \"%s\" is not configured, did you mean \"%s\"?"
		      : "endpoint \"%s\" is not configured; the nearest one is \"%s\"",
		CTM_SHOW_URL(endpoint), nearest);
}

int ctm_config_endpoint(const struct ctm_config *config, const char *endpoint,
	const struct ctm_endpoint **ret_endpoint, const char **ret_url, struct ctm_error *e)
{
	int r;

	for (size_t i = 0; i < config->n_endpoints; i++) {
		const struct ctm_endpoint *known = &config->endpoints[i];

		if (strcmp(known->name, endpoint) != 0)
			continue;
		if (!known->url)
			return ctm_error_set(e, -EINVAL,
				"[endpoint.%s] has no url; add one, or name a URL that its allow admits",
				known->name);
		*ret_endpoint = known;
		*ret_url = known->url;
		return 0;
	}
	if (!strstr(endpoint, "://"))
		return complain_unknown(config, endpoint, e);
	r = find_admitting(config, endpoint, ret_endpoint, e);
	if (r == 0)
		*ret_url = endpoint;
	return r;
}
