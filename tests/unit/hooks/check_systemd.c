/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "scratch.h"

TestSuite(check_systemd, .init = test_enter, .fini = test_leave);

Test(check_systemd, no_unit)
{
	test_write("etc/systemd/system/nginx.service", "[Service]\n", 0644);
	test_write("etc/systemd/system/aria2-ctm-flush.service", "[Service]\n", 0644);
	ctm_check_systemd(&test_check, test_dir);
	cr_expect_eq(test_check.report->n, 0);
}

Test(check_systemd, kill_modes)
{
	static const struct {
		const char *text;
		bool is_good;
	} cases[] = {
		{"[Service]\nKillMode=process\n", true},
		{"[Service]\n  KillMode = process\n", true},
		{"[Service]\nKillMode=none", true},
		{"KillMode=none", false}, /* systemd ignores what is in no section */
		{"[Unit]\nKillMode=process\n[Service]\n", false},
		{"[Service]\nKillMode=process\nKillMode=control-group\n", false},
		{"[Service]\nKillMode=mixed\nKillMode=process\n", true},
		{"[Service]\nExecStart=/usr/bin/aria2c\n", false},
		{"[Service]\n#KillMode=process\n", false},
		{"[Service]\nKillMode=mixed\n", false},
		{"[Service]\nKillModeX=process\n", false},
		{"", false},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		test_configure(NULL);
		test_write("usr/lib/systemd/system/aria2.service", cases[i].text, 0644);
		ctm_check_systemd(&test_check, test_dir);
		cr_expect_eq(test_count(CTM_CHECK_OK), cases[i].is_good, "case %zu", i);
		cr_expect_eq(test_count(CTM_CHECK_WARNING), !cases[i].is_good, "case %zu", i);
	}
	cr_expect(test_remedied("KillMode=process"));
}

Test(check_systemd, drop_in)
{
	test_write("usr/lib/systemd/system/aria2.service", "[Service]\n", 0644);
	test_write("etc/systemd/system/aria2.service.d/50-x.conf", "[Service]\n", 0644);
	test_write("run/systemd/system/aria2.service.d/60-ctm.conf",
		"[Service]\nKillMode=process\n", 0644);
	ctm_check_systemd(&test_check, test_dir);
	cr_expect_eq(test_count(CTM_CHECK_OK), 1);
	cr_expect_eq(test_count(CTM_CHECK_WARNING), 0);
}

/* Of two drop-ins the one that is read last, by its name. */
Test(check_systemd, the_last_drop_in_counts)
{
	test_write("usr/lib/systemd/system/aria2.service", "[Service]\n", 0644);
	test_write("etc/systemd/system/aria2.service.d/10-ctm.conf",
		"[Service]\nKillMode=process\n", 0644);
	test_write("etc/systemd/system/aria2.service.d/50-x.conf",
		"[Service]\nKillMode=control-group\n", 0644);
	ctm_check_systemd(&test_check, test_dir);
	cr_expect_eq(test_count(CTM_CHECK_OK), 0);
	cr_expect_eq(test_count(CTM_CHECK_WARNING), 1);
}

Test(check_systemd, the_first_unit_counts)
{
	test_write("usr/lib/systemd/system/aria2.service", "[Service]\nKillMode=process\n", 0644);
	test_write("etc/systemd/system/aria2.service", "[Service]\n", 0644);
	ctm_check_systemd(&test_check, test_dir);
	cr_expect_eq(test_count(CTM_CHECK_OK), 0);
	cr_expect_eq(test_count(CTM_CHECK_WARNING), 1);
}

/* Hooks are the state's owner's, or root's, who becomes the owner. */
Test(check_systemd, user)
{
	static const struct {
		const char *unit, *drop_in, *other;
		bool is_wrong;
	} cases[] = {
		{"[Service]\nUser=nobody\n", "", "", true},
		{"[Service]\nUser = 65534 \n", "", "", true},
		{"[Service]\nUser=no-such-user\n", "", "", true},
		{"[Service]\n", "[Service]\nUser=nobody\n", "", true},
		{"[Service]\nUser=root\n", "[Service]\nUser=root\n", "[Service]\nUser=nobody\n",
			true},
		{"[Service]\nUser=nobody\n", "[Service]\nUser=daemon\n", "", false},
		{"[Service]\nUser=nobody\n", "[Service]\nUser=\n", "", false},
		{"[Service]\nUser=nobody\n", "", "[Service]\nUser=1\n", false},
		{"[Service]\nUser=root\n", "", "", false},
		{"[Service]\n#User=nobody\n", "", "", false},
		{"[Service]\nUser=%i\n", "", "", false},
		{"[Unit]\nUser=nobody\n", "", "", false},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		test_configure(NULL);
		snprintf(test_check.user, sizeof test_check.user, "daemon");
		test_write("etc/systemd/system/aria2.service.d/50-x.conf", cases[i].drop_in, 0644);
		test_write(
			"usr/lib/systemd/system/aria2.service.d/60-y.conf", cases[i].other, 0644);
		test_write("usr/lib/systemd/system/aria2.service", cases[i].unit, 0644);
		ctm_check_systemd(&test_check, test_dir);
		cr_expect_eq(test_found(CTM_CHECK_WARNING, "record nothing"), cases[i].is_wrong,
			"case %zu", i);
		test_configure(NULL);
		snprintf(test_check.user, sizeof test_check.user, "daemon");
		test_write("etc/systemd/system/aria2.service.d/ctm.conf",
			"[Service]\nKillMode=process\n", 0644);
		ctm_check_systemd(&test_check, test_dir);
		cr_expect_eq(test_count(CTM_CHECK_ERROR), cases[i].is_wrong, "case %zu", i);
		unlink("etc/systemd/system/aria2.service.d/ctm.conf");
	}
}
