/* SPDX-License-Identifier: MIT */
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "buf.h"
#include "scratch.h"

static const char *const names[] = {"on-download-start", "on-download-complete",
	"on-bt-download-complete", "on-download-error", "on-download-pause", "on-download-stop"};

#define N_NAMES (sizeof names / sizeof *names)

/* The six in hooks/, as they are installed, and files that are none of them. */
static void enter(void)
{
	test_enter();
	test_write("hooks/on-download-complete", "#!/bin/sh\n", 0755);
	for (size_t i = 0; i < N_NAMES; i++) {
		char path[64];

		snprintf(path, sizeof path, "hooks/%s", names[i]);
		cr_assert(i == 1 || symlink("on-download-complete", path) == 0);
	}
	cr_assert_eq(link("hooks/on-download-complete", "hooks/hook"), 0);
	test_write("other/on-download-complete", "#!/bin/sh\n", 0755);
	test_write("other/wrapper", "#!/bin/sh\n", 0755);
	test_write("other/two words", "#!/bin/sh\n", 0755);
	test_write("other/not executable", "#!/bin/sh\n", 0644);
	setenv("HOME", test_dir, 1);
}

TestSuite(check_aria2, .init = enter, .fini = test_leave);

/* text with "@" for the test's directory. */
static void add(struct ctm_buf *conf, const char *text)
{
	for (; *text; text++)
		if (*text == '@')
			ctm_buf_add_str(conf, test_dir);
		else
			ctm_buf_add_char(conf, *text);
}

/* A good aria2.conf with some lines behind it, of which the last counts. */
static void check_with(const char *lines)
{
	CTM_CLEANUP_BUF struct ctm_buf conf = CTM_BUF_INIT(65536);

	for (size_t i = 0; i < N_NAMES; i++) {
		add(&conf, names[i]);
		add(&conf, "=@/hooks/");
		add(&conf, names[i]);
		add(&conf, "\n");
	}
	add(&conf, "auto-file-renaming=false\ncontinue=true\n");
	add(&conf, lines);
	test_write("aria2.conf", conf.data, 0644);
	ctm_check_aria2(&test_check, test_path("aria2.conf"), test_path("hooks"));
}

Test(check_aria2, good)
{
	check_with("");
	cr_expect_eq(test_count(CTM_CHECK_ERROR), 0);
	cr_expect_eq(test_count(CTM_CHECK_WARNING), 0);
	cr_expect(test_found(CTM_CHECK_OK, "aria2.conf"));
}

/* What is found in one line, alone, with the remedy. */
static const struct {
	const char *line;
	enum ctm_check_level level; /* OK: nothing */
	const char *words;
	const char *remedy;
} rules[] = {
	{"on-download-complete=\"@/hooks/on-download-complete\"", CTM_CHECK_ERROR, "quotes",
		"on-download-complete=@/hooks/on-download-complete"},
	{"on-download-complete='@/hooks/on-download-complete'", CTM_CHECK_ERROR, "quotes", "="},
	{"on-download-complete=@/hooks/on-download-complete --flag", CTM_CHECK_ERROR, "arguments",
		"="},
	{"on-download-complete=@/hooks/on-download-complete # ours", CTM_CHECK_ERROR, "comment",
		"="},
	{"on-download-complete=~/hooks/on-download-complete", CTM_CHECK_ERROR, "\"~\"", "="},
	{"on-download-complete=$HOME/hooks/on-download-complete", CTM_CHECK_ERROR, "no variable",
		"="},
	{"on-download-complete=${HOME}/hooks/on-download-complete", CTM_CHECK_OK, "", ""},
	{"on-download-complete=${HOME}/none", CTM_CHECK_ERROR, "no file", "="},
	{"on-download-complete=hooks/on-download-complete", CTM_CHECK_WARNING, "relative", "="},
	{"daemon=true\non-download-complete=hooks/on-download-complete", CTM_CHECK_ERROR,
		"daemon=true", "="},
	{"on-download-complete=on-download-complete", CTM_CHECK_WARNING, "PATH", "="},
	{"on-download-complete=@/hooks/none", CTM_CHECK_ERROR, "no file", "="},
	{"on-download-complete=@/hooks", CTM_CHECK_ERROR, "not a file", "="},
	{"on-download-complete=@/other/not executable", CTM_CHECK_ERROR, "executed", "="},
	{"on-download-complete=@/hooks/on-download-error", CTM_CHECK_ERROR, "another event", "="},
	{"on-download-error=@/hooks/on-download-complete", CTM_CHECK_ERROR, "another event",
		"on-download-error=@/hooks/on-download-error"},
	{"on-download-complete=@/hooks/hook", CTM_CHECK_ERROR, "no event", "="},
	{"on-download-complete=@/other/on-download-complete", CTM_CHECK_WARNING,
		"this installation", "="},
	{"on-download-complete=@/other/wrapper", CTM_CHECK_WARNING, "not a command of ours", "="},
	{"on-download-complete=@/other/two words", CTM_CHECK_WARNING, "not a command of ours", "="},
	{"  on-download-complete =\t@/hooks/on-download-complete \r", CTM_CHECK_OK, "", ""},
	{"on-download-complete=", CTM_CHECK_ERROR, "not set", "input file"},
	{"on-bt-download-complete=", CTM_CHECK_WARNING, "seeding", "on-bt-download-complete=@"},
	{"on-download-error=", CTM_CHECK_WARNING, "deadline", "on-download-error=@"},
	{"on-download-stop=", CTM_CHECK_WARNING, "removed", "on-download-stop=@"},
	{"on-download-pause=", CTM_CHECK_OK, "", ""},
	{"--on-download-complete=@/x", CTM_CHECK_ERROR, "no option of aria2",
		"on-download-complete=@/x"},
	{"on-download-complet=@/x", CTM_CHECK_ERROR, "no option of aria2", "on-download-complete="},
	{"On-Download-Complete=@/x", CTM_CHECK_ERROR, "no option of aria2",
		"on-download-complete="},
	{"conf-path=x\nsplit=5\ndir=/x", CTM_CHECK_OK, "", ""},
	{"auto-file-renaming=true", CTM_CHECK_WARNING, "name.1.ext", "auto-file-renaming=false"},
	{"auto-file-renaming=", CTM_CHECK_WARNING, "name.1.ext", "auto-file-renaming=false"},
	{"continue=false", CTM_CHECK_WARNING, "half a file", "continue=true"},
	{"allow-overwrite=true", CTM_CHECK_WARNING, "cut", "allow-overwrite=false"},
	{"dry-run=true", CTM_CHECK_ERROR, "writes no file", "dry-run=false"},
	{"rpc-secret=x", CTM_CHECK_WARNING, "everybody can read", "chmod"},
};

Test(check_aria2, rules)
{
	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
		CTM_CLEANUP_BUF struct ctm_buf remedy = CTM_BUF_INIT(4096);
		const size_t wanted = rules[i].level != CTM_CHECK_OK;

		/* Root can execute no more than others, but needs one x: there is none. */
		test_configure(NULL);
		check_with(rules[i].line);
		add(&remedy, rules[i].remedy);
		cr_expect_eq(test_count(CTM_CHECK_ERROR) + test_count(CTM_CHECK_WARNING), wanted,
			"%s", rules[i].line);
		cr_expect(
			!wanted || test_found(rules[i].level, rules[i].words), "%s", rules[i].line);
		cr_expect(!wanted || test_remedied(remedy.data), "%s", rules[i].line);
	}
}

Test(check_aria2, a_finding_names_its_line)
{
	check_with("on-download-complete=~/x");
	cr_expect(test_found(CTM_CHECK_ERROR, "aria2.conf:9"));
}

Test(check_aria2, byte_order_mark)
{
	test_write("aria2.conf", "\xef\xbb\xbf# comment\n", 0644);
	ctm_check_aria2(&test_check, "aria2.conf", test_path("hooks"));
	cr_expect(test_found(CTM_CHECK_WARNING, "byte order mark"));
}

Test(check_aria2, nothing_set)
{
	test_write("aria2.conf", "", 0644);
	ctm_check_aria2(&test_check, "aria2.conf", test_path("hooks"));
	cr_expect_eq(test_count(CTM_CHECK_ERROR), 1);
	cr_expect(test_found(CTM_CHECK_ERROR, "on-download-complete is not set"));
	cr_expect_eq(test_count(CTM_CHECK_WARNING), 5);
}

Test(check_aria2, absent)
{
	ctm_check_aria2(&test_check, "none.conf", "/hooks");
	cr_expect(test_found(CTM_CHECK_ERROR, "none.conf"));
}

#define ENDPOINT "[endpoint.ctm]\nurl = http://127.0.0.1/\n"

Test(check_aria2, rpc)
{
	static const struct {
		const char *config;
		const char *lines;
		const char *words; /* "": nothing is wrong */
	} cases[] = {
		{ENDPOINT, "", ""},
		{ENDPOINT, "enable-rpc=true", "no [aria2]"},
		{ENDPOINT "[aria2]\nrpc = http://127.0.0.1:6800/jsonrpc\n", "",
			"enable-rpc is not"},
		{ENDPOINT "[aria2]\nrpc = http://127.0.0.1:6800/jsonrpc\n", "enable-rpc=true", ""},
		{ENDPOINT "[aria2]\nrpc = http://127.0.0.1:6800/jsonrpc\n",
			"enable-rpc=true\nrpc-listen-port=6801", "port 6801"},
		{ENDPOINT "[aria2]\nrpc = https://other.example/jsonrpc\n",
			"enable-rpc=true\nrpc-listen-port=6801", ""},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		test_configure(cases[i].config);
		check_with(cases[i].lines);
		cr_expect_eq(
			test_count(CTM_CHECK_WARNING), cases[i].words[0] != '\0', "case %zu", i);
		cr_expect(!cases[i].words[0] || test_found(CTM_CHECK_WARNING, cases[i].words),
			"case %zu", i);
	}
}

#define RPC "[aria2]\nrpc = http://127.0.0.1:6800/jsonrpc\n"

/* What an error looks like where its own hook is not set. */
Test(check_aria2, errors_unheard)
{
	static const struct {
		const char *config;
		const char *lines;
		const char *words;
	} cases[] = {
		{ENDPOINT, "on-download-error=\n", "on-download-stop, which without [aria2] rpc"},
		{ENDPOINT, "on-download-error=\non-download-stop=\n", "only at the deadline"},
		{ENDPOINT RPC, "enable-rpc=true\non-download-error=\n", "if aria2 answers"},
		{ENDPOINT RPC, "enable-rpc=true\non-download-error=\non-download-stop=\n",
			"when flush asks aria2"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		test_configure(cases[i].config);
		check_with(cases[i].lines);
		cr_expect(test_found(CTM_CHECK_WARNING, cases[i].words), "case %zu", i);
		cr_expect(test_remedied("write on-download-error="), "case %zu", i);
	}
}

/* A torrent may be called like the directory that leads to [sidecar] dir. */
Test(check_aria2, downloads_above_sidecars)
{
	static const struct {
		const char *dir;
		bool is_above;
	} cases[] = {
		{"@", true},
		{"@/state", true},
		{"@/state/jobs/", true},
		{"@/state/../state", true},
		{"@/state/job", false},
		{"@/state/jobs/below", false},
		{"@/content", false},
		{"state", false},
	};
	CTM_CLEANUP_BUF struct ctm_buf config = CTM_BUF_INIT(4096);

	add(&config, ENDPOINT "[sidecar]\ndir = @/state/jobs\n");
	cr_assert_eq(mkdir("state", 0700), 0);
	cr_assert_eq(mkdir("state/jobs", 0700), 0);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char line[64];

		snprintf(line, sizeof line, "dir=%s\n", cases[i].dir);
		test_configure(config.data);
		check_with(line);
		cr_expect_eq(test_found(CTM_CHECK_WARNING, "a download can put a sidecar there"),
			cases[i].is_above, "%s", cases[i].dir);
	}
}

/* What a download brings would be read as our own there. */
Test(check_aria2, downloads_and_the_state)
{
	static const struct {
		const char *dir;
		const char *words; /* NULL: it is good */
		enum ctm_check_level level;
	} cases[] = {
		{"@/state", "is in the state directory", CTM_CHECK_ERROR},
		{"@/state/", "is in the state directory", CTM_CHECK_ERROR},
		{"@/state/dl/deeper", "is in the state directory", CTM_CHECK_ERROR},
		{"@/dl/../state", "is in the state directory", CTM_CHECK_ERROR},
		{"@/link", "is in the state directory", CTM_CHECK_ERROR},
		{"@", "is above the state directory", CTM_CHECK_ERROR},
		{"/", "is above the state directory", CTM_CHECK_ERROR},
		{"downloads", "is not known", CTM_CHECK_WARNING},
		{"", "is not known", CTM_CHECK_WARNING},
		{"~/dl", "is not known", CTM_CHECK_WARNING},
		{"@/statement", NULL, CTM_CHECK_OK},
		{"@/dl", NULL, CTM_CHECK_OK},
	};
	CTM_CLEANUP_BUF struct ctm_buf config = CTM_BUF_INIT(4096);

	add(&config, ENDPOINT "[state]\ndir = @/state\n[sidecar]\ndir = @/jobs\n");
	cr_assert_eq(mkdir("state", 0700), 0);
	cr_assert_eq(mkdir("dl", 0700), 0);
	cr_assert_eq(symlink("state", "link"), 0);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char line[64];

		snprintf(line, sizeof line, "dir=%s\n", cases[i].dir);
		test_configure(config.data);
		check_with(line);
		if (cases[i].words)
			cr_expect(test_found(cases[i].level, cases[i].words), "%s", cases[i].dir);
		else
			cr_expect_not(test_found(CTM_CHECK_ERROR, "state directory") ||
					      test_found(CTM_CHECK_WARNING, "state directory"),
				"%s", cases[i].dir);
	}
}

/* The home of the user that aria2 runs as, which is not that of who runs `check` as root. */
Test(check_aria2, downloads_into_the_home)
{
	const struct passwd *user = getpwuid(getuid());
	char config[512];

	cr_assert_not_null(user);
	snprintf(
		config, sizeof config, ENDPOINT "[state]\ndir = %s/.no-such/state\n", user->pw_dir);
	setenv("HOME", "/elsewhere", 1);
	test_configure(config);
	snprintf(test_check.user, sizeof test_check.user, "%s", user->pw_name);
	check_with("dir=${HOME}\n");
	cr_expect(test_found(CTM_CHECK_ERROR, "dir \"${HOME}\" is above the state directory"));
	check_with("dir=${HOME}/.no-such/state/dl\n");
	cr_expect(test_found(CTM_CHECK_ERROR, "is in the state directory"));
	test_configure(config);
	snprintf(test_check.user, sizeof test_check.user, "%s", user->pw_name);
	check_with("dir=${HOME}/dl\n");
	cr_expect_eq(test_count(CTM_CHECK_ERROR) + test_count(CTM_CHECK_WARNING), 0);
	snprintf(test_check.user, sizeof test_check.user, "no-such-user");
	check_with("dir=${HOME}/dl\n");
	cr_expect(test_found(CTM_CHECK_WARNING, "is not known"));
}

/* A section that names no rpc asks nothing. */
Test(check_aria2, section_without_rpc)
{
	const struct ctm_config config = {.aria2s = &(struct ctm_aria2){0}, .n_aria2s = 1};

	cr_expect_not(ctm_check_has_rpc(&config));
	cr_expect_not(ctm_check_has_rpc(NULL));
	test_configure(ENDPOINT RPC);
	cr_expect(ctm_check_has_rpc(test_check.config));
}
