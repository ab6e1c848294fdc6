/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "config_keys.h"
#include "files.h"
#include "sidecar_read.h"
#include "told.h"

/* conf/ is read without a complaint, also with all of it switched on, and names every key. */
TestSuite(samples, .init = test_enter, .fini = test_leave);

static void read_sample(const char *name, struct ctm_buf *b)
{
	char path[512];
	CTM_CLEANUP_FD int fd = -1;

	snprintf(path, sizeof path, "%s/%s", TEST_CONF, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	cr_assert_geq(fd, 0, "%s", path);
	cr_assert_eq(ctm_files_read(fd, b), 0);
}

/* The ";" off lines such as ";key = value" and ";[section]". */
static void switch_on(struct ctm_buf *b)
{
	char *to = b->data;

	for (const char *s = b->data; *s; s++)
		if (*s != ';' || (s > b->data && s[-1] != '\n') || s[1] == ' ' || s[1] == '\n')
			*to++ = *s;
	*to = '\0';
	b->len = strlen(b->data);
}

/* The text between "[section" and the next one, in each of its places, has "key =" in it. */
static bool names_key(const char *text, const char *section, const char *key)
{
	const size_t len = strlen(key);
	bool inside = false;

	for (const char *s = text; s; s = strchr(s, '\n')) {
		s += *s == '\n';
		if (*s == '[')
			inside = strncmp(s + 1, section, strlen(section)) == 0;
		else if (inside && strncmp(s, key, len) == 0 && strspn(s + len, " ") &&
			 s[len + strspn(s + len, " ")] == '=')
			return true;
	}
	return false;
}

static struct ctm_config *load(const struct ctm_buf *b)
{
	struct ctm_config *config = NULL;

	test_told_reset();
	test_write("c", b->data, b->len);
	cr_assert_eq(ctm_config_load_file("c", &config, test_tell, NULL, NULL), 0, "%s", test_told);
	cr_expect_str_eq(test_told, "");
	return config;
}

Test(samples, configuration)
{
	CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(100000);
	struct ctm_config *config;
	struct ctm_config *defaults = NULL;

	read_sample("aria2-ctm.conf", &b);
	config = load(&b);
	cr_expect_str_eq(config->state_dir, "/var/lib/aria2-ctm");
	cr_expect_eq(config->n_endpoints, 0);
	ctm_config_free(config);

	switch_on(&b);
	config = load(&b);
	for (size_t i = 0; i < ctm_n_config_keys; i++)
		cr_expect(names_key(b.data, ctm_config_sections[ctm_config_keys[i].section],
				  ctm_config_keys[i].name),
			"%s", ctm_config_keys[i].name);

	/* What the sample shows is what holds without it. */
	cr_assert_eq(ctm_config_load_file(NULL, &defaults, NULL, NULL, NULL), 0);
	cr_expect_eq(config->keep_s, defaults->keep_s);
	cr_expect_eq(config->give_up_s, defaults->give_up_s);
	cr_expect_eq(config->unclaimed_s, defaults->unclaimed_s);
	cr_expect_eq(config->sidecar_beside, defaults->sidecar_beside);
	cr_expect_str_eq(config->sidecar_root, defaults->sidecar_root);
	cr_expect_eq(config->n_owners, defaults->n_owners);
	cr_assert_eq(config->n_schedule, defaults->n_schedule);
	cr_expect_arr_eq(config->schedule_s, defaults->schedule_s, 10 * sizeof(uint32_t));
	cr_expect_eq(config->linger_s, defaults->linger_s);
	cr_expect_str_eq(config->log_target, defaults->log_target);
	cr_expect_eq(config->log_format, defaults->log_format);
	cr_expect_eq(config->log_level, defaults->log_level);
	cr_expect_eq(config->endpoints[0].timeout_ms, 30000);
	cr_expect_eq(config->endpoints[0].connect_timeout_ms, 10000);
	ctm_config_free(defaults);
	ctm_config_free(config);
}

Test(samples, sidecar)
{
	CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(100000);
	struct ctm_sidecar *s = NULL;

	read_sample("example.ctm.ini", &b);
	test_write("s.ctm.ini", b.data, b.len);
	cr_assert_eq(test_load("s.ctm.ini", &s), CTM_SIDECAR_GOOD, "%s", test_told);
	cr_expect_str_eq(test_told, "");
	cr_expect_eq(s->n_files, 2);
	ctm_sidecar_free(s);
	switch_on(&b);
	for (size_t i = 0; i < ctm_n_sidecar_keys; i++)
		cr_expect(names_key(b.data,
				  ctm_sidecar_keys[i].section == CTM_SIDECAR_JOB ? "job" : "file.",
				  ctm_sidecar_keys[i].name),
			"%s", ctm_sidecar_keys[i].name);
}
