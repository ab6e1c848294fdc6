/* SPDX-License-Identifier: MIT */
#include "glance.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "config.h"
#include "leaks.h"

TestSuite(glance, .fini = ctm_test_check_leaks);

#define STATE "[state]\ndir = /srv/state\n"

static bool look(const char *text, struct ctm_glance *ret_glance)
{
	*ret_glance = (struct ctm_glance){{0}, {0}};
	return ctm_glance_text(text, strlen(text), ret_glance);
}

Test(glance, plain)
{
	struct ctm_glance glance;

	cr_assert(look("", &glance));
	cr_expect_str_empty(glance.state_dir);
	cr_assert(look("# a comment\n; another = one\n\n[state]\ndir=/srv/state\nkeep = 30d\n"
		       "give_up\t= 7d\nunclaimed = 90\n[sidecar]\ndir =\t/srv/jobs-1/x.y \n"
		       "beside = no\nowner = root ctm\nroot = /srv\n[endpoint.ctm]\n"
		       "url = https://ctm.example.net/notify ; there\nheader = X-Site: LAB\n"
		       "[retry]\n[aria2]\nrpc = http://127.0.0.1:6800/jsonrpc\n[aria2.two]\n[log]\n"
		       "target = auto\n[endpoint.other]\n",
		&glance));
	cr_expect_str_eq(glance.state_dir, "/srv/state");
	cr_expect_str_eq(glance.sidecar_dir, "/srv/jobs-1/x.y");
}

/* What is to be read, because it is wrong, says something, or would take more than a glance. */
Test(glance, not_plain)
{
	static const char *const texts[] = {
		"[state]\ndir = relative\n",
		"[state]\ndir = /srv/state/\n",
		"[state]\ndir = /srv/my state\n",
		"[state]\ndir = \"/srv/state\"\n",
		"[state]\ndir = /srv/state ; here\n",
		"[state]\ndir =\n",
		"[state]\ndir\n",
		"[state]\ndir : /srv/state\n",
		"[state]\ndir = /srv/\xc3\xa4\n",
		"[state]\r\ndir = /srv/state\r\n",
		"\xef\xbb\xbf" STATE,
		STATE "dir = /srv/other\n",
		STATE STATE,
		STATE " keep = 3d\n",
		STATE "keep = 0d\n",
		STATE "keep = 3 days\n",
		STATE "keep = 10000d\n",
		STATE "kep = 3d\n",
		STATE "Keep = 3d\n",
		STATE "[sidecar]\nbeside = yes\n",
		STATE "[sidecar]\nbeside = NO\n",
		STATE "[stat]\n",
		STATE "[endpoint.a b]\n",
		STATE "[retry] ; often\n",
		STATE "[]\n",
		STATE "[log\n",
		"[log]\n" STATE " [sidecar]\n",
		"[log]\n[state\ndir = /srv/state\n",
		"[log]\n [state]\ndir = /srv/state\n",
		"[log]\nstate]\ndir = /srv/state\n",
		"[log]\n\xef\xbb\xbf" STATE,
		"[log]\n\xa0" STATE,
		STATE "[log]\n target = auto\n",
		STATE "[log]\ntarget\n",
		"dir = /srv/state\n",
		"[state]\ndir = /srv/state",
	};
	struct ctm_glance glance;

	cr_assert(look(STATE, &glance));
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		cr_expect_not(look(texts[i], &glance), "text %zu: %s", i, texts[i]);
	cr_expect_not(ctm_glance_text("[log]\na = \0b\n", 13, &glance));
}

Test(glance, long_lines_and_paths)
{
	struct ctm_glance glance;
	char text[1000] = "[log]\ntarget = /";

	memset(text + strlen(text), 'a', 400);
	strcat(text, "\n");
	cr_expect_not(look(text, &glance));
}

/* The configuration as it is installed is what most hooks look at. */
Test(glance, sample)
{
	static char text[CTM_GLANCE_FILE];
	struct ctm_glance glance = {{0}, {0}};
	FILE *f = fopen(TEST_CONF "/aria2-ctm.conf", "r");
	size_t n;

	cr_assert_not_null(f);
	n = fread(text, 1, sizeof text, f);
	fclose(f);
	cr_expect(ctm_glance_text(text, n, &glance));
}

static char dir[] = "/tmp/ctm-glance-XXXXXX";

static void put(const char *name, const char *text)
{
	char path[200];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", dir, name);
	f = fopen(path, "w");
	cr_assert_not_null(f);
	fputs(text, f);
	fclose(f);
}

static void set(const char *variable, const char *below)
{
	char value[200];

	snprintf(value, sizeof value, "%s%s", dir, below ? below : "");
	if (below)
		setenv(variable, value, 1);
	else
		unsetenv(variable);
}

/* Whatever the environment is, a glance says what reading says, or nothing. */
Test(glance, environment)
{
	static const char *const below[] = {NULL, "", "/none"};
	static const char *const texts[] = {"", STATE, "[sidecar]\ndir = /srv/jobs\n"};
	unsigned seen = 0;

	cr_assert_not_null(mkdtemp(dir));
	cr_assert_eq(chdir(dir), 0);
	cr_assert_eq(mkdir("aria2-ctm", 0700), 0);
	cr_assert_eq(mkdir(".config", 0700), 0);
	cr_assert_eq(mkdir(".config/aria2-ctm", 0700), 0);
	unsetenv("ARIA2_CTM_CONF");
	for (unsigned i = 0; i < 81; i++) {
		struct ctm_glance glance;
		struct ctm_config *config = NULL;

		put("aria2-ctm/aria2-ctm.conf", texts[i / 27]);
		put(".config/aria2-ctm/aria2-ctm.conf", "[state]\ndir = /srv/user\n");
		set("HOME", below[i % 3]);
		set("XDG_CONFIG_HOME", below[i / 3 % 3]);
		set("XDG_STATE_HOME", below[i / 9 % 3]);
		if (!ctm_glance(&glance))
			continue;
		seen++;
		cr_assert_eq(ctm_config_load_for_event(&config, NULL, NULL, NULL), 0);
		cr_expect_str_eq(glance.state_dir, config->state_dir);
		cr_expect_str_eq(glance.sidecar_dir, config->sidecar_dir);
		ctm_config_free(config);
	}
	cr_expect_geq(seen, 54u);
	setenv("ARIA2_CTM_CONF", "/nowhere/x", 1);
	cr_expect_not(ctm_glance(&(struct ctm_glance){{0}, {0}}), "that is complained of");
	setenv("ARIA2_CTM_CONF", dir, 1);
	cr_expect_not(ctm_glance(&(struct ctm_glance){{0}, {0}}), "a directory");
	cr_expect_eq(system("rm -rf aria2-ctm .config"), 0);
	cr_expect_eq(rmdir(dir), 0);
}
