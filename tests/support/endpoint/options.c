/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <getopt.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
	"usage: ctm-endpoint --record FILE [OPTION…]\n"
	"Plays CTM: answers HTTP on 127.0.0.1 and writes down each request, one JSON a line,\n"
	"before it is answered.\n\n"
	"  --record FILE      where to; appended\n"
	"  --port N           0 (the default): any that is free\n"
	"  --unix PATH        a Unix socket instead of a port\n"
	"  --port-file FILE   gets the port (0 for a socket) by rename, once it listens\n"
	"  --answers FILE     a line a request; the last one is repeated; read again when it\n"
	"                     changes, from its first line on\n"
	"  --tls-cert FILE --tls-key FILE [--client-ca FILE]\n"
	"                     speaks TLS; with --client-ca it answers 403 to who shows no\n"
	"                     certificate of that authority\n"
	"  --max-seconds N    ends by itself then (default 600)\n\n"
	"Words of an answer:\n"
	"  STATUS             e.g. 503; - or none is 200\n"
	"  header=Name:value  a header\n"
	"  body=TEXT          the body; quotes keep blanks together: body=\"not now\"\n"
	"  delay=MS           answers that much later\n"
	"  endless            the body never ends\n"
	"  cut                records, then closes the connection without an answer\n"
	"  cut-before         closes the connection without recording\n";

__attribute__((noreturn, format(printf, 1, 2))) static void die_usage(const char *format, ...)
{
	va_list args;

	fputs("ctm-endpoint: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputs("; see --help\n", stderr);
	exit(2);
}

static unsigned parse_number(const char *name, const char *s, unsigned long max)
{
	char *end;
	const unsigned long n = strtoul(s, &end, 10);

	if (*s < '0' || *s > '9' || *end || n > max)
		die_usage("--%s wants a number up to %lu, not \"%s\"", name, max, s);
	return (unsigned)n;
}

enum {
	OPT_PORT = 'p',
	OPT_MAX_SECONDS = 'm',
	OPT_HELP = 'h',
	OPT_STRING = 0x100
};

/* The options that are strings: where in struct options each goes. */
static const struct {
	const char *name;
	size_t offset;
} strings[] = {
	{"record", offsetof(struct options, record)},
	{"unix", offsetof(struct options, unix_path)},
	{"port-file", offsetof(struct options, port_file)},
	{"answers", offsetof(struct options, answers)},
	{"tls-cert", offsetof(struct options, tls_cert)},
	{"tls-key", offsetof(struct options, tls_key)},
	{"client-ca", offsetof(struct options, client_ca)},
};
#define N_STRINGS (sizeof strings / sizeof *strings)

static void take(struct options *options, int option)
{
	if (option >= OPT_STRING)
		memcpy((char *)options + strings[option - OPT_STRING].offset, &optarg,
			sizeof optarg);
	else if (option == OPT_PORT)
		options->port = parse_number("port", optarg, UINT16_MAX);
	else if (option == OPT_MAX_SECONDS)
		options->max_seconds = parse_number("max-seconds", optarg, 86400);
	else if (option == OPT_HELP)
		exit(fputs(help, stdout) < 0);
	else
		die_usage("wrong usage");
}

static void check(const struct options *options)
{
	if (!options->record)
		die_usage("--record is missing");
	if (!options->tls_cert != !options->tls_key)
		die_usage("--tls-cert and --tls-key go together");
	if (options->client_ca && !options->tls_cert)
		die_usage("--client-ca needs --tls-cert");
	if (options->unix_path && options->port)
		die_usage("--unix and --port exclude each other");
}

void options_parse(int argc, char **argv, struct options *options)
{
	struct option longs[N_STRINGS + 4] = {
		{"port", required_argument, NULL, OPT_PORT},
		{"max-seconds", required_argument, NULL, OPT_MAX_SECONDS},
		{"help", no_argument, NULL, OPT_HELP},
	};
	int option;

	for (size_t i = 0; i < N_STRINGS; i++)
		longs[3 + i] = (struct option){
			strings[i].name, required_argument, NULL, OPT_STRING + (int)i};
	*options = (struct options){.max_seconds = 600};
	while ((option = getopt_long(argc, argv, "", longs, NULL)) != -1)
		take(options, option);
	if (optind < argc)
		die_usage("\"%s\" is no option", argv[optind]);
	check(options);
}
