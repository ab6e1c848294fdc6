/* SPDX-License-Identifier: MIT */
#include "blame.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aria2_code.h"
#include "hresult.h"
#include "num.h"
#include "path.h"

#define PATH_SHOWN 300u
#define MESSAGE_SHOWN 200u

/* aria2 would not touch what is another download's: "in use already", and "exists already". */
bool ctm_blame_is_of_another(uint32_t code)
{
	return code == 11 || code == 12 || code == 13;
}

bool ctm_blame_is_removal(const struct ctm_report *report)
{
	return report->status == CTM_REPORT_REMOVED || report->error_code == 31;
}

/* The part behind the last "/" of a URI's path, decoded; "" where there is none that is a name. */
static void name_in_uri(const char *uri, struct ctm_buf *name)
{
	const char *scheme = strstr(uri, "://");
	const char *path = scheme ? scheme + 3 + strcspn(scheme + 3, "/?#") : "";
	size_t len = strcspn(path, "?#");
	const char *last = len ? memrchr(path, '/', len) : NULL;

	if (!last)
		return;
	for (const char *s = last + 1; s < path + len; s++) {
		const char digits[] = {s[1], s[1] ? s[2] : '\0', '\0'};
		unsigned char byte = (unsigned char)*s;

		if (*s == '%' && ctm_num_parse_hex(digits, &byte, 1) == 0)
			s += 2;
		ctm_buf_add_char(name, (char)byte);
	}
}

/* What could be a name of a file in a directory, and nothing that leads elsewhere. */
static bool is_name(const struct ctm_buf *name)
{
	return name->len && !name->error && strlen(name->data) == name->len &&
	       !strchr(name->data, '/') && strcmp(name->data, ".") != 0 &&
	       strcmp(name->data, "..") != 0;
}

int ctm_blame_path(
	const struct ctm_report *report, const struct ctm_report_file *file, char **ret_path)
{
	CTM_CLEANUP_BUF struct ctm_buf name = CTM_BUF_INIT(CTM_PATH_LIMIT);

	*ret_path = NULL;
	if (file->path[0]) {
		*ret_path = strdup(file->path);
		return *ret_path ? 0 : -ENOMEM;
	}
	name_in_uri(file->uri, &name);
	if (name.error == -ENOMEM)
		return -ENOMEM;
	if (!report->dir[0] || !is_name(&name))
		return 0;
	*ret_path = ctm_path_join(report->dir, name.data);
	return *ret_path ? 0 : -ENOMEM;
}

/* The end of a long path tells more than its beginning. */
const char *ctm_blame_name(const char *path, char buf[CTM_BLAME_NAME])
{
	const size_t len = strlen(path);

	if (len > PATH_SHOWN)
		snprintf(buf, CTM_BLAME_NAME, "\"...%s\"", path + len - PATH_SHOWN);
	else
		snprintf(buf, CTM_BLAME_NAME, "\"%s\"", path);
	return buf;
}

/* The host behind "://", without user and password. */
static const char *host_of(const char *scheme, size_t *ret_len)
{
	const char *host = scheme + 3;
	size_t len = strcspn(host, "/?# \t\r\n\"'");
	const char *at = memrchr(host, '@', len);

	if (at) {
		len -= (size_t)(at + 1 - host);
		host = at + 1;
	}
	*ret_len = len < 256 ? len : 256;
	return host;
}

/* " from dp.example", or nothing. */
static void add_server(struct ctm_buf *b, const char *uri)
{
	const char *scheme = strstr(uri, "://");
	const char *host;
	size_t len;

	if (!scheme)
		return;
	host = host_of(scheme, &len);
	if (len)
		ctm_buf_printf(b, " from %.*s", (int)len, host);
}

static const char *first_uri(const struct ctm_report *report)
{
	for (size_t i = 0; i < report->n_files; i++)
		if (report->files[i].selected && report->files[i].uri[0])
			return report->files[i].uri;
	return "";
}

/* Of a URI in it nothing is shown but scheme and host, for the same reason. */
static void add_message(struct ctm_buf *b, const char *message)
{
	const char *end = message + strnlen(message, MESSAGE_SHOWN);

	ctm_buf_add_str(b, ", \"");
	while (message < end) {
		const char *scheme = memmem(message, (size_t)(end - message), "://", 3);
		const char *host;
		size_t len;

		if (!scheme) {
			ctm_buf_add(b, message, (size_t)(end - message));
			break;
		}
		ctm_buf_add(b, message, (size_t)(scheme + 3 - message));
		host = host_of(scheme, &len);
		ctm_buf_add(b, host, len);
		message = scheme + 3 + strcspn(scheme + 3, " \t\r\n\"'");
	}
	ctm_buf_add_char(b, '"');
}

static void add_what(struct ctm_buf *b, const struct ctm_report *report)
{
	const uint32_t hresult = ctm_aria2_hresult(report->error_code, report->error_message);

	if (ctm_blame_is_removal(report)) {
		ctm_buf_add_str(b, ": the download was removed from aria2: add it again");
		return;
	}
	ctm_buf_printf(b, ": %s (aria2 error %" PRIu32,
		hresult == CTM_E_WINHTTP_CANNOT_CONNECT ? "the server could not be reached"
							: ctm_aria2_happened(report->error_code),
		report->error_code);
	if (report->error_message[0])
		add_message(b, report->error_message);
	ctm_buf_printf(b, "): %s", ctm_aria2_remedy(report->error_code, hresult));
}

const char *ctm_blame_describe(
	const struct ctm_report *report, const char *path, char *buf, size_t size)
{
	/* On the stack: want of memory is not to cost the final word its reason. */
	char text[2 * CTM_PATH_LIMIT];
	struct ctm_buf b = CTM_BUF_IN(text);
	char name[CTM_BLAME_NAME];

	if (path)
		ctm_buf_add_str(&b, ctm_blame_name(path, name));
	else
		ctm_buf_printf(&b, "download %016" PRIx64, report->gid);
	add_server(&b, first_uri(report));
	add_what(&b, report);
	snprintf(buf, size, "%s", b.error ? "aria2 gave up on a download" : text);
	return buf;
}
