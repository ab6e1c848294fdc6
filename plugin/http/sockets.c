/* SPDX-License-Identifier: MIT */
#include "sockets.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static bool note(struct ctm_sockets *sockets, curl_socket_t fd)
{
	if (sockets->n == sockets->cap) {
		const size_t cap = sockets->cap ? sockets->cap * 2 : 16;
		struct ctm_socket *items = reallocarray(sockets->items, cap, sizeof *items);

		if (!items)
			return false;
		sockets->items = items;
		sockets->cap = cap;
	}
	sockets->items[sockets->n++] = (struct ctm_socket){.fd = fd};
	return true;
}

/* One that can't be noted could not be looked at later: it is not used at all. */
static int on_new(void *user, curl_socket_t fd, curlsocktype purpose)
{
	struct ctm_sockets *sockets = user;

	(void)purpose;
	if (note(sockets, fd))
		return CURL_SOCKOPT_OK;
	sockets->short_of_memory = true;
	return CURL_SOCKOPT_ERROR;
}

bool ctm_sockets_was_short_of_memory(struct ctm_sockets *sockets)
{
	const bool was = sockets->short_of_memory;

	sockets->short_of_memory = false;
	return was;
}

static int on_close(void *user, curl_socket_t fd)
{
	struct ctm_sockets *sockets = user;

	for (size_t i = 0; i < sockets->n; i++) {
		if (sockets->items[i].fd == fd) {
			sockets->items[i] = sockets->items[--sockets->n];
			break;
		}
	}
	return close(fd);
}

void ctm_sockets_watch(struct ctm_sockets *sockets, CURL *easy)
{
	curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, on_new);
	curl_easy_setopt(easy, CURLOPT_SOCKOPTDATA, sockets);
	curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, on_close);
	curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, sockets);
}

static int port_of(const struct sockaddr_storage *address)
{
	if (address->ss_family == AF_INET)
		return ntohs(((const struct sockaddr_in *)address)->sin_port);
	if (address->ss_family == AF_INET6)
		return ntohs(((const struct sockaddr_in6 *)address)->sin6_port);
	return 0;
}

/* They are known only once the socket is connected. */
static void learn_ports(struct ctm_socket *s)
{
	struct sockaddr_storage ours = {0};
	struct sockaddr_storage theirs = {0};
	socklen_t ours_len = sizeof ours;
	socklen_t theirs_len = sizeof theirs;

	if (s->port || getsockname(s->fd, (struct sockaddr *)&ours, &ours_len) < 0 ||
		getpeername(s->fd, (struct sockaddr *)&theirs, &theirs_len) < 0)
		return;
	s->port = port_of(&ours);
	s->peer_port = port_of(&theirs);
}

static bool has_input(const struct ctm_socket *s)
{
	struct pollfd fd = {.fd = s->fd, .events = POLLIN};

	return poll(&fd, 1, 0) > 0;
}

bool ctm_sockets_is_spoilt(struct ctm_sockets *sockets, int port, int peer_port)
{
	bool spoilt = false;

	for (size_t i = 0; port && i < sockets->n; i++) {
		struct ctm_socket *s = &sockets->items[i];

		learn_ports(s);
		if (s->port != port || s->peer_port != peer_port)
			continue;
		spoilt |= s->used && has_input(s);
		s->used = true;
	}
	return spoilt;
}

void ctm_sockets_done(struct ctm_sockets *sockets)
{
	free(sockets->items);
	*sockets = (struct ctm_sockets){0};
}
