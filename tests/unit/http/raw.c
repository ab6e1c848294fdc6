/* SPDX-License-Identifier: MIT */
#include "raw.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <criterion/criterion.h>

static struct {
	bool running;
	pthread_t thread;
	int fd;
	const char *head;
	const char *again;
	unsigned pause_ms;
	atomic_uint requests;
	atomic_bool stopping;
	char url[64];
} raw;

static int listen_on_loopback(unsigned *ret_port)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	cr_assert_geq(fd, 0);
	cr_assert_eq(bind(fd, (const struct sockaddr *)&address, len), 0);
	cr_assert_eq(listen(fd, 8), 0);
	cr_assert_eq(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	*ret_port = ntohs(address.sin_port);
	return fd;
}

/* Up to the end of the body that Content-Length announces, if one is. */
static bool read_request(int fd)
{
	char bytes[65536];
	size_t len = 0;

	while (len < sizeof bytes - 1) {
		const ssize_t n = recv(fd, bytes + len, sizeof bytes - 1 - len, 0);
		const char *length;
		const char *end;

		if (n <= 0)
			return false;
		len += (size_t)n;
		bytes[len] = '\0';
		end = strstr(bytes, "\r\n\r\n");
		length = strcasestr(bytes, "content-length:");
		if (end && len >= (size_t)(end + 4 - bytes) +
					   (length ? strtoul(length + 15, NULL, 10) : 0))
			return true;
	}
	return false;
}

static bool say(int fd, const char *text)
{
	return send(fd, text, strlen(text), MSG_NOSIGNAL) == (ssize_t)strlen(text);
}

static void serve(int fd)
{
	if (!read_request(fd))
		return;
	atomic_fetch_add(&raw.requests, 1);
	if (!say(fd, raw.head))
		return;
	while (raw.again && !atomic_load(&raw.stopping)) {
		usleep(raw.pause_ms * 1000);
		if (!say(fd, raw.again))
			return;
	}
}

static void *run(void *user)
{
	(void)user;
	for (;;) {
		int fd = accept(raw.fd, NULL, NULL);

		if (fd < 0)
			return NULL;
		serve(fd);
		close(fd);
	}
}

void raw_start_slow(const char *head, const char *again, unsigned ms)
{
	unsigned port;

	raw_stop();
	raw.fd = listen_on_loopback(&port);
	raw.head = head;
	raw.again = again;
	raw.pause_ms = ms;
	atomic_store(&raw.requests, 0);
	atomic_store(&raw.stopping, false);
	snprintf(raw.url, sizeof raw.url, "http://127.0.0.1:%u/notify", port);
	cr_assert_eq(pthread_create(&raw.thread, NULL, run, NULL), 0);
	raw.running = true;
}

void raw_start(const char *head, const char *again)
{
	raw_start_slow(head, again, 0);
}

unsigned raw_dead_port(void)
{
	unsigned port;

	close(listen_on_loopback(&port));
	return port;
}

const char *raw_url(void)
{
	return raw.url;
}

unsigned raw_requests(void)
{
	return atomic_load(&raw.requests);
}

void raw_stop(void)
{
	if (!raw.running)
		return;
	atomic_store(&raw.stopping, true);
	shutdown(raw.fd, SHUT_RDWR);
	pthread_join(raw.thread, NULL);
	close(raw.fd);
	raw.running = false;
}
