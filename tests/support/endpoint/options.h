/* SPDX-License-Identifier: MIT */
/* options.h - ctm-endpoint's command line */
#ifndef CTM_ENDPOINT_OPTIONS_H
#define CTM_ENDPOINT_OPTIONS_H

struct options {
	const char *record;
	const char *unix_path;
	const char *port_file;
	const char *answers;
	const char *tls_cert;
	const char *tls_key;
	const char *client_ca;
	unsigned port; /* 0: any */
	unsigned max_seconds;
};

/* Fills *options; prints what is wrong and ends with 2, or the help and ends with 0. */
void options_parse(int argc, char **argv, struct options *options);

#endif
