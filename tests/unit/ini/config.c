/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "told.h"

/* Which file counts, and what holds without one. HOME is the test's directory. */
static void enter(void)
{
	test_enter();
	test_told_reset();
	cr_assert_eq(setenv("HOME", test_dir, 1), 0);
	unsetenv("ARIA2_CTM_CONF");
	unsetenv("XDG_CONFIG_HOME");
	unsetenv("XDG_STATE_HOME");
}

TestSuite(config, .init = enter, .fini = test_leave);

static struct ctm_config *load(void)
{
	struct ctm_config *config = NULL;
	struct ctm_error e = CTM_ERROR_INIT;

	cr_assert_eq(ctm_config_load(&config, test_tell, NULL, &e), 0, "%s", e.text);
	return config;
}

static void expect_below(const char *path, const char *expected)
{
	char whole[256];

	snprintf(whole, sizeof whole, "%s/%s", test_dir, expected);
	cr_expect_str_eq(path, whole);
}

Test(config, defaults)
{
	static const uint32_t schedule[] = {
		0, 5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400};
	struct ctm_config *config = NULL;

	cr_assert_eq(ctm_config_load_file(NULL, &config, test_tell, NULL, NULL), 0);
	cr_expect_null(config->file);
	expect_below(config->state_dir, ".local/state/aria2-ctm");
	expect_below(config->sidecar_dir, ".local/state/aria2-ctm/jobs");
	cr_expect_eq(config->keep_s, 30 * 86400);
	cr_expect_eq(config->give_up_s, 7 * 86400);
	cr_expect_eq(config->unclaimed_s, 3600);
	cr_expect_not(config->sidecar_beside);
	cr_expect_str_eq(config->sidecar_root, "/");
	cr_expect_eq(config->n_owners, 0);
	cr_expect_eq(config->n_endpoints, 0);
	cr_expect_eq(config->n_aria2s, 0);
	cr_assert_eq(config->n_schedule, 10);
	cr_expect_arr_eq(config->schedule_s, schedule, sizeof schedule);
	cr_expect_eq(config->linger_s, 60);
	cr_expect_str_eq(config->log_target, "auto");
	cr_expect_eq(config->log_format, CTM_LOG_TEXT);
	cr_expect_eq(config->log_level, CTM_LOG_INFO);
	ctm_config_free(config);
	ctm_config_free(NULL);
}

Test(config, which_file_counts)
{
	struct ctm_config *config;
	char path[128];

	cr_assert_eq(mkdir(".config", 0755), 0);
	cr_assert_eq(mkdir(".config/aria2-ctm", 0755), 0);
	test_write(".config/aria2-ctm/aria2-ctm.conf", "[state]\nkeep=1\n", 15);
	config = load();
	cr_expect_eq(config->keep_s, 1);
	expect_below(config->file, ".config/aria2-ctm/aria2-ctm.conf");
	ctm_config_free(config);

	cr_assert_eq(mkdir("xdg", 0755), 0);
	cr_assert_eq(mkdir("xdg/aria2-ctm", 0755), 0);
	test_write("xdg/aria2-ctm/aria2-ctm.conf", "[state]\nkeep=2\n", 15);
	snprintf(path, sizeof path, "%s/xdg", test_dir);
	setenv("XDG_CONFIG_HOME", path, 1);
	config = load();
	cr_expect_eq(config->keep_s, 2);
	ctm_config_free(config);

	test_write("third.conf", "[state]\nkeep=3\n", 15);
	snprintf(path, sizeof path, "%s/third.conf", test_dir);
	setenv("ARIA2_CTM_CONF", path, 1);
	config = load();
	cr_expect_eq(config->keep_s, 3);
	ctm_config_free(config);
	setenv("ARIA2_CTM_CONF", "", 1);
	setenv("XDG_CONFIG_HOME", "relative", 1);
	config = load();
	cr_expect_eq(config->keep_s, 1);
	ctm_config_free(config);
}

Test(config, named_but_missing)
{
	struct ctm_config *config = NULL;
	struct ctm_error e = CTM_ERROR_INIT;

	setenv("ARIA2_CTM_CONF", "/nowhere/a.conf", 1);
	cr_expect_eq(ctm_config_load(&config, test_tell, NULL, &e), -ENOENT);
	cr_expect_null(config);
	cr_expect_str_eq(
		e.text, "cannot open configuration \"/nowhere/a.conf\": No such file or directory");
	cr_expect_eq(ctm_config_load_file(".", &config, test_tell, NULL, &e), -EISDIR);
}

/* A hook that waited for a FIFO's writer, or read a device for ever, would never end. */
Test(config, no_regular_file)
{
	struct ctm_config *config = NULL;
	struct ctm_error e = CTM_ERROR_INIT;
	char path[256];

	snprintf(path, sizeof path, "%s/fifo", test_dir);
	cr_assert_eq(mkfifo(path, 0600), 0);
	cr_expect_eq(ctm_config_load_file(path, &config, test_tell, NULL, &e), -EINVAL);
	cr_expect_not_null(strstr(e.text, "is not a regular file"), "%s", e.text);
	cr_expect_eq(ctm_config_load_file("/dev/zero", &config, test_tell, NULL, &e), -EINVAL);
	cr_expect_null(config);
}

Test(config, state_dir)
{
	struct ctm_config *config;
	const struct passwd *user = getpwuid(geteuid());

	setenv("XDG_STATE_HOME", "/x/state", 1);
	config = load();
	cr_expect_str_eq(config->state_dir, "/x/state/aria2-ctm");
	ctm_config_free(config);
	setenv("XDG_STATE_HOME", "relative", 1);
	config = load();
	expect_below(config->state_dir, ".local/state/aria2-ctm");
	ctm_config_free(config);
	unsetenv("HOME");
	if (!user || user->pw_dir[0] != '/')
		cr_skip_test("the user has no home directory");
	config = load();
	cr_expect_eq(strncmp(config->state_dir, user->pw_dir, strlen(user->pw_dir)), 0);
	ctm_config_free(config);
}

Test(config, jobs_follow_the_state)
{
	struct ctm_config *config = NULL;

	test_write("c", "[state]\ndir=/a\n", 15);
	cr_assert_eq(ctm_config_load_file("c", &config, test_tell, NULL, NULL), 0);
	cr_expect_str_eq(config->state_dir, "/a");
	cr_expect_str_eq(config->sidecar_dir, "/a/jobs");
	ctm_config_free(config);
}

Test(config, errors_are_counted)
{
	struct ctm_config *config = NULL;
	struct ctm_error e = CTM_ERROR_INIT;

	test_write("c", "[state]\ndir=a\nkeep=x\n\xff\n", 23);
	cr_expect_eq(ctm_config_load_file("c", &config, test_tell, NULL, &e), -EINVAL);
	cr_expect_str_eq(e.text, "configuration \"c\" has 3 errors");
	cr_expect_null(config);
}

/* A hook needs to know where the state is, and nothing else. */
Test(config, for_an_event)
{
#define E "[endpoint.a]\nurl=https://h/\n"
	static const struct {
		const char *text;
		int result;
	} cases[] = {
		{"[state]\ndir=/s\n[endpoint.a]\nurl=x\n[retry]\nschedule=x\n", 0},
		{"[state]\ndir=/s\n[endpoint.a]\n", 0},
		{"[state]\ndir=s\n", -EINVAL},
		{"[state]\n dir=/s\n", -EINVAL},
		{"dir=/s\n", -EINVAL},
		{E "[state\ndir=/s\n", -EINVAL},
		{E "[state ; ours\ndir=/s\n", -EINVAL},
		{E "[state] ours\ndir=/s\n", -EINVAL},
		{E " [state]\ndir=/s\n", -EINVAL},
		{E "state]\ndir=/s\n", -EINVAL},
		{E "\xef\xbb\xbf[state]\ndir=/s\n", -EINVAL},
		{E "\xa0" "[state]\ndir=/s\n", -EINVAL},
		{E "[log\ntarget=auto\n", -EINVAL},
		{"[state]\ndir=/s\n" E "[log\ntarget=auto\n", 0},
		{"[state]\ndir=/s\n" E "header=X-A: \xff\n", 0},
	};
#undef E
	char path[128];

	snprintf(path, sizeof path, "%s/c", test_dir);
	setenv("ARIA2_CTM_CONF", path, 1);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct ctm_config *config = NULL;

		test_told_reset();
		test_write("c", cases[i].text, strlen(cases[i].text));
		cr_expect_eq(ctm_config_load(&config, test_tell, NULL, NULL), -EINVAL);
		cr_expect_eq(ctm_config_load_for_event(&config, test_tell, NULL, NULL),
			cases[i].result, "%s", cases[i].text);
		cr_expect_str_neq(test_told, "");
		if (config)
			cr_expect_str_eq(config->state_dir, "/s");
		ctm_config_free(config);
	}
}
