/* SPDX-License-Identifier: MIT */
/* ctm-endpoint: an HTTP endpoint that writes down what it is sent. See --help. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "answers.h"
#include "listen.h"
#include "options.h"
#include "record.h"
#include "server.h"

__attribute__((noreturn)) static void die(const char *what)
{
	fprintf(stderr, "ctm-endpoint: \"%s\": %s\n", what, strerror(errno));
	exit(1);
}

/* Blocked before the first thread exists, so that all inherit it and only main() gets them. */
static sigset_t block_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	return set;
}

static int listen_somewhere(struct options *options)
{
	int fd;

	if (options->unix_path)
		fd = listen_unix(options->unix_path);
	else
		fd = listen_tcp(&options->port);
	if (fd < 0)
		die(options->unix_path ? options->unix_path : "127.0.0.1");
	return fd;
}

static void wait_for_end(const sigset_t *signals, unsigned max_seconds)
{
	const struct timespec limit = {.tv_sec = (time_t)max_seconds};

	while (sigtimedwait(signals, NULL, &limit) < 0) {
		if (errno == EINTR)
			continue;
		fprintf(stderr, "ctm-endpoint: ends after %u seconds\n", max_seconds);
		return;
	}
}

int main(int argc, char **argv)
{
	struct server *server;
	struct options options;
	sigset_t signals;
	int fd;

	options_parse(argc, argv, &options);
	signals = block_signals();
	if (record_open(options.record) < 0)
		die(options.record);
	answers_init(options.answers);
	fd = listen_somewhere(&options);
	server = server_start(&options, fd);
	if (!server)
		return 1;
	if (options.port_file && listen_announce(options.port_file, options.port) < 0)
		die(options.port_file);
	wait_for_end(&signals, options.max_seconds);
	server_stop(server);
	if (options.unix_path)
		unlink(options.unix_path);
	return 0;
}
