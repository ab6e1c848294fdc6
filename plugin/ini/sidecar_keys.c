/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base64.h"
#include "guid.h"
#include "num.h"
#include "path.h"
#include "sidecar_read.h"
#include "utf.h"
#include "values.h"

static void *member(const struct ctm_sidecar_target *to, const struct ctm_sidecar_key *key)
{
	return (to->file ? (char *)to->file : (char *)to->sidecar) + key->offset;
}

static int store(
	const struct ctm_sidecar_key *key, const char *value, const struct ctm_sidecar_target *to)
{
	char **field = member(to, key);
	char *copy = to->file ? ctm_arena_text(&to->sidecar->text, value) : strdup(value);

	if (!copy)
		return -ENOMEM;
	if (!to->file)
		free(*field);
	*field = copy;
	return 0;
}

static int complain(struct ctm_complaints *c, const struct ctm_ini_entry *entry, const char *wrong)
{
	ctm_complain_key(c, entry, "\"%s\" %s",
		strstr(entry->value, "://") ? CTM_SHOW_URL(entry->value) : CTM_SHOW(entry->value),
		wrong);
	return 0;
}

static int parse_text(struct ctm_complaints *c, const struct ctm_sidecar_key *key,
	const struct ctm_ini_entry *entry, const struct ctm_sidecar_target *to)
{
	(void)c;
	return store(key, entry->value, to);
}

static int parse_guid(struct ctm_complaints *c, const struct ctm_sidecar_key *key,
	const struct ctm_ini_entry *entry, const struct ctm_sidecar_target *to)
{
	char id[CTM_GUID_KEY];

	if (ctm_guid_key(entry->value, id) < 0)
		return complain(c, entry,
			"is not a GUID; write {xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx}, as "
			"DownloadContent returned it");
	return store(key, entry->value, to);
}

static int parse_endpoint(struct ctm_complaints *c, const struct ctm_sidecar_key *key,
	const struct ctm_ini_entry *entry, const struct ctm_sidecar_target *to)
{
	if (!entry->value[0] || ctm_value_has_control(entry->value))
		return complain(
			c, entry, "is no endpoint; write the name of an [endpoint.NAME] or a URL");
	return store(key, entry->value, to);
}

static int parse_kind(struct ctm_complaints *c, const struct ctm_sidecar_key *key,
	const struct ctm_ini_entry *entry, const struct ctm_sidecar_target *to)
{
	if (!ctm_kind_from_name(entry->value, member(to, key)))
		return complain(c, entry, "is none of listed, totals and single");
	return 0;
}

static int parse_priority(struct ctm_complaints *c, const struct ctm_sidecar_key *key,
	const struct ctm_ini_entry *entry, const struct ctm_sidecar_target *to)
{
	if (!ctm_priority_from_name(entry->value, member(to, key)))
		return complain(c, entry, "is none of foreground, high, normal and low");
	return 0;
}

static int parse_bool(struct ctm_complaints *c, const struct ctm_sidecar_key *key,
	const struct ctm_ini_entry *entry, const struct ctm_sidecar_target *to)
{
	if (!ctm_value_bool(entry->value, member(to, key)))
		return complain(c, entry, "is neither true nor false");
	return 0;
}

/* A number within the key's limits; false after a complaint. */
static bool read_number(struct ctm_complaints *c, const struct ctm_sidecar_key *key,
	const struct ctm_ini_entry *entry, uint64_t *ret_value)
{
	if (ctm_num_parse(entry->value, key->min, key->max, ret_value) == 0)
		return true;
	ctm_complain_key(c, entry,
		"\"%s\" is not a number from %" PRIu64 " to %" PRIu64 " in decimal digits",
		CTM_SHOW(entry->value), key->min, key->max);
	return false;
}

static int parse_u64(struct ctm_complaints *c, const struct ctm_sidecar_key *key,
	const struct ctm_ini_entry *entry, const struct ctm_sidecar_target *to)
{
	uint64_t *field = member(to, key);
	uint64_t value;

	if (read_number(c, key, entry, &value))
		*field = value;
	return 0;
}

static int parse_u32(struct ctm_complaints *c, const struct ctm_sidecar_key *key,
	const struct ctm_ini_entry *entry, const struct ctm_sidecar_target *to)
{
	uint32_t *field = member(to, key);
	uint64_t value;

	if (read_number(c, key, entry, &value))
		*field = (uint32_t)value;
	return 0;
}

static int parse_bytes_total(struct ctm_complaints *c, const struct ctm_sidecar_key *key,
	const struct ctm_ini_entry *entry, const struct ctm_sidecar_target *to)
{
	struct ctm_sidecar *sidecar = to->sidecar;

	sidecar->has_bytes_total = read_number(c, key, entry, &sidecar->bytes_total);
	return 0;
}

static int parse_size(struct ctm_complaints *c, const struct ctm_sidecar_key *key,
	const struct ctm_ini_entry *entry, const struct ctm_sidecar_target *to)
{
	struct ctm_sidecar_file *file = to->file;

	file->has_size = read_number(c, key, entry, &file->size);
	return 0;
}

static int parse_flags(struct ctm_complaints *c, const struct ctm_sidecar_key *key,
	const struct ctm_ini_entry *entry, const struct ctm_sidecar_target *to)
{
	uint32_t *field = member(to, key);
	const char *cursor = entry->value;
	const char *word;
	uint32_t flags = 0;
	size_t len;

	if (ctm_num_parse_u32_any(entry->value, field) == 0)
		return 0;
	while (word = ctm_value_word(&cursor, &len), len) {
		char name[32] = "";
		uint32_t flag;

		memcpy(name, word, len < sizeof name ? len : sizeof name - 1);
		if (!ctm_flag_from_name(name, &flag)) {
			ctm_complain_key(c, entry,
				"\"%s\" is no flag; write names such as directory, "
				"notifyprogress, or one number of 32 bits",
				CTM_SHOW(name));
			return 0;
		}
		flags |= flag;
	}
	*field = flags;
	return 0;
}

static int parse_gid(struct ctm_complaints *c, const struct ctm_sidecar_key *key,
	const struct ctm_ini_entry *entry, const struct ctm_sidecar_target *to)
{
	if (ctm_num_parse_gid(entry->value, member(to, key)) < 0)
		return complain(c, entry, "is not a GID of aria2; that is 16 hexadecimal digits");
	return 0;
}

static int parse_sha256(struct ctm_complaints *c, const struct ctm_sidecar_key *key,
	const struct ctm_ini_entry *entry, const struct ctm_sidecar_target *to)
{
	unsigned char sha256[CTM_SHA256_BYTES];
	unsigned char *copy;

	(void)key;
	if (ctm_num_parse_hex(entry->value, sha256, sizeof sha256) < 0)
		return complain(c, entry, "is not a SHA-256; that is 64 hexadecimal digits");
	copy = ctm_arena_copy(&to->sidecar->text, sha256, sizeof sha256);
	if (!copy)
		return -ENOMEM;
	to->file->sha256 = copy;
	to->file->has_sha256 = true;
	return 0;
}

static int parse_uri(struct ctm_complaints *c, const struct ctm_sidecar_key *key,
	const struct ctm_ini_entry *entry, const struct ctm_sidecar_target *to)
{
	static const char *const schemes[] = {
		"https://", "http://", "ftp://", "sftp://", "magnet:?"};
	struct ctm_sidecar_file *file = to->file;
	size_t n = file->n_uris;
	bool known = false;
	int r;

	(void)key;
	for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
		const size_t len = strlen(schemes[i]);

		known = known ||
			(strncasecmp(entry->value, schemes[i], len) == 0 && entry->value[len]);
	}
	if (!known)
		return complain(c, entry, "is no URI of https, http, ftp, sftp or magnet");
	if (strchr(entry->value, ' ') || ctm_value_has_control(entry->value))
		return complain(c, entry, "holds a blank or a control character; encode it as %20");
	r = ctm_value_append(&file->uris, &n, entry->value, strlen(entry->value));
	file->n_uris = (uint32_t)n;
	return r;
}

/* What is wrong with a path by its text alone; NULL: nothing. */
static const char *judge_path(const char *path)
{
	const char *name = ctm_path_name(path);

	if (ctm_value_is_windows_path(path))
		return "is a path of Windows; write the one on this machine, with \"/\"";
	if (strlen(path) > CTM_PATH_LIMIT)
		return "is too long for a path";
	for (const char *s = path; s; s = strchr(s, '/')) {
		s += *s == '/';
		if (strncmp(s, "..", 2) == 0 && (!s[2] || s[2] == '/'))
			return "has a \"..\" in it; write the path without";
	}
	if (!name[0] || strcmp(name, ".") == 0)
		return "names no file; write dir/name, relative to local_path";
	return NULL;
}

static int parse_path(struct ctm_complaints *c, const struct ctm_sidecar_key *key,
	const struct ctm_ini_entry *entry, const struct ctm_sidecar_target *to)
{
	const char *wrong = judge_path(entry->value);

	return wrong ? complain(c, entry, wrong) : store(key, entry->value, to);
}

static int parse_local_path(struct ctm_complaints *c, const struct ctm_sidecar_key *key,
	const struct ctm_ini_entry *entry, const struct ctm_sidecar_target *to)
{
	CTM_CLEANUP_FREE char *inside = NULL;
	const char *wrong;

	if (entry->value[0] != '/' && !ctm_value_is_windows_path(entry->value))
		return complain(c, entry, "is not absolute; write a path that begins with \"/\"");
	/* A directory may end in "/", so the rules for a file's path get one that is in it. */
	inside = ctm_path_join(entry->value, "x");
	if (!inside)
		return -ENOMEM;
	wrong = judge_path(inside);
	return wrong ? complain(c, entry, wrong) : store(key, entry->value, to);
}

/* The text behind base64 in *ret_text, which the caller frees; NULL after a complaint. */
static int decode(struct ctm_complaints *c, const struct ctm_ini_entry *entry, char **ret_text)
{
	CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(CTM_INI_VALUE_LIMIT);
	const int r = ctm_base64_decode(entry->value, &b);

	*ret_text = NULL;
	if (r == -ENOMEM)
		return r;
	if (r < 0)
		return complain(c, entry, "is not base64 (A-Z a-z 0-9 + /, padded with =)");
	if (b.len && (memchr(b.data, '\0', b.len) || !ctm_utf8_valid(b.data, b.len)))
		return complain(c, entry, "is not UTF-8 without NUL when decoded");
	*ret_text = ctm_buf_take(&b);
	return *ret_text ? 0 : -ENOMEM;
}

static int parse_text_base64(struct ctm_complaints *c, const struct ctm_sidecar_key *key,
	const struct ctm_ini_entry *entry, const struct ctm_sidecar_target *to)
{
	CTM_CLEANUP_FREE char *text = NULL;
	const int r = decode(c, entry, &text);

	return text ? store(key, text, to) : r;
}

static int parse_path_base64(struct ctm_complaints *c, const struct ctm_sidecar_key *key,
	const struct ctm_ini_entry *entry, const struct ctm_sidecar_target *to)
{
	CTM_CLEANUP_FREE char *text = NULL;
	const int r = decode(c, entry, &text);
	const char *wrong = text ? judge_path(text) : NULL;

	if (wrong)
		ctm_complain_key(c, entry, "\"%s\" (decoded) %s", CTM_SHOW(text), wrong);
	return text && !wrong ? store(key, text, to) : r;
}

#define JOB(m) .offset = offsetof(struct ctm_sidecar, m)
#define FILE_(m) .offset = offsetof(struct ctm_sidecar_file, m)
#define LIMITS(from, to) .min = (from), .max = (to)

/* clang-format off */
const struct ctm_sidecar_key ctm_sidecar_keys[] = {
	{ CTM_SIDECAR_JOB, "id", parse_guid, JOB(id), .required = true },
	{ CTM_SIDECAR_JOB, "kind", parse_kind, JOB(kind), .required = true },
	{ CTM_SIDECAR_JOB, "endpoint", parse_endpoint, JOB(endpoint), .required = true },
	{ CTM_SIDECAR_JOB, "client_data", parse_text, JOB(client_data), .opaque = true,
		.other = "client_data_base64" },
	{ CTM_SIDECAR_JOB, "client_data_base64", parse_text_base64, JOB(client_data),
		.other = "client_data" },
	{ CTM_SIDECAR_JOB, "content_id", parse_text, JOB(content_id) },
	{ CTM_SIDECAR_JOB, "content_version", parse_text, JOB(content_version) },
	{ CTM_SIDECAR_JOB, "local_path", parse_local_path, JOB(local_path) },
	{ CTM_SIDECAR_JOB, "files_total", parse_u32, JOB(files_total), LIMITS(1, UINT32_MAX) },
	{ CTM_SIDECAR_JOB, "bytes_total", parse_bytes_total, LIMITS(0, UINT64_MAX) },
	{ CTM_SIDECAR_JOB, "timeout", parse_u64, JOB(timeout_s), LIMITS(0, UINT32_MAX) },
	{ CTM_SIDECAR_JOB, "chunk_size", parse_u64, JOB(chunk_size), LIMITS(0, UINT64_MAX) },
	{ CTM_SIDECAR_JOB, "flags", parse_flags, JOB(flags) },
	{ CTM_SIDECAR_JOB, "priority", parse_priority, JOB(priority) },
	{ CTM_SIDECAR_JOB, "delete_on_error", parse_bool, JOB(delete_on_error) },

	{ CTM_SIDECAR_FILE, "path", parse_path, FILE_(path), .opaque = true,
		.other = "path_base64" },
	{ CTM_SIDECAR_FILE, "path_base64", parse_path_base64, FILE_(path), .other = "path" },
	{ CTM_SIDECAR_FILE, "size", parse_size, LIMITS(0, UINT64_MAX) },
	{ CTM_SIDECAR_FILE, "gid", parse_gid, FILE_(gid) },
	{ CTM_SIDECAR_FILE, "sha256", parse_sha256, LIMITS(0, 0) },
	{ CTM_SIDECAR_FILE, "uri", parse_uri, .repeatable = true },
};
/* clang-format on */

const size_t ctm_n_sidecar_keys = sizeof ctm_sidecar_keys / sizeof *ctm_sidecar_keys;

size_t ctm_sidecar_key_names(enum ctm_sidecar_section section, const char **to)
{
	size_t n = 0;

	for (size_t i = 0; i < ctm_n_sidecar_keys; i++)
		if (ctm_sidecar_keys[i].section == section)
			to[n++] = ctm_sidecar_keys[i].name;
	return n;
}
