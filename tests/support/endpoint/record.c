/* SPDX-License-Identifier: MIT */
#include "record.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <gnutls/gnutls.h>

static int record_fd = -1;

int record_open(const char *path)
{
	record_fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	return record_fd < 0 ? -1 : 0;
}

static void lower(char *s)
{
	for (; *s; s++)
		*s = (char)tolower((unsigned char)*s);
}

void record_add_header(json_t *headers, const char *name, const char *value)
{
	char *key = strdup(name);
	const char *before;
	char *joined = NULL;

	if (!key)
		return;
	lower(key);
	before = json_string_value(json_object_get(headers, key));
	if (before && asprintf(&joined, "%s, %s", before, value) < 0)
		joined = NULL;
	json_object_set_new_nocheck(headers, key,
		json_string_nocheck(joined  ? joined
				    : value ? value
					    : ""));
	free(joined);
	free(key);
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void add_base64(json_t *object, const char *bytes, size_t len)
{
	const gnutls_datum_t raw = {(unsigned char *)(uintptr_t)bytes, (unsigned)len};
	gnutls_datum_t text;

	if (gnutls_base64_encode2(&raw, &text) < 0)
		return;
	json_object_set_new(
		object, "body_base64", json_stringn((const char *)text.data, text.size));
	gnutls_free(text.data);
}

static json_t *make_object(const struct record *r)
{
	json_t *object = json_pack("{s:f, s:s, s:s, s:O}", "time", now(), "method", r->method,
		"path", r->path, "headers", r->headers);
	json_t *body = json_stringn(r->body, r->body_len);

	if (body)
		json_object_set_new(object, "body", body);
	else
		add_base64(object, r->body, r->body_len);
	if (r->tls)
		json_object_set_new(object, "client_cert",
			r->client_cert ? json_string_nocheck(r->client_cert) : json_null());
	json_object_set_new(object, "answer", json_string(r->answer));
	return object;
}

static int write_line(const char *json)
{
	char *line;
	ssize_t n;
	const int len = asprintf(&line, "%s\n", json);

	if (len < 0)
		return -1;
	n = write(record_fd, line, (size_t)len);
	free(line);
	if (n == len)
		return 0;
	fprintf(stderr, "ctm-endpoint: the record can't be written: %s\n",
		n < 0 ? strerror(errno) : "short write");
	return -1;
}

int record_write(const struct record *record)
{
	json_t *object = make_object(record);
	char *json = object ? json_dumps(object, JSON_COMPACT) : NULL;
	const int r = json ? write_line(json) : -1;

	free(json);
	json_decref(object);
	return r;
}
