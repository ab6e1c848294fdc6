/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "check.h"
#include "clock.h"
#include "files.h"
#include "url.h"

/* Waits for a connect that goes on. 0 or negative errno. */
static int finish(int fd, uint64_t until_ms)
{
	struct pollfd poller = {.fd = fd, .events = POLLOUT};
	socklen_t len = sizeof(int);
	int error = 0;

	for (;;) {
		const uint64_t now = ctm_clock_boot_ms();
		const int n = now >= until_ms ? 0 : poll(&poller, 1, (int)(until_ms - now));

		if (n > 0)
			break;
		if (n == 0)
			return -ETIMEDOUT;
		if (errno != EINTR)
			return -errno;
	}
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
		return -errno;
	return -error;
}

static int connect_to(int family, const struct sockaddr *address, socklen_t len, uint64_t until_ms)
{
	CTM_CLEANUP_FD int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	if (connect(fd, address, len) == 0)
		return 0;
	return errno == EINPROGRESS ? finish(fd, until_ms) : -errno;
}

static int connect_unix(const char *path, uint64_t until_ms)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	if (strlen(path) >= sizeof address.sun_path)
		return -ENAMETOOLONG;
	memcpy(address.sun_path, path, strlen(path) + 1);
	return connect_to(AF_UNIX, (const struct sockaddr *)&address, sizeof address, until_ms);
}

/* All addresses of the host in turn, within one time-out. */
static int connect_tcp(const char *host, const char *port, uint64_t until_ms, struct ctm_error *e)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	struct addrinfo *addresses = NULL;
	int r = getaddrinfo(host, port, &hints, &addresses);

	if (r)
		return ctm_error_set(e, -ENOENT, "the name can't be resolved: %s",
			r == EAI_SYSTEM ? strerror(errno) : gai_strerror(r));
	r = -EADDRNOTAVAIL;
	for (const struct addrinfo *a = addresses; r < 0 && a; a = a->ai_next)
		r = connect_to(a->ai_family, a->ai_addr, a->ai_addrlen, until_ms);
	freeaddrinfo(addresses);
	return r < 0 ? ctm_error_set(e, r, "%s", strerror(-r)) : 0;
}

static int connect_url(const struct ctm_endpoint *endpoint, uint64_t until_ms, struct ctm_error *e)
{
	struct ctm_url url;
	char host[256];
	char port[8];
	size_t len;

	if (ctm_url_split(endpoint->url, &url) || url.host_len >= sizeof host)
		return ctm_error_set(e, -EINVAL, "is no URL");
	/* getaddrinfo takes IPv6 addresses without their brackets. */
	len = url.host_len - (url.host[0] == '[' ? 2 : 0);
	memcpy(host, url.host + (url.host[0] == '['), len);
	host[len] = '\0';
	snprintf(port, sizeof port, "%u", (unsigned)url.port);
	return connect_tcp(host, port, until_ms, e);
}

static void check_one(struct ctm_check *check, const struct ctm_endpoint *endpoint)
{
	const uint64_t start = ctm_clock_boot_ms();
	const char *to = endpoint->socket ? endpoint->socket : endpoint->url;
	const bool by_proxy = endpoint->proxy && endpoint->proxy[0] && !endpoint->socket;
	struct ctm_error e = CTM_ERROR_INIT;
	char key[300];
	int r;

	ctm_check_key("endpoint", endpoint->name, "", key);
	if (endpoint->socket) {
		r = connect_unix(endpoint->socket, start + endpoint->connect_timeout_ms);
		if (r < 0)
			ctm_error_set(&e, r, "%s", strerror(-r));
	} else {
		r = connect_url(endpoint, start + endpoint->connect_timeout_ms, &e);
	}
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

void ctm_check_connect(struct ctm_check *check)
{
	const struct ctm_config *config = check->config;

	for (size_t i = 0; i < config->n_endpoints; i++)
		if (config->endpoints[i].url)
			check_one(check, &config->endpoints[i]);
}
