/* SPDX-License-Identifier: MIT */
#include "listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static int bind_and_listen(int domain, const struct sockaddr *address, socklen_t len)
{
	const int one = 1;
	int fd = socket(domain, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int saved;

	if (fd < 0)
		return -1;
	if (domain == AF_INET)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (bind(fd, address, len) == 0 && listen(fd, 512) == 0)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

int listen_tcp(unsigned *port)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)*port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t len = sizeof address;
	int fd = bind_and_listen(AF_INET, (const struct sockaddr *)&address, len);

	if (fd >= 0 && getsockname(fd, (struct sockaddr *)&address, &len) == 0)
		*port = ntohs(address.sin_port);
	return fd;
}

int listen_unix(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct stat st;

	if (strlen(path) >= sizeof address.sun_path) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(address.sun_path, path);
	if (lstat(path, &st) == 0 && S_ISSOCK(st.st_mode))
		unlink(path);
	return bind_and_listen(AF_UNIX, (const struct sockaddr *)&address, sizeof address);
}

static int write_port(const char *path, unsigned port)
{
	FILE *f = fopen(path, "we");
	int r;

	if (!f)
		return -1;
	r = fprintf(f, "%u\n", port) < 0 ? -1 : 0;
	return fclose(f) == 0 ? r : -1;
}

int listen_announce(const char *path, unsigned port)
{
	char *temporary;
	int r;

	if (asprintf(&temporary, "%s.new", path) < 0)
		return -1;
	r = write_port(temporary, port);
	if (r == 0)
		r = rename(temporary, path);
	free(temporary);
	return r;
}
