/* SPDX-License-Identifier: MIT */
/*
 * The value of a single key, of the configuration's and the sidecar's tables: it is stored whole,
 * within its limits, or it is complained of and nothing is stored; and a list has all its words.
 *
 * Input: which key, its value.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config_keys.h"
#include "fuzz.h"
#include "guid.h"
#include "num.h"
#include "sidecar_read.h"
#include "utf.h"
#include "values.h"

struct told {
	const char *value;
	unsigned complaints, errors;
};

static void complain(void *context, const struct ctm_error *complaint)
{
	struct told *told = context;

	FUZZ_CHECK(complaint->line == 3 && complaint->text[0] == '[');
	told->complaints++;
	told->errors += complaint->code < 0;
}

static struct ctm_complaints listen(struct told *told)
{
	return (struct ctm_complaints){.complain = complain, .context = told, .file = "x.ini"};
}

static struct ctm_ini_entry entry_of(const char *key, const char *value)
{
	return (struct ctm_ini_entry){
		.file = "x.ini", .line = 3, .section = "x", .key = key, .value = value};
}

/* The words of a list, as strtok has them. Their number. */
static size_t split(const char *value, char **ret_copy, char *words[512])
{
	size_t n = 0;
	char *save = NULL;

	*ret_copy = fuzz_copy(value, strlen(value));
	for (char *word = strtok_r(*ret_copy, CTM_VALUE_SEPARATORS, &save); word && n < 512;
		word = strtok_r(NULL, CTM_VALUE_SEPARATORS, &save))
		words[n++] = word;
	return n;
}

static void check_schedule(const struct ctm_config *config, const char *value, bool good)
{
	char *words[512];
	char *copy;
	const size_t n = split(value, &copy, words);
	bool wanted = n && n <= CTM_CONFIG_STEPS;

	for (size_t i = 0; wanted && i < n; i++) {
		uint64_t seconds;

		wanted = ctm_num_parse_duration(words[i], 30 * 86400, &seconds) == 0;
		FUZZ_CHECK(!wanted || !good || config->schedule_s[i] == seconds);
	}
	FUZZ_CHECK(wanted == good && config->n_schedule == (good ? n : 0));
	free(copy);
}

static void check_words(char *const *list, size_t n, const char *value)
{
	char *words[512];
	char *copy;
	const size_t wanted = split(value, &copy, words);

	FUZZ_CHECK(wanted == 512 || n == wanted);
	for (size_t i = 0; i < wanted; i++)
		FUZZ_CHECK(strcmp(list[i], words[i]) == 0);
	free(copy);
}

static bool is_text(const struct ctm_config_key *key)
{
	return !key->max && !key->count && strcmp(key->name, "beside") != 0 &&
	       strcmp(key->name, "insecure") != 0 && strcmp(key->name, "format") != 0 &&
	       strcmp(key->name, "level") != 0;
}

static void check_config_value(const struct ctm_config_key *key, const void *object,
	const char *value, const struct told *told)
{
	const char *field = (const char *)object + key->offset;
	const bool good = !told->errors;
	uint64_t seconds = 0;
	char *text;

	FUZZ_CHECK(told->errors == told->complaints);
	if (strcmp(key->name, "schedule") == 0) {
		check_schedule(object, value, good);
	} else if (is_text(key)) {
		memcpy(&text, field, sizeof text);
		FUZZ_CHECK(good ? strcmp(text, value) == 0 : !text);
	} else if (key->max) {
		FUZZ_CHECK(good == (ctm_num_parse_duration(value, key->max, &seconds) == 0 &&
					   seconds >= key->min));
	} else if (key->count && strcmp(key->name, "header") != 0 && good) {
		char **list;
		size_t n;

		memcpy(&list, field, sizeof list);
		memcpy(&n, (const char *)object + key->count, sizeof n);
		check_words(list, n, value);
	}
}

static void check_config_key(const struct ctm_config_key *key, const char *value)
{
	struct told told = {0};
	struct ctm_complaints c = listen(&told);
	const struct ctm_ini_entry entry = entry_of(key->name, value);
	struct ctm_config *config = calloc(1, sizeof *config);
	void *object = config;

	if (!config)
		exit(1);
	config->endpoints = calloc(1, sizeof *config->endpoints);
	config->aria2s = calloc(1, sizeof *config->aria2s);
	config->n_endpoints = config->n_aria2s = 1;
	if (key->section == CTM_SECTION_ENDPOINT)
		object = config->endpoints;
	if (key->section == CTM_SECTION_ARIA2)
		object = config->aria2s;
	FUZZ_CHECK(key->parse(&c, key, &entry, object) == 0);
	check_config_value(key, object, value, &told);
	ctm_config_free(config);
}

/* Each flag by its name, or one number. */
static void check_flags(uint32_t flags, const char *value, bool good)
{
	char *words[512];
	char *copy;
	const size_t n = split(value, &copy, words);
	uint32_t wanted = 0;
	bool fine = ctm_num_parse_u32_any(value, &wanted) == 0;

	if (!fine) {
		fine = true;
		for (size_t i = 0; i < n; i++) {
			uint32_t flag = 0;

			fine = fine && ctm_flag_from_name(words[i], &flag);
			wanted |= flag;
		}
	}
	FUZZ_CHECK(fine == good && flags == (good ? wanted : 0));
	free(copy);
}

static void check_relative(const char *path)
{
	FUZZ_CHECK(path[0]);
	for (const char *s = path; s; s = strchr(s, '/')) {
		s += *s == '/';
		FUZZ_CHECK(strncmp(s, "..", 2) != 0 || (s[2] && s[2] != '/'));
	}
}

static void check_sidecar_value(const struct ctm_sidecar_key *key,
	const struct ctm_sidecar *sidecar, const char *value, bool good)
{
	const struct ctm_sidecar_file *file = sidecar->files;
	const char *const texts[] = {sidecar->id, sidecar->endpoint, sidecar->content_id,
		sidecar->content_version, sidecar->local_path};
	char guid[CTM_GUID_KEY];

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		FUZZ_CHECK(!texts[i] || (good && strcmp(texts[i], value) == 0));
	FUZZ_CHECK(!sidecar->id || ctm_guid_key(sidecar->id, guid) == 0);
	if (strcmp(key->name, "client_data") == 0)
		FUZZ_CHECK(good && strcmp(sidecar->client_data, value) == 0);
	if (sidecar->client_data)
		FUZZ_CHECK(ctm_utf8_valid(sidecar->client_data, strlen(sidecar->client_data)));
	if (strcmp(key->name, "path") == 0 && good)
		FUZZ_CHECK(strcmp(file->path, value) == 0);
	FUZZ_CHECK(good || !file->path);
	if (file->path)
		check_relative(file->path);
	if (strcmp(key->name, "flags") == 0)
		check_flags(sidecar->flags, value, good);
	FUZZ_CHECK(file->n_uris == (good && strcmp(key->name, "uri") == 0));
	if (file->n_uris)
		FUZZ_CHECK(strcmp(file->uris[0], value) == 0 && !strchr(value, ' '));
	FUZZ_CHECK(file->has_size == (good && strcmp(key->name, "size") == 0));
	if (key->max)
		FUZZ_CHECK(good == (ctm_num_parse(value, key->min, key->max, &(uint64_t){0}) == 0));
}

static void check_sidecar_key(const struct ctm_sidecar_key *key, const char *value)
{
	struct told told = {0};
	struct ctm_complaints c = listen(&told);
	const struct ctm_ini_entry entry = entry_of(key->name, value);
	struct ctm_sidecar *sidecar = calloc(1, sizeof *sidecar);
	struct ctm_sidecar_target to;

	if (!sidecar || !(sidecar->files = calloc(1, sizeof *sidecar->files)))
		exit(1);
	sidecar->n_files = 1;
	to = (struct ctm_sidecar_target){.sidecar = sidecar,
		.file = key->section == CTM_SIDECAR_JOB ? NULL : sidecar->files};
	FUZZ_CHECK(key->parse(&c, key, &entry, &to) == 0);
	FUZZ_CHECK(told.errors == told.complaints && told.errors <= 1);
	check_sidecar_value(key, sidecar, value, !told.errors);
	ctm_sidecar_free(sidecar);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = {data, size};
	const size_t which = fuzz_take_byte(&in) % (ctm_n_config_keys + ctm_n_sidecar_keys);
	char *value = fuzz_take_text(&in);

	/* What the reader in front hands on: UTF-8. */
	if (ctm_utf8_valid(value, strlen(value))) {
		if (which < ctm_n_config_keys)
			check_config_key(&ctm_config_keys[which], value);
		else
			check_sidecar_key(&ctm_sidecar_keys[which - ctm_n_config_keys], value);
	}
	free(value);
	return 0;
}
