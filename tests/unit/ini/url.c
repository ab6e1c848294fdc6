/* SPDX-License-Identifier: MIT */
#include "url.h"

#include <criterion/criterion.h>

#include "leaks.h"

TestSuite(url, .fini = ctm_test_check_leaks);

Test(url, splits)
{
	static const struct {
		const char *text;
		bool secure;
		const char *host;
		unsigned port;
		const char *path;
	} cases[] = {
		{"https://ctm.example.net/notify", true, "ctm.example.net", 443, "/notify"},
		{"HTTPS://h", true, "h", 443, ""},
		{"http://h:8080?x=/..#", false, NULL, 0, NULL},
		{"http://h:8080?x=/../", false, "h", 8080, ""},
		{"http://[::1]:80/a", false, "[::1]", 80, "/a"},
		{"http://[fe80::1]/", false, "[fe80::1]", 80, "/"},
		{"http://127.0.0.1:65535/a%20b", false, "127.0.0.1", 65535, "/a%20b"},
		{"https://h/..a/b../.c/...", true, "h", 443, "/..a/b../.c/..."},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct ctm_url url;
		const char *wrong = ctm_url_split(cases[i].text, &url);

		cr_assert_eq(!wrong, cases[i].host != NULL, "%s: %s", cases[i].text, wrong);
		if (wrong)
			continue;
		cr_expect_eq(url.secure, cases[i].secure);
		cr_expect_eq(url.port, cases[i].port);
		cr_expect_eq(url.host_len, strlen(cases[i].host));
		cr_expect_eq(strncmp(url.host, cases[i].host, url.host_len), 0);
		cr_expect_eq(url.path_len, strlen(cases[i].path));
		cr_expect_eq(strncmp(url.path, cases[i].path, url.path_len), 0);
	}
}

Test(url, refuses)
{
	static const char *const bad[] = {"", "h", "ftp://h/", "file:///etc/passwd", "https:/h",
		"https://", "https:///a", "https://:443/", "https://u@h/", "https://u:p@h/",
		"https://h@evil/", "https://h:0/", "https://h:65536/", "https://h:/",
		"https://h:1a/", "https://h:443:443/", "https://h /", "https://h/a b",
		"https://h/\xc3\xa4", "https://h/a\tb", "https://h/a\nb", "https://h\\@evil/",
		"https://h/a\\b", "https://h/..", "https://h/../a", "https://h/a/./b",
		"https://h/%2e%2e/a", "https://h/%2E./a", "https://h/.%2e", "https://h/a%2fb",
		"https://h/a%5Cb", "https://h/%00", "https://h/%0d%0a", "https://h/%",
		"https://h/%2", "https://h/%zz", "https://h/#x", "https://[::1", "https://[::g]/",
		"https://[]/", "https://h]/", "https://h%2eevil/"};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct ctm_url url;

		cr_expect_not_null(ctm_url_split(bad[i], &url), "%s", bad[i]);
	}
}

Test(url, this_machine)
{
	static const struct {
		const char *text;
		bool local;
	} cases[] = {
		{"http://localhost/", true},
		{"http://LOCALHOST:1/", true},
		{"http://127.0.0.1/", true},
		{"http://127.255.1.2/", true},
		{"http://[::1]/", true},
		{"http://[0:0:0:0:0:0:0:1]/", true},
		{"http://localhost.evil.net/", false},
		{"http://127.0.0.1.evil.net/", false},
		{"http://127.1/", false},
		{"http://128.0.0.1/", false},
		{"http://[::2]/", false},
		{"http://[::ffff:127.0.0.1]/", false},
		{"http://0/", false},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct ctm_url url;

		cr_assert_null(ctm_url_split(cases[i].text, &url), "%s", cases[i].text);
		cr_expect_eq(ctm_url_is_local(&url), cases[i].local, "%s", cases[i].text);
	}
}

Test(url, admits)
{
	static const struct {
		const char *allow, *text;
		bool admitted;
	} cases[] = {
		{"https://h/", "https://h/a/b?c", true},
		{"https://h", "https://h", true},
		{"https://h", "https://h?x", true},
		{"https://H/", "https://h:443/a", true},
		{"http://h:80/", "http://h/", true},
		{"https://h/a", "https://h/a", true},
		{"https://h/a", "https://h/a/b", true},
		{"https://h/a", "https://h/a?b", true},
		{"https://h/a/", "https://h/a/b", true},
		{"https://h/a", "https://h/ab", false},
		{"https://h/a", "https://h/A", false},
		{"https://h/a", "https://h/", false},
		{"https://h/a/b", "https://h/a", false},
		{"https://h/", "http://h/", false},
		{"https://h/", "https://h:444/", false},
		{"https://h/", "https://h.evil/", false},
		{"https://h/", "https://evilh/", false},
		{"https://h:443/", "http://h:443/", false},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct ctm_url allow;
		struct ctm_url url;

		cr_assert_null(ctm_url_split(cases[i].allow, &allow));
		cr_assert_null(ctm_url_split(cases[i].text, &url));
		cr_expect_eq(ctm_url_admits(&allow, &url), cases[i].admitted, "%s %s",
			cases[i].allow, cases[i].text);
	}
}
