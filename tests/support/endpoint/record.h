/* SPDX-License-Identifier: MIT */
/*
 * record.h - what ctm-endpoint writes down
 *
 * One JSON object a line: time, method, path (as it came, with its query), headers (names in lower
 * case; several of one name joined by ", "), body (or body_base64 where it is not UTF-8),
 * client_cert (over TLS: the subject, or null), answer (the line that was told).
 */
#ifndef CTM_ENDPOINT_RECORD_H
#define CTM_ENDPOINT_RECORD_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

struct record {
	const char *method;
	const char *path;
	json_t *headers; /* by record_add_header(); the caller's */
	const char *body;
	size_t body_len;
	bool tls;
	const char *client_cert; /* NULL: none that was accepted */
	const char *answer;
};

/* Opens the file for appending. -1 with errno. */
int record_open(const char *path);

void record_add_header(json_t *headers, const char *name, const char *value);

/* Appends one line with one write; may be called by several threads. -1: not written. */
int record_write(const struct record *record);

#endif
