/* SPDX-License-Identifier: MIT */
#include "open_transport.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "courier.h"
#include "url.h"

/* libcurl's, where a proxy has none. */
#define PROXY_PORT 1080
#define PROXY_PORT_HTTPS 443

/* libcurl looks into these, and into http_proxy only in small letters. */
static const char *const proxy_variables[] = {
	"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"};

static int add_url(struct ctm_reach *reach, const char *text)
{
	struct ctm_url url;

	if (!text)
		return 0;
	if (!ctm_url_split(text, &url))
		return ctm_reach_add_port(reach, url.port);
	reach->any_port = true;
	return 0;
}

/* [scheme://][user:password@]host[:port][/…], where a host can be "[::1]". */
static int add_proxy(struct ctm_reach *reach, const char *text)
{
	const char *scheme = text ? strstr(text, "://") : NULL;
	const char *host = scheme ? scheme + 3 : text;
	const char *end;
	const char *at;
	const char *colon;
	uint64_t port;

	if (!text || !*text)
		return 0;
	end = host + strcspn(host, "/?#");
	at = memrchr(host, '@', (size_t)(end - host));
	host = at ? at + 1 : host;
	if (*host == '[')
		host += strcspn(host, "]");
	colon = host < end ? memchr(host, ':', (size_t)(end - host)) : NULL;
	if (!colon)
		return ctm_reach_add_port(reach,
			strncasecmp(text, "https://", 8) == 0 ? PROXY_PORT_HTTPS : PROXY_PORT);
	port = strtoul(colon + 1, NULL, 10);
	if (!port || port > UINT16_MAX) {
		reach->any_port = true;
		return 0;
	}
	return ctm_reach_add_port(reach, (uint16_t)port);
}

static int add_endpoint(struct ctm_reach *reach, const struct ctm_endpoint *endpoint)
{
	const char *const files[] = {endpoint->ca_file, endpoint->cert_file, endpoint->key_file,
		endpoint->token_file, endpoint->secret_file};
	int r = add_url(reach, endpoint->url);

	for (size_t i = 0; r == 0 && i < endpoint->n_allow; i++)
		r = add_url(reach, endpoint->allow[i]);
	if (r == 0)
		r = add_proxy(reach, endpoint->proxy);
	for (size_t i = 0; r == 0 && i < sizeof files / sizeof *files; i++)
		r = ctm_reach_add_file(reach, files[i]);
	reach->unix_socket |= endpoint->socket != NULL;
	return r;
}

int ctm_reach_of_config(const struct ctm_config *config, struct ctm_reach *reach)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof proxy_variables / sizeof *proxy_variables; i++)
		r = add_proxy(reach, getenv(proxy_variables[i]));
	if (!config)
		return r;
	for (size_t i = 0; r == 0 && i < config->n_endpoints; i++)
		r = add_endpoint(reach, &config->endpoints[i]);
	for (size_t i = 0; r == 0 && i < config->n_aria2s; i++)
		r = add_url(reach, config->aria2s[i].rpc);
	if (r == 0 && config->state_dir) {
		reach->state_dir = strdup(config->state_dir);
		r = reach->state_dir ? 0 : -ENOMEM;
	}
	return r;
}

int ctm_open_transport(const struct ctm_config *config,
	const struct ctm_transport_table **ret_table, struct ctm_transport **ret_transport,
	struct ctm_error *e)
{
	struct ctm_reach reach = {0};

	if (ctm_reach_of_config(config, &reach) < 0) {
		ctm_reach_done(&reach);
		return ctm_error_set(e, -ENOMEM, "no memory to open a transport");
	}
	return ctm_courier_open(&reach, ret_table, ret_transport, e);
}
