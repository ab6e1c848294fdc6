/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "scratch.h"

TestSuite(check_connect, .init = test_enter, .fini = test_leave, .timeout = 30);

/* A socket that listens, or only has the port. */
static int listen_tcp(unsigned *ret_port, bool listens)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof address;
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	cr_assert_geq(fd, 0);
	cr_assert_eq(bind(fd, (const struct sockaddr *)&address, sizeof address), 0);
	cr_assert_eq(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	cr_assert(!listens || listen(fd, 4) == 0);
	*ret_port = ntohs(address.sin_port);
	return fd;
}

static void check(const char *host, unsigned port, const char *more)
{
	char text[1024];

	snprintf(text, sizeof text, "[endpoint.ctm]\nurl = http://%s:%u/x\ninsecure = yes\n%s",
		host, port, more);
	test_configure(text);
	ctm_check_connect(&test_check);
}

Test(check_connect, tcp)
{
	unsigned port;
	const int fd = listen_tcp(&port, true);

	check("127.0.0.1", port, "");
	cr_expect(test_found(CTM_CHECK_OK, "can be connected to"));
	check("localhost", port, "");
	cr_expect(test_found(CTM_CHECK_OK, "can be connected to"));
	close(fd);
}

Test(check_connect, nothing_is_said)
{
	unsigned port;
	const int fd = listen_tcp(&port, true);
	char byte;
	int peer;

	check("127.0.0.1", port, "");
	peer = accept(fd, NULL, NULL);
	cr_assert_geq(peer, 0);
	cr_expect_eq(read(peer, &byte, 1), 0);
	close(peer);
	close(fd);
}

Test(check_connect, refused)
{
	unsigned port;
	const int fd = listen_tcp(&port, false);

	check("127.0.0.1", port, "");
	cr_expect(test_found(CTM_CHECK_ERROR, "refused"));
	check("127.0.0.1", port, "proxy = http://proxy.example:3128\n");
	cr_expect(test_found(CTM_CHECK_WARNING, "without its proxy"));
	cr_expect_eq(test_count(CTM_CHECK_ERROR), 0);
	close(fd);
}

Test(check_connect, time_out)
{
	const struct sockaddr_in any = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr_in address = any;
	unsigned port;
	const int fd = listen_tcp(&port, false);
	int fill[8];

	/* A full backlog: the kernel answers no more. */
	cr_assert_eq(listen(fd, 0), 0);
	address.sin_port = htons((uint16_t)port);
	for (size_t i = 0; i < 8; i++) {
		fill[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		(void)!connect(fill[i], (const struct sockaddr *)&address, sizeof address);
	}
	check("127.0.0.1", port, "connect_timeout = 1s\n");
	cr_expect(test_found(CTM_CHECK_ERROR, "timed out"));
	for (size_t i = 0; i < 8; i++)
		close(fill[i]);
	close(fd);
}

Test(check_connect, unknown_name)
{
	check("no-such-host.invalid", 80, "");
	cr_expect(test_found(CTM_CHECK_ERROR, "can't be resolved"));
}

Test(check_connect, unix_socket)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char more[256];

	strcpy(address.sun_path, "s");
	cr_assert_eq(bind(fd, (const struct sockaddr *)&address, sizeof address), 0);
	cr_assert_eq(listen(fd, 4), 0);
	snprintf(more, sizeof more, "socket = %s\n", test_path("s"));
	check("ctm.example", 80, more);
	cr_expect(test_found(CTM_CHECK_OK, "can be connected to"));
	close(fd);
	unlink("s");
	check("ctm.example", 80, more);
	cr_expect(test_found(CTM_CHECK_ERROR, "No such file"));
}
