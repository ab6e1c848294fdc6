/* SPDX-License-Identifier: MIT */
#include "knock.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "scratch.h"

TestSuite(knock, .init = scratch_init, .fini = scratch_done, .timeout = 30);

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

/* What became of it, in words; "" where somebody was there. */
static const char *knock(const char *host, unsigned port, uint32_t timeout_ms)
{
	static struct ctm_error e;
	const struct ctm_knock one = {
		.host = host, .port = (uint16_t)port, .timeout_ms = timeout_ms};

	e = (struct ctm_error)CTM_ERROR_INIT;
	cr_expect_eq(ctm_knock(&one, &e) < 0, e.code < 0);
	return e.text;
}

Test(knock, tcp)
{
	unsigned port;
	const int fd = listen_tcp(&port, true);

	cr_expect_str_eq(knock("127.0.0.1", port, 10000), "");
	cr_expect_str_eq(knock("localhost", port, 10000), "");
	close(fd);
}

Test(knock, nothing_is_said)
{
	unsigned port;
	const int fd = listen_tcp(&port, true);
	char byte;
	int peer;

	cr_expect_str_eq(knock("127.0.0.1", port, 10000), "");
	peer = accept(fd, NULL, NULL);
	cr_assert_geq(peer, 0);
	cr_expect_eq(read(peer, &byte, 1), 0);
	close(peer);
	close(fd);
}

Test(knock, refused)
{
	unsigned port;
	const int fd = listen_tcp(&port, false);

	cr_expect_str_eq(knock("127.0.0.1", port, 10000), "Connection refused");
	close(fd);
}

Test(knock, time_out)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
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
	cr_expect_str_eq(knock("127.0.0.1", port, 1000), "Connection timed out");
	for (size_t i = 0; i < 8; i++)
		close(fill[i]);
	close(fd);
}

Test(knock, unknown_name)
{
	const char *text = knock("no-such-host.invalid", 80, 10000);

	cr_expect(strstr(text, "the name can't be resolved: ") == text, "%s", text);
}

Test(knock, unix_socket)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const struct ctm_knock one = {.socket = scratch_path("s"), .timeout_ms = 10000};
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct ctm_error e = CTM_ERROR_INIT;

	cr_assert_lt(strlen(one.socket), sizeof address.sun_path);
	strcpy(address.sun_path, one.socket);
	cr_assert_eq(bind(fd, (const struct sockaddr *)&address, sizeof address), 0);
	cr_assert_eq(listen(fd, 4), 0);
	cr_expect_eq(ctm_knock(&one, &e), 0);
	close(fd);
	unlink(one.socket);
	cr_expect_lt(ctm_knock(&one, &e), 0);
	cr_expect_str_eq(e.text, "No such file or directory");
}

Test(knock, long_socket)
{
	char path[200];
	const struct ctm_knock one = {.socket = path, .timeout_ms = 10000};
	struct ctm_error e = CTM_ERROR_INIT;

	memset(path, 'x', sizeof path - 1);
	path[sizeof path - 1] = '\0';
	cr_expect_lt(ctm_knock(&one, &e), 0);
	cr_expect_str_eq(e.text, "File name too long");
}
