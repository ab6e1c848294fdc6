/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "check.h"
#include "clock.h"
#include "courier.h"
#include "open_transport.h"
#include "url.h"

#define HOST_SIZE 256

/* Whom it leads to; 0 or -EINVAL. */
static int address(const struct ctm_endpoint *endpoint, char host[HOST_SIZE],
	struct ctm_knock *ret_knock, struct ctm_error *e)
{
	struct ctm_url url;
	size_t len;

	*ret_knock = (struct ctm_knock){
		.socket = endpoint->socket, .timeout_ms = endpoint->connect_timeout_ms};
	if (endpoint->socket)
		return 0;
	if (ctm_url_split(endpoint->url, &url) || url.host_len >= HOST_SIZE)
		return ctm_error_set(e, -EINVAL, "is no URL");
	/* A resolver takes IPv6 addresses without their brackets. */
	len = url.host_len - (url.host[0] == '[' ? 2 : 0);
	memcpy(host, url.host + (url.host[0] == '['), len);
	host[len] = '\0';
	ret_knock->host = host;
	ret_knock->port = url.port;
	return 0;
}

static void check_one(struct ctm_check *check, struct ctm_transport *transport,
	const struct ctm_endpoint *endpoint)
{
	const uint64_t start = ctm_clock_boot_ms();
	const char *to = endpoint->socket ? endpoint->socket : endpoint->url;
	const bool by_proxy = endpoint->proxy && endpoint->proxy[0] && !endpoint->socket;
	struct ctm_error e = CTM_ERROR_INIT;
	struct ctm_knock knock;
	char host[HOST_SIZE];
	char key[300];
	int r = address(endpoint, host, &knock, &e);

	ctm_check_key("endpoint", endpoint->name, "", key);
	if (r == 0)
		r = ctm_courier_knock(transport, &knock, &e);
	if (r == 0) {
		ctm_check_add(check->report, CTM_CHECK_OK, key, "%s can be connected to (%u ms)",
			to, (unsigned)(ctm_clock_boot_ms() - start));
		return;
	}
	ctm_check_add(check->report, by_proxy ? CTM_CHECK_WARNING : CTM_CHECK_ERROR, key,
		"%s can't be connected to%s: %s", to, by_proxy ? " without its proxy" : "", e.text);
	ctm_check_remedy(check->report,
		"see whether it runs, and what lies between: name, port, firewall; messages wait "
		"meanwhile");
}

static bool has_url(const struct ctm_config *config)
{
	for (size_t i = 0; i < config->n_endpoints; i++)
		if (config->endpoints[i].url)
			return true;
	return false;
}

void ctm_check_connect(struct ctm_check *check)
{
	const struct ctm_config *config = check->config;
	const struct ctm_transport_table *table = NULL;
	struct ctm_transport *transport = NULL;
	struct ctm_error e = CTM_ERROR_INIT;

	/* Without a transport nothing can be sent at all: ctm_check_programs() says why. */
	if (!has_url(config) || ctm_open_transport(config, &table, &transport, &e) < 0)
		return;
	for (size_t i = 0; i < config->n_endpoints; i++)
		if (config->endpoints[i].url)
			check_one(check, transport, &config->endpoints[i]);
	table->close(transport);
}
