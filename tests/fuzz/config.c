/* SPDX-License-Identifier: MIT */
/*
 * The configuration: what is good keeps to its limits, and written out it reads as the same; a hook
 * reads the same of what is good, and of what is not no more than errors outside [state] keep from
 * it, and sees at a glance what it would read; complaints name their line.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "config.h"
#include "fuzz.h"
#include "glance.h"
#include "url.h"

#define YEARS (UINT64_C(3650) * 86400)

struct told {
	unsigned lines; /* of the text */
	unsigned errors;
};

static void complain(void *context, const struct ctm_error *complaint)
{
	struct told *told = context;

	FUZZ_CHECK(complaint->line >= 1 && complaint->line <= told->lines);
	FUZZ_CHECK(complaint->text[0] && complaint->file[0]);
	told->errors += complaint->code < 0;
}

static void print(struct ctm_buf *b, const char *key, const char *value)
{
	/* Without a blank in front: a value can begin with ";". */
	if (value)
		ctm_buf_printf(b, "%s =%s\n", key, value);
}

static void print_list(struct ctm_buf *b, const char *key, char *const *values, size_t n)
{
	for (size_t i = 0; i < n; i++)
		print(b, key, values[i]);
}

static void print_endpoint(struct ctm_buf *b, const struct ctm_endpoint *endpoint)
{
	ctm_buf_printf(b, "[endpoint.%s]\n", endpoint->name);
	print(b, "url", endpoint->url);
	print(b, "socket", endpoint->socket);
	print_list(b, "allow", endpoint->allow, endpoint->n_allow);
	print(b, "ca_file", endpoint->ca_file);
	print(b, "cert_file", endpoint->cert_file);
	print(b, "key_file", endpoint->key_file);
	print(b, "token_file", endpoint->token_file);
	print(b, "secret_file", endpoint->secret_file);
	print_list(b, "header", endpoint->headers, endpoint->n_headers);
	print(b, "proxy", endpoint->proxy);
	print(b, "insecure", endpoint->insecure ? "yes" : "no");
	ctm_buf_printf(b, "connect_timeout = %" PRIu32 "\ntimeout = %" PRIu32 "\n",
		endpoint->connect_timeout_ms / 1000, endpoint->timeout_ms / 1000);
}

static void print_config(struct ctm_buf *b, const struct ctm_config *c)
{
	static const char *const formats[] = {"text", "json", "cmtrace"};
	static const char *const levels[] = {"error", "warning", "info", "debug"};

	ctm_buf_printf(
		b, "[state]\nkeep = %" PRIu64 "\ngive_up = %" PRIu64 "\n", c->keep_s, c->give_up_s);
	ctm_buf_printf(b, "unclaimed = %" PRIu64 "\n", c->unclaimed_s);
	print(b, "dir", c->state_dir);
	ctm_buf_add_str(b, "[sidecar]\n");
	print(b, "dir", c->sidecar_dir);
	print(b, "beside", c->sidecar_beside ? "yes" : "no");
	print(b, "root", c->sidecar_root);
	print_list(b, "owner", c->owners, c->n_owners);
	for (size_t i = 0; i < c->n_endpoints; i++)
		print_endpoint(b, &c->endpoints[i]);
	ctm_buf_printf(b, "[retry]\nlinger = %" PRIu32 "\nschedule =", c->linger_s);
	for (size_t i = 0; i < c->n_schedule; i++)
		ctm_buf_printf(b, " %" PRIu32, c->schedule_s[i]);
	ctm_buf_add_str(b, "\n");
	for (size_t i = 0; i < c->n_aria2s; i++) {
		ctm_buf_printf(
			b, "[aria2%s%s]\n", c->aria2s[i].name[0] ? "." : "", c->aria2s[i].name);
		print(b, "rpc", c->aria2s[i].rpc);
		print(b, "secret_file", c->aria2s[i].secret_file);
	}
	ctm_buf_printf(b, "[log]\nformat = %s\nlevel = %s\n", formats[c->log_format],
		levels[c->log_level]);
	print(b, "target", c->log_target);
}

static bool is_whole_seconds(uint32_t ms)
{
	return ms >= 1000 && ms <= 86400000 && ms % 1000 == 0;
}

/* http leaves this machine only where that is said. */
static void check_url(const struct ctm_endpoint *endpoint, const char *text)
{
	struct ctm_url url;

	FUZZ_CHECK(!ctm_url_split(text, &url));
	FUZZ_CHECK(url.secure || endpoint->insecure || endpoint->socket || ctm_url_is_local(&url));
}

static void check_endpoint(const struct ctm_config *c, const struct ctm_endpoint *endpoint)
{
	const struct ctm_endpoint *found = NULL;
	const char *url = NULL;

	FUZZ_CHECK(is_whole_seconds(endpoint->connect_timeout_ms));
	FUZZ_CHECK(is_whole_seconds(endpoint->timeout_ms));
	FUZZ_CHECK(endpoint->url || endpoint->n_allow);
	FUZZ_CHECK(endpoint->name[0] && endpoint->line);
	for (size_t i = 0; i < endpoint->n_allow; i++)
		check_url(endpoint, endpoint->allow[i]);
	for (size_t i = 0; i < endpoint->n_headers; i++)
		FUZZ_CHECK(fuzz_is_visible(endpoint->headers[i], strlen(endpoint->headers[i])));
	if (!endpoint->url)
		return;
	check_url(endpoint, endpoint->url);
	FUZZ_CHECK(ctm_config_endpoint(c, endpoint->name, &found, &url, NULL) == 0);
	FUZZ_CHECK(found == endpoint && url == endpoint->url);
}

static void check_config(const struct ctm_config *c)
{
	FUZZ_CHECK(c->state_dir[0] == '/' && c->sidecar_dir[0] == '/' && c->sidecar_root[0] == '/');
	FUZZ_CHECK(c->keep_s <= YEARS && c->unclaimed_s <= YEARS);
	FUZZ_CHECK(c->give_up_s >= 1 && c->give_up_s <= YEARS && c->linger_s <= 86400);
	FUZZ_CHECK(c->n_schedule >= 1 && c->n_schedule <= CTM_CONFIG_STEPS);
	for (size_t i = 0; i < c->n_schedule; i++)
		FUZZ_CHECK(c->schedule_s[i] <= 30 * 86400);
	for (size_t i = 0; i < c->n_endpoints; i++)
		check_endpoint(c, &c->endpoints[i]);
	for (size_t i = 0; i < c->n_aria2s; i++) {
		struct ctm_url url;

		FUZZ_CHECK(c->aria2s[i].rpc && !ctm_url_split(c->aria2s[i].rpc, &url));
	}
}

static unsigned count_lines(const char *text, size_t len)
{
	unsigned n = len && text[len - 1] != '\n';

	for (size_t i = 0; i < len; i++)
		n += text[i] == '\n';
	return n;
}

/* Reads text; NULL where it has an error. */
static struct ctm_config *load(const char *text, size_t len, bool for_event)
{
	struct told told = {.lines = count_lines(text, len)};
	struct ctm_config *config = NULL;
	struct ctm_error e = CTM_ERROR_INIT;
	int r;

	fuzz_file(text, len);
	r = for_event ? ctm_config_load_for_event(&config, complain, &told, &e)
		      : ctm_config_load_file(fuzz_file_path(), &config, complain, &told, &e);
	FUZZ_CHECK(r == (config ? 0 : -EINVAL));
	FUZZ_CHECK(config || (e.text[0] && told.errors));
	FUZZ_CHECK(for_event || !config || !told.errors);
	return config;
}

/* What an empty configuration says. */
static const char *default_state_dir(void)
{
	static char dir[4096];
	struct ctm_config *config;

	if (!dir[0]) {
		FUZZ_CHECK(ctm_config_load_file(NULL, &config, NULL, NULL, NULL) == 0);
		snprintf(dir, sizeof dir, "%s", config->state_dir);
		ctm_config_free(config);
	}
	return dir;
}

/* What a hook sees at a glance is what it would read. */
static void check_glance(const char *text, size_t len, const struct ctm_config *event)
{
	CTM_CLEANUP_BUF struct ctm_buf jobs = CTM_BUF_INIT(1 << 16);
	struct ctm_glance glance = {{0}, {0}};

	if (!ctm_glance_text(text, len, &glance))
		return;
	FUZZ_CHECK(event && !event->sidecar_beside);
	FUZZ_CHECK(strcmp(event->state_dir,
			   glance.state_dir[0] ? glance.state_dir : default_state_dir()) == 0);
	ctm_buf_printf(&jobs, "%s/jobs", event->state_dir);
	FUZZ_CHECK(glance.sidecar_dir[0]
			   ? strcmp(event->sidecar_dir, glance.sidecar_dir) == 0
			   : strlen(event->sidecar_dir) == jobs.len &&
				     !memcmp(event->sidecar_dir, jobs.data, jobs.len));
}

static void check(const char *text, size_t len)
{
	CTM_CLEANUP_BUF struct ctm_buf once = CTM_BUF_INIT(1 << 20);
	CTM_CLEANUP_BUF struct ctm_buf twice = CTM_BUF_INIT(1 << 20);
	struct ctm_config *event = load(text, len, true);
	struct ctm_config *config = load(text, len, false);

	FUZZ_CHECK(event || !config);
	check_glance(text, len, event);
	if (config) {
		check_config(config);
		print_config(&once, config);
		print_config(&twice, event);
		FUZZ_CHECK(once.error == 0 && fuzz_is_same(once.data, twice.data));
		ctm_config_free(config);
		config = load(once.data, once.len, false);
		FUZZ_CHECK(config);
		ctm_buf_reset(&twice);
		print_config(&twice, config);
		FUZZ_CHECK(fuzz_is_same(once.data, twice.data));
	}
	ctm_config_free(config);
	ctm_config_free(event);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_copy(data, size);

	fuzz_file(data, size);
	setenv("ARIA2_CTM_CONF", fuzz_file_path(), 1);
	setenv("HOME", "/home/aria2", 1);
	check(text, size);
	free(text);
	return 0;
}
