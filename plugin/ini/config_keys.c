/* SPDX-License-Identifier: MIT */
#include "config_keys.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "buf.h"
#include "header_rule.h"
#include "num.h"
#include "url.h"
#include "values.h"

#define DAY UINT64_C(86400)
#define YEARS (3650 * DAY)

static void *member(void *object, const struct ctm_config_key *key)
{
	return (char *)object + key->offset;
}

static int store(const struct ctm_config_key *key, const struct ctm_ini_entry *entry, void *object)
{
	char **field = member(object, key);
	char *copy = strdup(entry->value);

	if (!copy)
		return -ENOMEM;
	free(*field);
	*field = copy;
	return 0;
}

static int append(const struct ctm_config_key *key, const char *value, size_t len, void *object)
{
	size_t *n = (void *)((char *)object + key->count);

	return ctm_value_append(member(object, key), n, value, len);
}

static int complain(struct ctm_complaints *c, const struct ctm_config_key *key,
	const struct ctm_ini_entry *entry, const char *wrong)
{
	if (key->unseen)
		ctm_complain_key(
			c, entry, "the value, which is not shown as it may be a secret, %s", wrong);
	else
		ctm_complain_key(c, entry, "\"%s\" %s", CTM_SHOW(entry->value), wrong);
	return 0;
}

static int parse_path(struct ctm_complaints *c, const struct ctm_config_key *key,
	const struct ctm_ini_entry *entry, void *object)
{
	if (entry->value[0] != '/')
		return complain(c, key, entry, "is not an absolute path, which begins with \"/\"");
	return store(key, entry, object);
}

static int parse_target(struct ctm_complaints *c, const struct ctm_config_key *key,
	const struct ctm_ini_entry *entry, void *object)
{
	bool good = entry->value[0] == '/';

	for (size_t i = 0; key->words[i]; i++)
		good = good || strcmp(entry->value, key->words[i]) == 0;
	if (!good)
		return complain(c, key, entry,
			"is none of auto, stderr, syslog, journal and an absolute file name");
	return store(key, entry, object);
}

static int parse_proxy(struct ctm_complaints *c, const struct ctm_config_key *key,
	const struct ctm_ini_entry *entry, void *object)
{
	if (strchr(entry->value, ' ') || ctm_value_has_control(entry->value))
		return complain(c, key, entry, "is not a proxy; write http://host:port");
	return store(key, entry, object);
}

static int parse_url(struct ctm_complaints *c, const struct ctm_config_key *key,
	const struct ctm_ini_entry *entry, void *object)
{
	struct ctm_url url;
	const char *wrong = ctm_url_split(entry->value, &url);

	if (!wrong)
		return store(key, entry, object);
	ctm_complain_key(c, entry, "\"%s\" %s", CTM_SHOW_URL(entry->value), wrong);
	return 0;
}

static int parse_bool(struct ctm_complaints *c, const struct ctm_config_key *key,
	const struct ctm_ini_entry *entry, void *object)
{
	if (!ctm_value_bool(entry->value, member(object, key)))
		return complain(c, key, entry, "is neither yes nor no");
	return 0;
}

static int parse_choice(struct ctm_complaints *c, const struct ctm_config_key *key,
	const struct ctm_ini_entry *entry, void *object)
{
	char known[96] = "";

	_Static_assert(sizeof(enum ctm_log_format) == sizeof(unsigned) &&
			       sizeof(enum ctm_log_level) == sizeof(unsigned),
		"choices are stored as unsigned");
	for (unsigned i = 0; key->words[i]; i++) {
		if (strcasecmp(entry->value, key->words[i]) == 0) {
			memcpy(member(object, key), &i, sizeof i);
			return 0;
		}
		strcat(strcat(known, i ? ", " : ""), key->words[i]);
	}
	ctm_complain_key(c, entry, "\"%s\" is none of %s", CTM_SHOW(entry->value), known);
	return 0;
}

/* A duration within the key's limits; false after a complaint. */
static bool read_duration(struct ctm_complaints *c, const struct ctm_config_key *key,
	const struct ctm_ini_entry *entry, const char *value, uint64_t *ret_seconds)
{
	const int r = ctm_num_parse_duration(value, key->max, ret_seconds);

	if (r == -EINVAL)
		ctm_complain_key(c, entry,
			"\"%s\" is not a duration; write seconds, or a number with s, m, h or d",
			CTM_SHOW(value));
	else if (r < 0 || *ret_seconds < key->min)
		ctm_complain_key(c, entry,
			"\"%s\" is out of range; it can be %" PRIu64 "s to %" PRIu64 "s",
			CTM_SHOW(value), key->min, key->max);
	else
		return true;
	return false;
}

static int parse_seconds(struct ctm_complaints *c, const struct ctm_config_key *key,
	const struct ctm_ini_entry *entry, void *object)
{
	uint64_t *field = member(object, key);
	uint64_t seconds;

	if (read_duration(c, key, entry, entry->value, &seconds))
		*field = seconds;
	return 0;
}

static int parse_seconds_u32(struct ctm_complaints *c, const struct ctm_config_key *key,
	const struct ctm_ini_entry *entry, void *object)
{
	uint32_t *field = member(object, key);
	uint64_t seconds;

	if (read_duration(c, key, entry, entry->value, &seconds))
		*field = (uint32_t)seconds;
	return 0;
}

static int parse_ms(struct ctm_complaints *c, const struct ctm_config_key *key,
	const struct ctm_ini_entry *entry, void *object)
{
	uint32_t *field = member(object, key);
	uint64_t seconds;

	if (read_duration(c, key, entry, entry->value, &seconds))
		*field = (uint32_t)seconds * 1000;
	return 0;
}

static int parse_schedule(struct ctm_complaints *c, const struct ctm_config_key *key,
	const struct ctm_ini_entry *entry, void *object)
{
	struct ctm_config *config = object;
	const char *cursor = entry->value;
	const char *word;
	size_t n = 0;
	size_t len;

	while (word = ctm_value_word(&cursor, &len), len) {
		CTM_CLEANUP_FREE char *text = strndup(word, len);
		uint64_t seconds;

		if (!text)
			return -ENOMEM;
		if (n == CTM_CONFIG_STEPS) {
			ctm_complain_key(c, entry, "more than %u steps", CTM_CONFIG_STEPS);
			return 0;
		}
		if (!read_duration(c, key, entry, text, &seconds))
			return 0;
		config->schedule_s[n++] = (uint32_t)seconds;
	}
	if (!n)
		return complain(c, key, entry, "holds no step; write a list such as 0, 5s, 5m");
	config->n_schedule = n;
	return 0;
}

static int parse_words(struct ctm_complaints *c, const struct ctm_config_key *key,
	const struct ctm_ini_entry *entry, void *object)
{
	const char *cursor = entry->value;
	const char *word;
	size_t len;
	int r = 0;

	(void)c;
	while (r == 0 && (word = ctm_value_word(&cursor, &len), len))
		r = append(key, word, len, object);
	return r;
}

static int parse_urls(struct ctm_complaints *c, const struct ctm_config_key *key,
	const struct ctm_ini_entry *entry, void *object)
{
	const size_t *n = (void *)((char *)object + key->count);
	char *const *const *urls = member(object, key);
	const size_t before = *n;
	const int r = parse_words(c, key, entry, object);

	for (size_t i = before; i < *n; i++) {
		struct ctm_url url;
		const char *wrong = ctm_url_split((*urls)[i], &url);

		if (!wrong)
			continue;
		/* A password with a comma or a blank in it was split. */
		if (strchr(entry->value, '@'))
			ctm_complain_key(c, entry, "URL %zu of it %s", i - before + 1, wrong);
		else
			ctm_complain_key(c, entry, "\"%s\" %s", CTM_SHOW((*urls)[i]), wrong);
	}
	return r;
}

/* Of a wrong one the name is shown at most: the value is a secret often enough. */
static int parse_header(struct ctm_complaints *c, const struct ctm_config_key *key,
	const struct ctm_ini_entry *entry, void *object)
{
	size_t name_len;
	const char *wrong = ctm_header_wrong(entry->value, false, &name_len);

	if (!wrong && ctm_value_has_control(entry->value))
		wrong = "holds a control character; remove it";
	if (!wrong)
		return append(key, entry->value, strlen(entry->value), object);
	if (!name_len)
		return complain(c, key, entry, wrong);
	ctm_complain_key(c, entry, "header \"%.*s\" %s",
		(int)(name_len < CTM_SHOWN ? name_len : CTM_SHOWN), entry->value, wrong);
	return 0;
}

const char *const ctm_config_sections[CTM_SECTIONS] = {
	[CTM_SECTION_STATE] = "state",
	[CTM_SECTION_SIDECAR] = "sidecar",
	[CTM_SECTION_ENDPOINT] = "endpoint",
	[CTM_SECTION_RETRY] = "retry",
	[CTM_SECTION_ARIA2] = "aria2",
	[CTM_SECTION_LOG] = "log",
};

static const char *const targets[] = {"auto", "stderr", "syslog", "journal", NULL};

static const char *const formats[] = {
	[CTM_LOG_TEXT] = "text",
	[CTM_LOG_JSON] = "json",
	[CTM_LOG_CMTRACE] = "cmtrace",
	NULL,
};

static const char *const levels[] = {
	[CTM_LOG_ERROR] = "error",
	[CTM_LOG_WARNING] = "warning",
	[CTM_LOG_INFO] = "info",
	[CTM_LOG_DEBUG] = "debug",
	NULL,
};

#define CONFIG(m) .offset = offsetof(struct ctm_config, m)
#define ENDPOINT(m) .offset = offsetof(struct ctm_endpoint, m)
#define ARIA2(m) .offset = offsetof(struct ctm_aria2, m)
#define LIMITS(from, to) .min = (from), .max = (to)

/* clang-format off */
const struct ctm_config_key ctm_config_keys[] = {
	{ CTM_SECTION_STATE, "dir", parse_path, CONFIG(state_dir) },
	{ CTM_SECTION_STATE, "keep", parse_seconds, CONFIG(keep_s), LIMITS(0, YEARS) },
	{ CTM_SECTION_STATE, "give_up", parse_seconds, CONFIG(give_up_s), LIMITS(1, YEARS) },
	{ CTM_SECTION_STATE, "unclaimed", parse_seconds, CONFIG(unclaimed_s), LIMITS(0, YEARS) },

	{ CTM_SECTION_SIDECAR, "dir", parse_path, CONFIG(sidecar_dir) },
	{ CTM_SECTION_SIDECAR, "beside", parse_bool, CONFIG(sidecar_beside) },
	{ CTM_SECTION_SIDECAR, "owner", parse_words, CONFIG(owners),
		.count = offsetof(struct ctm_config, n_owners), .repeatable = true },
	{ CTM_SECTION_SIDECAR, "root", parse_path, CONFIG(sidecar_root) },

	{ CTM_SECTION_ENDPOINT, "url", parse_url, ENDPOINT(url) },
	{ CTM_SECTION_ENDPOINT, "insecure", parse_bool, ENDPOINT(insecure) },
	{ CTM_SECTION_ENDPOINT, "socket", parse_path, ENDPOINT(socket) },
	{ CTM_SECTION_ENDPOINT, "allow", parse_urls, ENDPOINT(allow),
		.count = offsetof(struct ctm_endpoint, n_allow), .repeatable = true },
	{ CTM_SECTION_ENDPOINT, "ca_file", parse_path, ENDPOINT(ca_file) },
	{ CTM_SECTION_ENDPOINT, "cert_file", parse_path, ENDPOINT(cert_file) },
	{ CTM_SECTION_ENDPOINT, "key_file", parse_path, ENDPOINT(key_file) },
	{ CTM_SECTION_ENDPOINT, "token_file", parse_path, ENDPOINT(token_file),
		.unseen = true },
	{ CTM_SECTION_ENDPOINT, "secret_file", parse_path, ENDPOINT(secret_file),
		.unseen = true },
	{ CTM_SECTION_ENDPOINT, "header", parse_header, ENDPOINT(headers),
		.count = offsetof(struct ctm_endpoint, n_headers), .repeatable = true,
		.unseen = true },
	{ CTM_SECTION_ENDPOINT, "connect_timeout", parse_ms, ENDPOINT(connect_timeout_ms),
		LIMITS(1, DAY) },
	{ CTM_SECTION_ENDPOINT, "timeout", parse_ms, ENDPOINT(timeout_ms), LIMITS(1, DAY) },
	{ CTM_SECTION_ENDPOINT, "proxy", parse_proxy, ENDPOINT(proxy), .unseen = true },

	{ CTM_SECTION_RETRY, "schedule", parse_schedule, CONFIG(schedule_s), LIMITS(0, 30 * DAY) },
	{ CTM_SECTION_RETRY, "linger", parse_seconds_u32, CONFIG(linger_s), LIMITS(0, DAY) },

	{ CTM_SECTION_ARIA2, "rpc", parse_url, ARIA2(rpc) },
	{ CTM_SECTION_ARIA2, "secret_file", parse_path, ARIA2(secret_file), .unseen = true },

	{ CTM_SECTION_LOG, "target", parse_target, CONFIG(log_target), .words = targets },
	{ CTM_SECTION_LOG, "format", parse_choice, CONFIG(log_format), .words = formats },
	{ CTM_SECTION_LOG, "level", parse_choice, CONFIG(log_level), .words = levels },
};
/* clang-format on */

const size_t ctm_n_config_keys = sizeof ctm_config_keys / sizeof *ctm_config_keys;
