/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "told.h"

static struct ctm_config *config;

static void enter(void)
{
	static const char text[] =
		"[endpoint.ctm]\nurl=https://ctm/notify\n"
		"[endpoint.only]\nallow=https://a.example/x https://b.example:8443/\n"
		"[endpoint.local]\nallow=http://127.0.0.1:8080/\n"
		"[endpoint.open]\nallow=http://open.example/\ninsecure=yes\n";

	test_enter();
	test_told_reset();
	test_write("c", text, sizeof text - 1);
	cr_assert_eq(ctm_config_load_file("c", &config, test_tell, NULL, NULL), 0, "%s", test_told);
}

static void leave(void)
{
	ctm_config_free(config);
	config = NULL;
	test_leave();
}

TestSuite(config_endpoint, .init = enter, .fini = leave);

Test(config_endpoint, found)
{
	static const char *const cases[][3] = {
		{"ctm", "ctm", "https://ctm/notify"},
		{"https://a.example/x", "only", NULL},
		{"https://A.Example:443/x/y?z=..", "only", NULL},
		{"https://b.example:8443/any", "only", NULL},
		{"http://127.0.0.1:8080/n", "local", NULL},
		{"http://open.example/n", "open", NULL},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct ctm_endpoint *endpoint = NULL;
		const char *url = NULL;

		cr_assert_eq(ctm_config_endpoint(config, cases[i][0], &endpoint, &url, NULL), 0,
			"%s", cases[i][0]);
		cr_expect_str_eq(endpoint->name, cases[i][1]);
		cr_expect_str_eq(url, cases[i][2] ? cases[i][2] : cases[i][0]);
	}
}

Test(config_endpoint, not_found)
{
	static const struct {
		const char *endpoint;
		int result;
		const char *text;
	} cases[] = {
		{"cmt", -ENOENT, "endpoint \"cmt\" is not configured, did you mean \"ctm\"?"},
		{"CTM", -ENOENT, "endpoint \"CTM\" is not configured"},
		{"", -ENOENT, "is not configured"},
		{"only", -EINVAL, "[endpoint.only] has no url"},
		{"https://ctm/notify", -EINVAL, "is admitted by no allow"},
		{"https://a.example/", -EINVAL, "is admitted by no allow"},
		{"https://a.example/xy", -EINVAL, "is admitted by no allow"},
		{"http://a.example/x", -EINVAL, "is admitted by no allow"},
		{"https://a.example:444/x", -EINVAL, "is admitted by no allow"},
		{"https://b.example/", -EINVAL, "is admitted by no allow"},
		{"https://a.example.evil/x", -EINVAL, "is admitted by no allow"},
		{"https://a.example@evil/x", -EINVAL, "user or password"},
		{"https://a.example\\@evil/x", -EINVAL, "backslash"},
		{"https://a.example/x/../y", -EINVAL, "\"..\" in its path"},
		{"https://a.example/x/%2e%2E/y", -EINVAL, "\"..\" in its path"},
		{"https://a.example/x%2f..%2fy", -EINVAL, "hides a slash"},
		{"https://a.example/x\r\nX: y", -EINVAL, "must encode"},
		{"file:///etc/passwd", -EINVAL, "neither http nor https"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct ctm_endpoint *endpoint = NULL;
		struct ctm_error e = CTM_ERROR_INIT;
		const char *url = NULL;

		cr_expect_eq(ctm_config_endpoint(config, cases[i].endpoint, &endpoint, &url, &e),
			cases[i].result, "%s", cases[i].endpoint);
		cr_expect_not_null(strstr(e.text, cases[i].text), "%s", e.text);
		cr_expect(!endpoint && !url);
	}
}

Test(config_endpoint, none_at_all)
{
	const struct ctm_endpoint *endpoint = NULL;
	struct ctm_config *empty = NULL;
	struct ctm_error e = CTM_ERROR_INIT;
	const char *url = NULL;

	cr_assert_eq(ctm_config_load_file(NULL, &empty, NULL, NULL, NULL), 0);
	cr_expect_eq(ctm_config_endpoint(empty, "ctm", &endpoint, &url, &e), -ENOENT);
	cr_expect_str_eq(e.text,
		"endpoint \"ctm\" is not configured; add a section [endpoint.ctm] with a url");
	ctm_config_free(empty);
}
