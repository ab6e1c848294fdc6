/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "scratch.h"

TestSuite(check_config, .init = test_enter, .fini = test_leave);

#define URL "[endpoint.ctm]\nurl = https://ctm.example/\n"

static void configure(const char *format, const char *path)
{
	char text[2048];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	snprintf(text, sizeof text, format, path);
#pragma GCC diagnostic pop
	test_configure(text);
	ctm_check_config(&test_check);
}

static size_t wrong(void)
{
	return test_count(CTM_CHECK_ERROR) + test_count(CTM_CHECK_WARNING);
}

Test(check_config, good)
{
	test_write("token", "abc\n", 0600);
	test_write("ca.pem", "abc\n", 0644);
	configure(URL "token_file = %s\n", test_path("token"));
	cr_expect_eq(wrong(), 0);
	cr_expect(test_found(CTM_CHECK_OK, "https://ctm.example/"));
	configure(URL "ca_file = %s\n", test_path("ca.pem"));
	cr_expect_eq(wrong(), 0);
}

Test(check_config, files)
{
	static const struct {
		const char *key;
		mode_t mode;
		const char *content;
		const char *words; /* "": it is good */
	} cases[] = {
		{"token_file", 0644, "x", "open to others"},
		{"secret_file", 0602, "x", "open to others"},
		{"token_file", 0640, "x", ""},
		{"token_file", 0600, "", "is empty"},
		{"token_file", 0600, "abc\n", ""},
		{"token_file", 0600, "a b\n", "no token has"},
		{"token_file", 0600, "\nabc\n", "empty first line"},
		{"secret_file", 0600, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n", ""},
		{"secret_file", 0600, "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n", "whsec_"},
		{"secret_file", 0600, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\nwhsec_x\n",
			"whsec_"},
		{"ca_file", 0646, "x", "open to others"},
		{"ca_file", 0644, "x", ""},
		{"cert_file", 0644, "x", "open to others"},
		{"cert_file", 0600, "x", ""},
	};
	char format[256];

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		snprintf(format, sizeof format, URL "%s = %%s\n", cases[i].key);
		unlink("file");
		test_write("file", cases[i].content, cases[i].mode);
		configure(format, test_path("file"));
		cr_expect_eq(test_count(CTM_CHECK_ERROR), cases[i].words[0] != '\0', "case %zu", i);
		cr_expect(!cases[i].words[0] || test_found(CTM_CHECK_ERROR, cases[i].words),
			"case %zu", i);
		cr_expect(!cases[i].words[0] || test_found(CTM_CHECK_ERROR, cases[i].key),
			"case %zu", i);
	}
}

Test(check_config, root)
{
	test_write("file", "x", 0600);
	configure(URL "[sidecar]\nbeside = yes\nroot = %s/\n", test_dir);
	cr_expect_eq(wrong(), 0);
	configure(URL "[sidecar]\nbeside = yes\nroot = %s\n", test_path("file"));
	cr_expect(test_found(CTM_CHECK_ERROR, "[sidecar] root"));
	cr_expect(test_found(CTM_CHECK_ERROR, "not a directory"));
	configure(URL "[sidecar]\nbeside = yes\nroot = %s\n", test_path("none"));
	cr_expect_eq(test_count(CTM_CHECK_ERROR), 0, "it may be a volume that is not mounted");
	cr_expect(test_found(CTM_CHECK_WARNING, "none"));
	configure(URL "[sidecar]\nroot = %s\n", test_path("none"));
	cr_expect_eq(wrong(), 0, "nothing is looked for there");
}

Test(check_config, no_file_at_all)
{
	configure(URL "token_file = %s\n", test_path("none"));
	cr_expect(test_found(CTM_CHECK_ERROR, "none"));
	configure(URL "token_file = %s\n", test_dir);
	cr_expect(test_found(CTM_CHECK_ERROR, "not a regular file"));
	cr_assert_eq(mkfifo("fifo", 0600), 0);
	configure(URL "token_file = %s\n", test_path("fifo"));
	cr_expect(test_found(CTM_CHECK_ERROR, "not a regular file"));
	test_write("secret", "x", 0644);
	configure(
		URL "[aria2.b]\nrpc = http://127.0.0.1/\nsecret_file = %s\n", test_path("secret"));
	cr_expect(test_found(CTM_CHECK_ERROR, "[aria2.b] secret_file"));
	test_write("blank", "\nx\n", 0600);
	configure(URL "[aria2.b]\nrpc = http://127.0.0.1/\nsecret_file = %s\n", test_path("blank"));
	cr_expect(test_found(CTM_CHECK_ERROR, "rpc-secret as its first line"));
}

Test(check_config, endpoints)
{
	configure("[state]\n;%s\n", "");
	cr_expect(test_found(CTM_CHECK_ERROR, "no endpoint"));
	configure("[endpoint.ctm]\nallow = https://x.example/%s\n", "");
	cr_expect(test_found(CTM_CHECK_WARNING, "no url"));
	configure("[endpoint.ctm]\nurl = http://x.example/%s\ninsecure = yes\n", "");
	cr_expect(test_found(CTM_CHECK_WARNING, "http to another machine"));
}

Test(check_config, its_own_mode)
{
	configure(URL "%s", "");
	cr_assert_eq(chmod("test.conf", 0646), 0);
	ctm_check_config(&test_check);
	cr_expect(test_found(CTM_CHECK_ERROR, "everybody can change"));
}

Test(check_config, log_file)
{
	configure(URL "[log]\ntarget = %s\n", test_path("log"));
	cr_expect_eq(wrong(), 0);
	configure(URL "[log]\ntarget = %s\n", test_path("no/such/log"));
	cr_expect(test_found(CTM_CHECK_WARNING, "[log] target"));
	configure(URL "[log]\ntarget = %s\n", test_dir);
	cr_expect(test_found(CTM_CHECK_WARNING, "[log] target"), "a directory takes no line");
	cr_assert_eq(mkfifo("fifo", 0600), 0);
	configure(URL "[log]\ntarget = %s\n", test_path("fifo"));
	cr_expect_eq(wrong(), 0);
	configure(URL "[log]\ntarget = /dev/null\n;%s\n", "");
	cr_expect_eq(wrong(), 0);
}

/* The certificate alone is no secret. */
Test(check_config, certificate_and_key)
{
	char text[512];

	test_write("cert", "x", 0644);
	test_write("key", "x", 0600);
	snprintf(text, sizeof text, URL "cert_file = %s\nkey_file = %%s\n", test_path("cert"));
	configure(text, test_path("key"));
	cr_expect_eq(wrong(), 0);
}
