/* SPDX-License-Identifier: MIT */
#include "config_keys.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "buf.h"
#include "told.h"

/* Values, key by key. */
TestSuite(config_keys, .init = test_enter, .fini = test_leave);

static int load(const char *section, const char *line, struct ctm_config **ret_config)
{
	CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(10000);

	test_told_reset();
	*ret_config = NULL;
	ctm_buf_printf(&b, "[%s]\n%s\n", section, line);
	if (strncmp(section, "endpoint", 8) == 0 && strncmp(line, "url", 3) != 0)
		ctm_buf_add_str(&b, "url=https://h/\n");
	test_write("c", b.data, b.len);
	return ctm_config_load_file("c", ret_config, test_tell, NULL, NULL);
}

Test(config_keys, bad_values)
{
	static const char *const cases[][2] = {
		{"state", "dir=var/lib"},
		{"state", "dir="},
		{"state", "dir=~/x"},
		{"state", "keep=x"},
		{"state", "keep=-1"},
		{"state", "keep=9999999d"},
		{"state", "give_up=0"},
		{"state", "give_up=1w"},
		{"state", "unclaimed="},
		{"sidecar", "dir=jobs"},
		{"sidecar", "beside=maybe"},
		{"sidecar", "beside="},
		{"sidecar", "root="},
		{"endpoint.a", "url="},
		{"endpoint.a", "url=ctm.example.net"},
		{"endpoint.a", "url=ftp://h/"},
		{"endpoint.a", "url=https://u:p@h/"},
		{"endpoint.a", "socket=ctm.sock"},
		{"endpoint.a", "allow=https://h/.."},
		{"endpoint.a", "allow=https://h/ x"},
		{"endpoint.a", "ca_file=ca.pem"},
		{"endpoint.a", "cert_file=c"},
		{"endpoint.a", "token_file=t"},
		{"endpoint.a", "secret_file=s"},
		{"endpoint.a", "header=X"},
		{"endpoint.a", "header=: x"},
		{"endpoint.a", "header=X-Site:"},
		{"endpoint.a", "header=Content-Type: text/plain"},
		{"endpoint.a", "header=transfer-encoding: chunked"},
		{"endpoint.a", "header=CE-Id: x"},
		{"endpoint.a", "header=Webhook-Signature: x"},
		{"endpoint.a", "header=X Y: z"},
		{"endpoint.a", "header=X: a\tb"},
		{"endpoint.a", "header=X: a\rb"},
		{"endpoint.a", "header=X: a\x7f"},
		{"endpoint.a", "header=\xc3\xa4: x"},
		{"endpoint.a", "connect_timeout=0"},
		{"endpoint.a", "timeout=0s"},
		{"endpoint.a", "timeout=2d"},
		{"endpoint.a", "proxy=a b"},
		{"endpoint.a", "insecure=2"},
		{"retry", "schedule="},
		{"retry", "schedule=0, x"},
		{"retry", "schedule=0 31d"},
		{"retry", "schedule=00000000000000000000000000000000031d"},
		{"retry", "schedule=0000000000000000000000000000005x"},
		{"retry", "linger=x"},
		{"aria2", "rpc=6800"},
		{"aria2", "rpc="},
		{"log", "target=file.log"},
		{"log", "target="},
		{"log", "format=xml"},
		{"log", "level=verbose"},
		{"log", "level="},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct ctm_config *config;

		cr_expect_eq(load(cases[i][0], cases[i][1], &config), -EINVAL, "%s", cases[i][1]);
		cr_expect_eq(
			strncmp(test_told, "E c:2: [", 8), 0, "%s: %s", cases[i][1], test_told);
		ctm_config_free(config);
	}
}

Test(config_keys, says_what_would_be_right)
{
	static const char *const cases[][3] = {
		{"state", "keep=soon",
			"E c:2: [state] keep: \"soon\" is not a duration; write seconds, or "
			"a number with s, m, h or d\n"},
		{"log", "level=loud",
			"E c:2: [log] level: \"loud\" is none of error, warning, info, debug\n"},
		{"endpoint.a", "timeout=0",
			"E c:2: [endpoint.a] timeout: \"0\" is out of range; it can be 1s to 86400s\n"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct ctm_config *config;

		cr_expect_eq(load(cases[i][0], cases[i][1], &config), -EINVAL);
		cr_expect_str_eq(test_told, cases[i][2]);
	}
}

/* A complaint goes to the journal; what may be a secret does not. */
Test(config_keys, secrets_are_not_shown)
{
	static const char *const lines[][2] = {
		{"header=Authorization Bearer SECRET", "header: the value, which is not shown"},
		{"header=\"X: SECRET\"", "header: the quotes are part of the value"},
		{"header=X: SECRET\x7f", "header: header \"X\" is not of the form"},
		{"header=SECRET", "header: the value, which is not shown"},
		{"header=Connection: SECRET", "header: header \"Connection\" is set by"},
		{"proxy=http://u:SECRET@h h", "proxy: the value, which is not shown"},
		{"url=https://SECRET:SECRET@h/x",
			"url: \"https://...@h/x\" holds a user or password"},
		{"url=SECRET@h", "url: \"...@h\" is not a URL"},
		{"url=\"https://u:SECRET@h/\"", "url: the quotes around ...@h/\" are part"},
		{"allow=https://g/ https://u:p,SECRET@h/", "allow: URL 2 of it has no proper port"},
		{"token_file=SECRET", "token_file: the value, which is not shown"},
		{"secret_file=\"SECRET\"", "secret_file: the quotes are part of the value"},
		{"token SECRET=x", "unknown key \"token...\" in [endpoint.a]"},
		{"whsec_5q8SECRETSECRETSECRETSECRET=", "unknown key \"whsec_5q...\" in"},
	};

	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		struct ctm_config *config;

		load("endpoint.a", lines[i][0], &config);
		cr_expect_not_null(strstr(test_told, lines[i][1]), "%s", test_told);
		cr_expect_null(strstr(test_told, "SECRET"), "%s", test_told);
		ctm_config_free(config);
	}
}

Test(config_keys, good_values)
{
	static const char text[] =
		"[state]\ndir=/s\nkeep=0\ngive_up=1h\nunclaimed=90\n"
		"[sidecar]\ndir=/j\nroot=/srv\n"
		"[endpoint.a]\nurl=https://h/x\nsocket=/run/x\nca_file=/ca\ncert_file=/c\nkey_file=/k\n"
		"token_file=/t\nsecret_file=/s\nheader=X-Y: \xc3\xa4 b:c\nconnect_timeout=1\n"
		"timeout=1d\nproxy=\ninsecure=no\n"
		"[retry]\nschedule=0 1s,2m\nlinger=0\n[log]\ntarget=/l\nformat=CMTrace\nlevel=DEBUG\n";
	struct ctm_config *c = NULL;
	const struct ctm_endpoint *e;

	test_told_reset();
	test_write("c", text, sizeof text - 1);
	cr_assert_eq(ctm_config_load_file("c", &c, test_tell, NULL, NULL), 0, "%s", test_told);
	cr_expect_str_eq(test_told, "");
	cr_expect_eq(c->keep_s, 0);
	cr_expect_eq(c->give_up_s, 3600);
	cr_expect_eq(c->unclaimed_s, 90);
	cr_expect_str_eq(c->sidecar_dir, "/j");
	cr_expect_str_eq(c->sidecar_root, "/srv");
	cr_assert_eq(c->n_schedule, 3);
	cr_expect_eq(c->schedule_s[2], 120);
	cr_expect_eq(c->linger_s, 0);
	cr_expect_str_eq(c->log_target, "/l");
	cr_expect_eq(c->log_format, CTM_LOG_CMTRACE);
	cr_expect_eq(c->log_level, CTM_LOG_DEBUG);
	e = &c->endpoints[0];
	cr_expect_str_eq(e->socket, "/run/x");
	cr_expect_str_eq(e->key_file, "/k");
	cr_expect_str_eq(e->headers[0], "X-Y: \xc3\xa4 b:c");
	cr_expect_eq(e->connect_timeout_ms, 1000);
	cr_expect_eq(e->timeout_ms, 86400000);
	cr_expect_str_eq(e->proxy, "");
	ctm_config_free(c);
}

Test(config_keys, most_steps)
{
	CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(10000);
	struct ctm_config *c;
	char told[64];

	ctm_buf_add_str(&b, "schedule=");
	for (unsigned i = 0; i < CTM_CONFIG_STEPS; i++)
		ctm_buf_printf(&b, "%u,", i);
	cr_assert_eq(load("retry", b.data, &c), 0);
	cr_expect_eq(c->n_schedule, CTM_CONFIG_STEPS);
	cr_expect_eq(c->schedule_s[CTM_CONFIG_STEPS - 1], CTM_CONFIG_STEPS - 1);
	ctm_config_free(c);
	ctm_buf_add_str(&b, "5");
	cr_expect_eq(load("retry", b.data, &c), -EINVAL);
	snprintf(told, sizeof told, "more than %u steps", CTM_CONFIG_STEPS);
	cr_expect_not_null(strstr(test_told, told));
}

Test(config_keys, table)
{
	for (size_t i = 0; i < ctm_n_config_keys; i++) {
		const struct ctm_config_key *key = &ctm_config_keys[i];

		cr_expect(key->name && key->parse);
		cr_expect_lt(key->section, CTM_SECTIONS);
		for (size_t j = 0; j < i; j++)
			cr_expect(ctm_config_keys[j].section != key->section ||
					  strcmp(ctm_config_keys[j].name, key->name) != 0,
				"%s", key->name);
	}
	cr_expect_leq(ctm_n_config_keys, 64);
}
