/* SPDX-License-Identifier: MIT */
#include "local.h"

#include <criterion/criterion.h>

#include "leaks.h"

TestSuite(local, .fini = ctm_test_check_leaks);

Test(local, urls)
{
	static const struct {
		const char *url;
		int local;
	} cases[] = {
		{"http://localhost/notify", 1},
		{"https://LOCALHOST:8443/", 1},
		{"http://localhost./", 1},
		{"http://ctm.localhost/", 1},
		{"http://127.0.0.1/", 1},
		{"http://127.255.255.254:80/", 1},
		{"http://127.1/", 1},
		{"http://0x7f000001/", 1},
		{"http://0.0.0.0/", 1},
		{"http://[::1]/", 1},
		{"http://[0:0:0:0:0:0:0:1]:8080/", 1},
		{"http://[::ffff:127.0.0.1]/", 1},
		{"http://[::]/", 1},
		{"http://user:pw@localhost/", 1},
		{"localhost:8080/notify", 1},
		{"http://notlocalhost/", 0},
		{"http://localhost.example/", 0},
		{"http://localhost@ctm.example/", 0},
		{"http://ctm.example/localhost", 0},
		{"http://128.0.0.1/", 0},
		{"http://127.0.0.1.example/", 0},
		{"http://[::2]/", 0},
		{"http://[::ffff:10.0.0.1]/", 0},
		{"http://10.127.0.1/", 0},
		{"", 0},
		{"http://", 0},
		{"http://[::1/", 0},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		cr_expect_eq(ctm_local_is_url(cases[i].url), cases[i].local, "%s", cases[i].url);
}
