/* SPDX-License-Identifier: MIT */
#include "knock.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "clock.h"
#include "files.h"

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

static int connect_unix(const char *path, uint64_t until_ms, struct ctm_error *e)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int r = -ENAMETOOLONG;

	if (strlen(path) < sizeof address.sun_path) {
		memcpy(address.sun_path, path, strlen(path) + 1);
		r = connect_to(
			AF_UNIX, (const struct sockaddr *)&address, sizeof address, until_ms);
	}
	return r < 0 ? ctm_error_set(e, r, "%s", strerror(-r)) : 0;
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

int ctm_knock(const struct ctm_knock *knock, struct ctm_error *e)
{
	const uint64_t until_ms = ctm_clock_boot_ms() + knock->timeout_ms;
	char port[8];

	if (knock->socket)
		return connect_unix(knock->socket, until_ms, e);
	snprintf(port, sizeof port, "%u", (unsigned)knock->port);
	return connect_tcp(knock->host, port, until_ms, e);
}
