/* SPDX-License-Identifier: MIT */
#include "config_read.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "told.h"

/* Sections, what stands twice, what is not known, and rules over several keys. */
TestSuite(config_read, .init = test_enter, .fini = test_leave);

static int load(const char *text, struct ctm_config **ret_config)
{
	test_told_reset();
	*ret_config = NULL;
	test_write("c", text, strlen(text));
	return ctm_config_load_file("c", ret_config, test_tell, NULL, NULL);
}

Test(config_read, complaints)
{
	static const struct {
		const char *text, *told;
		bool good;
	} cases[] = {
		{"[stat]\ndir=x\n", "W c:1: unknown section \"stat\", did you mean \"state\"?\n",
			true},
		{"[state.x]\n", "W c:1: unknown section \"state.x\"", true},
		{"[state]\ndri=/x\n",
			"W c:2: unknown key \"dri\" in [state], did you mean \"dir\"?\n", true},
		{"[log]\nurl=x\n",
			"W c:2: unknown key \"url\" in [log]; the nearest known one is \"", true},
		{"dir=/x\n", "E c:1: key \"dir\" stands before any section", false},
		{"[state]\ndir=/x\ndir=/y\n",
			"E c:3: [state] dir: stands here again, first on line 2; remove one\n",
			false},
		{"[state]\ndir=/x\n[log]\n[state]\ndir=/y\n",
			"E c:5: [state] dir: stands here again, first on line 2", false},
		{"[endpoint]\nurl=https://h/\n", "E c:1: [endpoint] has no name", false},
		{"[endpoint.]\nurl=https://h/\n", "E c:1: [endpoint.] has no name", false},
		{"[endpoint.a]\ntimeout=3\n",
			"E c:1: [endpoint.a] has neither url nor allow; write url = ", false},
		{"[endpoint.a]\nurl=http://h/\n",
			"E c:2: [endpoint.a] url: \"http://h/\" is http to another machine; write https, "
			"or insecure = yes\n",
			false},
		{"[endpoint.a]\nallow=https://h/\nallow=http://g/ http://h/\n",
			"E c:3: [endpoint.a] allow: \"http://g/\" is http to another machine",
			false},
		{"[endpoint.a]\nurl=https://h/\nkey_file=/k\n",
			"E c:3: [endpoint.a] key_file: there is no cert_file", false},
		{"[endpoint.a]\nurl=https://h/\nheader=authorization: x\ntoken_file=/t\n",
			"E c:3: [endpoint.a] header: \"authorization\" is set by aria2-ctm itself",
			false},
		{"[endpoint.a]\nurl=https://h/\nheader=authorization: x\n", "", true},
		{"[endpoint.a]\nurl=\"https://h/\"\n",
			"W c:2: [endpoint.a] url: the quotes around \"https://h/\" are part",
			false},
		{"[aria2]\n", "E c:1: [aria2] has no rpc; write rpc = ", false},
		{"[aria2.b]\nsecret_file=/x\n", "E c:1: [aria2.b] has no rpc", false},
		{"[aria2]\nrpc=http://h:6800/jsonrpc\n",
			"W c:2: [aria2] rpc: \"http://h:6800/jsonrpc\" is http to another machine",
			true},
		{"[state]\n dir=/x\n", "E c:2: the line is indented; remove the indent\n", false},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct ctm_config *config;

		cr_expect_eq(load(cases[i].text, &config), cases[i].good ? 0 : -EINVAL, "%s",
			cases[i].text);
		cr_expect_not_null(strstr(test_told, cases[i].told), "%s", test_told);
		ctm_config_free(config);
	}
}

Test(config_read, http_where_it_may_be)
{
	static const char *const good[] = {
		"[endpoint.a]\nurl=http://localhost:1/x\n",
		"[endpoint.a]\nurl=http://127.9.9.9/\n",
		"[endpoint.a]\nurl=http://[::1]:8080/\n",
		"[endpoint.a]\nurl=http://h/\nsocket=/run/x\n",
		"[endpoint.a]\nurl=http://h/\ninsecure=yes\n",
		"[endpoint.a]\ninsecure=yes\nallow=http://h/\n",
	};

	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		struct ctm_config *config;

		cr_expect_eq(load(good[i], &config), 0, "%s", test_told);
		cr_expect_str_eq(test_told, "");
		ctm_config_free(config);
	}
}

Test(config_read, sections_in_parts)
{
	static const char text[] =
		"[endpoint.a]\nallow=https://a/\nallow=https://b/, https://c/\n"
		"[endpoint.b.c]\nurl=https://h/\nheader=X-A: 1\nheader=X-B: 2\n[endpoint.a]\ntimeout=5s\n"
		"[aria2]\nrpc=http://127.0.0.1:6800/jsonrpc\n[aria2.two]\nrpc=https://h/jsonrpc\n"
		"[sidecar]\nowner=joe, ann\nowner=\nbeside=yes\n";
	struct ctm_config *config;

	cr_assert_eq(load(text, &config), 0, "%s", test_told);
	cr_expect_str_eq(test_told, "");
	cr_assert_eq(config->n_endpoints, 2);
	cr_expect_str_eq(config->endpoints[0].name, "a");
	cr_expect_eq(config->endpoints[0].line, 1);
	cr_expect_null(config->endpoints[0].url);
	cr_assert_eq(config->endpoints[0].n_allow, 3);
	cr_expect_str_eq(config->endpoints[0].allow[2], "https://c/");
	cr_expect_eq(config->endpoints[0].timeout_ms, 5000);
	cr_expect_eq(config->endpoints[0].connect_timeout_ms, 10000);
	cr_expect_str_eq(config->endpoints[1].name, "b.c");
	cr_assert_eq(config->endpoints[1].n_headers, 2);
	cr_expect_str_eq(config->endpoints[1].headers[1], "X-B: 2");
	cr_expect_eq(config->endpoints[1].timeout_ms, 30000);
	cr_assert_eq(config->n_aria2s, 2);
	cr_expect_str_eq(config->aria2s[0].name, "");
	cr_expect_str_eq(config->aria2s[1].name, "two");
	cr_assert_eq(config->n_owners, 2);
	cr_expect_str_eq(config->owners[1], "ann");
	cr_expect(config->sidecar_beside);
	ctm_config_free(config);
}
