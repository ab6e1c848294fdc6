/* SPDX-License-Identifier: MIT */
#include "sockets.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include <criterion/criterion.h>

TestSuite(sockets);

static int listen_on_loopback(int *ret_port)
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

/* libcurl connects, and does nothing more. */
static CURL *connect_to(struct ctm_sockets *sockets, int peer_port, long *ret_port)
{
	CURL *easy = curl_easy_init();
	char url[64];

	cr_assert_not_null(easy);
	snprintf(url, sizeof url, "http://127.0.0.1:%d/", peer_port);
	curl_easy_setopt(easy, CURLOPT_URL, url);
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L);
	ctm_sockets_watch(sockets, easy);
	cr_assert_eq(curl_easy_perform(easy), CURLE_OK);
	cr_assert_eq(curl_easy_getinfo(easy, CURLINFO_LOCAL_PORT, ret_port), CURLE_OK);
	return easy;
}

static void await_input(const struct ctm_sockets *sockets)
{
	struct pollfd fd = {.fd = sockets->items[0].fd, .events = POLLIN};

	cr_assert_eq(poll(&fd, 1, 10000), 1);
}

Test(sockets, what_lies_in_a_used_one_spoils_it)
{
	struct ctm_sockets sockets = {0};
	int peer_port;
	int listener = listen_on_loopback(&peer_port);
	long port;
	CURL *easy = connect_to(&sockets, peer_port, &port);
	int peer = accept(listener, NULL, NULL);

	cr_assert_eq(sockets.n, 1);
	cr_assert_not(ctm_sockets_is_spoilt(&sockets, (int)port, peer_port));
	cr_assert_not(ctm_sockets_is_spoilt(&sockets, (int)port, peer_port));
	cr_assert_eq(write(peer, "x", 1), 1);
	await_input(&sockets);
	cr_assert(ctm_sockets_is_spoilt(&sockets, (int)port, peer_port));
	cr_assert_not(ctm_sockets_is_spoilt(&sockets, (int)port, peer_port + 1));
	cr_assert_not(ctm_sockets_is_spoilt(&sockets, 0, 0));
	curl_easy_cleanup(easy);
	cr_assert_eq(sockets.n, 0);
	ctm_sockets_done(&sockets);
	close(peer);
	close(listener);
}

/* A server may speak first: a greeting, a ticket of TLS. */
Test(sockets, a_new_one_may_bring_something)
{
	struct ctm_sockets sockets = {0};
	int peer_port;
	int listener = listen_on_loopback(&peer_port);
	long port;
	CURL *easy = connect_to(&sockets, peer_port, &port);
	int peer = accept(listener, NULL, NULL);

	cr_assert_eq(write(peer, "x", 1), 1);
	await_input(&sockets);
	cr_assert_not(ctm_sockets_is_spoilt(&sockets, (int)port, peer_port));
	curl_easy_cleanup(easy);
	ctm_sockets_done(&sockets);
	close(peer);
	close(listener);
}

Test(sockets, one_that_was_closed_spoils)
{
	struct ctm_sockets sockets = {0};
	int peer_port;
	int listener = listen_on_loopback(&peer_port);
	long port;
	CURL *easy = connect_to(&sockets, peer_port, &port);
	int peer = accept(listener, NULL, NULL);

	cr_assert_not(ctm_sockets_is_spoilt(&sockets, (int)port, peer_port));
	close(peer);
	await_input(&sockets);
	cr_assert(ctm_sockets_is_spoilt(&sockets, (int)port, peer_port));
	curl_easy_cleanup(easy);
	ctm_sockets_done(&sockets);
	close(listener);
}
