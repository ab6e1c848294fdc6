/* SPDX-License-Identifier: MIT */
#include "config_read.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "config_keys.h"
#include "header_rule.h"
#include "url.h"
#include "values.h"

#define MOST_KEYS 64u /* of the whole table */

/* Where in the text an object stands. */
struct place {
	unsigned line;             /* of its section, the first time */
	unsigned lines[MOST_KEYS]; /* of each key of the table; 0: not given */
	unsigned *allow_lines;     /* of each of an endpoint's `allow` */
};

struct reader {
	struct ctm_config *config;
	struct ctm_complaints *c;
	enum ctm_config_section section;
	void *object;                     /* that the section's keys go to */
	struct place *place;              /* of that object */
	struct place common;              /* of the config itself */
	struct place *endpoints, *aria2s; /* in the order of the config's */
};

static void report(void *context, const struct ctm_error *complaint)
{
	struct reader *r = context;

	if (complaint->code < 0) {
		r->c->errors++;
		if (r->section == CTM_SECTION_STATE || r->section == CTM_SECTION_UNKNOWN)
			r->c->state_damaged = true;
	}
	if (r->c->complain)
		r->c->complain(r->c->context, complaint);
}

/* Makes room for one more, zeroed, at the end of an array. */
static void *grow(void *array, size_t n, size_t size)
{
	char *longer = realloc(array, (n + 1) * size);

	if (longer)
		memset(longer + n * size, 0, size);
	return longer;
}

static int begin_endpoint(struct reader *r, const char *name, unsigned line)
{
	struct ctm_config *config = r->config;
	size_t i = 0;
	void *p;

	while (i < config->n_endpoints && strcmp(config->endpoints[i].name, name) != 0)
		i++;
	if (i == config->n_endpoints) {
		if (!(p = grow(config->endpoints, i, sizeof *config->endpoints)))
			return -ENOMEM;
		config->endpoints = p;
		if (!(p = grow(r->endpoints, i, sizeof *r->endpoints)))
			return -ENOMEM;
		r->endpoints = p;
		config->endpoints[i].name = strdup(name);
		if (!config->endpoints[i].name)
			return -ENOMEM;
		config->endpoints[i].line = r->endpoints[i].line = line;
		config->endpoints[i].connect_timeout_ms = 10000;
		config->endpoints[i].timeout_ms = 30000;
		config->n_endpoints++;
	}
	r->object = &config->endpoints[i];
	r->place = &r->endpoints[i];
	return 0;
}

static int begin_aria2(struct reader *r, const char *name, unsigned line)
{
	struct ctm_config *config = r->config;
	size_t i = 0;
	void *p;

	while (i < config->n_aria2s && strcmp(config->aria2s[i].name, name) != 0)
		i++;
	if (i == config->n_aria2s) {
		if (!(p = grow(config->aria2s, i, sizeof *config->aria2s)))
			return -ENOMEM;
		config->aria2s = p;
		if (!(p = grow(r->aria2s, i, sizeof *r->aria2s)))
			return -ENOMEM;
		r->aria2s = p;
		config->aria2s[i].name = strdup(name);
		if (!config->aria2s[i].name)
			return -ENOMEM;
		r->aria2s[i].line = line;
		config->n_aria2s++;
	}
	r->object = &config->aria2s[i];
	r->place = &r->aria2s[i];
	return 0;
}

/* Which section a name is of; *ret_name is what stands behind the first ".", "" without one. */
static enum ctm_config_section find_section(const char *section, const char **ret_name)
{
	const size_t len = strcspn(section, ".");
	size_t i = 0;

	while (i < CTM_SECTIONS && (strlen(ctm_config_sections[i]) != len ||
					   strncmp(section, ctm_config_sections[i], len) != 0))
		i++;
	*ret_name = section[len] ? section + len + 1 : "";
	if (section[len] && i != CTM_SECTION_ENDPOINT && i != CTM_SECTION_ARIA2)
		return CTM_SECTION_UNKNOWN;
	return (enum ctm_config_section)i;
}

static int begin_section(struct reader *r, const struct ctm_ini_entry *entry)
{
	const char *name;

	r->section = find_section(entry->section, &name);
	r->object = r->config;
	r->place = &r->common;
	if (r->section == CTM_SECTION_UNKNOWN) {
		ctm_complain_unknown_section(r->c, entry, ctm_config_sections, CTM_SECTIONS);
		return 0;
	}
	if (r->section == CTM_SECTION_ARIA2)
		return begin_aria2(r, name, entry->line);
	if (r->section != CTM_SECTION_ENDPOINT)
		return 0;
	if (!*name) {
		ctm_complain_error(r->c, entry->line, "[%s] has no name; write [endpoint.NAME]",
			entry->section);
		r->section = CTM_SECTION_UNKNOWN;
		return 0;
	}
	return begin_endpoint(r, name, entry->line);
}

static void complain_unknown_key(struct reader *r, const struct ctm_ini_entry *entry)
{
	const char *known[MOST_KEYS];
	size_t n = 0;

	for (size_t i = 0; i < ctm_n_config_keys; i++)
		if (ctm_config_keys[i].section == r->section)
			known[n++] = ctm_config_keys[i].name;
	ctm_complain_unknown_key(r->c, entry, known, n);
}

/* Remembers the line of each URL that an `allow` brought. */
static int note_allow_lines(struct reader *r, size_t before, unsigned line)
{
	const struct ctm_endpoint *endpoint = r->object;
	unsigned *lines;

	if (endpoint->n_allow == before)
		return 0;
	lines = realloc(r->place->allow_lines, endpoint->n_allow * sizeof *lines);
	if (!lines)
		return -ENOMEM;
	for (size_t i = before; i < endpoint->n_allow; i++)
		lines[i] = line;
	r->place->allow_lines = lines;
	return 0;
}

static int take_key(struct reader *r, const struct ctm_ini_entry *entry, size_t i)
{
	const struct ctm_config_key *key = &ctm_config_keys[i];
	const bool of_endpoint = r->section == CTM_SECTION_ENDPOINT;
	const size_t before = of_endpoint ? ((struct ctm_endpoint *)r->object)->n_allow : 0;
	int result;

	if (r->place->lines[i] && !key->repeatable) {
		ctm_complain_key(r->c, entry, "stands here again, first on line %u; remove one",
			r->place->lines[i]);
		return 0;
	}
	r->place->lines[i] = entry->line;
	if (key->unseen)
		ctm_complain_quotes_unseen(r->c, entry);
	else
		ctm_complain_quotes(r->c, entry);
	result = key->parse(r->c, key, entry, r->object);
	if (result == 0 && of_endpoint)
		result = note_allow_lines(r, before, entry->line);
	return result;
}

static int handle_entry(struct reader *r, const struct ctm_ini_entry *entry)
{

	if (!entry->key)
		return begin_section(r, entry);
	if (!entry->section[0]) {
		ctm_complain_error(r->c, entry->line,
			"key \"%s\" stands before any section; put it below [state] or another",
			CTM_SHOW_KEY(entry->key));
		return 0;
	}
	if (r->section == CTM_SECTION_UNKNOWN)
		return 0;
	for (size_t i = 0; i < ctm_n_config_keys; i++)
		if (ctm_config_keys[i].section == r->section &&
			strcmp(ctm_config_keys[i].name, entry->key) == 0)
			return take_key(r, entry, i);
	complain_unknown_key(r, entry);
	return 0;
}

static int handle(void *context, const struct ctm_ini_entry *entry)
{
	struct reader *r = context;
	const unsigned before = r->c->errors;
	int result = handle_entry(r, entry);

	if (r->c->errors > before && (r->section == CTM_SECTION_STATE || !entry->section[0]))
		r->c->state_damaged = true;
	return result;
}

static unsigned line_of(const struct place *place, const char *key)
{
	for (size_t i = 0; i < ctm_n_config_keys; i++)
		if (place->lines[i] && strcmp(ctm_config_keys[i].name, key) == 0)
			return place->lines[i];
	return place->line;
}

/* Plain http would show the message, and its token, to every network in between. */
static void check_secure(struct reader *r, const struct ctm_endpoint *endpoint, const char *key,
	const char *text, unsigned line)
{
	struct ctm_url url;

	if (ctm_url_split(text, &url) || url.secure || endpoint->insecure || endpoint->socket ||
		ctm_url_is_local(&url))
		return;
	ctm_complain_error(r->c, line,
		"[endpoint.%s] %s: \"%s\" is http to another machine; write https, or insecure = yes",
		endpoint->name, key, CTM_SHOW(text));
}

/* With a token_file one more name is ours. */
static void check_headers(
	struct reader *r, const struct ctm_endpoint *endpoint, const struct place *place)
{
	for (size_t i = 0; endpoint->token_file && i < endpoint->n_headers; i++) {
		size_t name_len;
		const char *wrong = ctm_header_wrong(endpoint->headers[i], true, &name_len);

		if (wrong)
			ctm_complain_error(r->c, line_of(place, "header"),
				"[endpoint.%s] header: \"%.*s\" %s, for there is a token_file",
				endpoint->name, (int)name_len, endpoint->headers[i], wrong);
	}
}

static void check_endpoint(
	struct reader *r, const struct ctm_endpoint *endpoint, const struct place *place)
{
	if (!endpoint->url && !endpoint->n_allow && line_of(place, "url") == place->line)
		ctm_complain_error(r->c, place->line,
			"[endpoint.%s] has neither url nor allow; write url = https://host/path",
			endpoint->name);
	if (endpoint->url)
		check_secure(r, endpoint, "url", endpoint->url, line_of(place, "url"));
	for (size_t i = 0; i < endpoint->n_allow; i++)
		check_secure(r, endpoint, "allow", endpoint->allow[i], place->allow_lines[i]);
	check_headers(r, endpoint, place);
	if (endpoint->key_file && !endpoint->cert_file)
		ctm_complain_error(r->c, line_of(place, "key_file"),
			"[endpoint.%s] key_file: there is no cert_file that it belongs to",
			endpoint->name);
}

static void check_aria2(struct reader *r, const struct ctm_aria2 *aria2, const struct place *place)
{
	struct ctm_url url;

	if (!aria2->rpc && line_of(place, "rpc") == place->line)
		ctm_complain_error(r->c, place->line,
			"[aria2%s%s] has no rpc; write rpc = http://127.0.0.1:6800/jsonrpc",
			*aria2->name ? "." : "", aria2->name);
	if (aria2->rpc && !ctm_url_split(aria2->rpc, &url) && !url.secure &&
		!ctm_url_is_local(&url))
		ctm_complain_warning(r->c, line_of(place, "rpc"),
			"[aria2%s%s] rpc: \"%s\" is http to another machine; its secret can be read "
			"on the way",
			*aria2->name ? "." : "", aria2->name, CTM_SHOW(aria2->rpc));
}

int ctm_config_read(int fd, struct ctm_config *config, struct ctm_complaints *c)
{
	struct reader r = {.config = config, .c = c, .section = CTM_SECTION_UNKNOWN};
	struct ctm_ini_outcome outcome;
	const int result = ctm_ini_read(fd, c->file, handle, report, &r, &outcome);

	/* It may have been [state], whose dir is anywhere then but at its default. */
	if (result == 0 && outcome.section_damaged && !config->state_dir)
		c->state_damaged = true;
	for (size_t i = 0; i < config->n_endpoints; i++) {
		if (result == 0)
			check_endpoint(&r, &config->endpoints[i], &r.endpoints[i]);
		free(r.endpoints[i].allow_lines);
	}
	for (size_t i = 0; result == 0 && i < config->n_aria2s; i++)
		check_aria2(&r, &config->aria2s[i], &r.aria2s[i]);
	free(r.endpoints);
	free(r.aria2s);
	return result;
}
