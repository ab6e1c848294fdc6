/* SPDX-License-Identifier: MIT */
#include "scratch.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "files.h"
#include "leaks.h"

char test_dir[64];
struct ctm_check test_check;
static struct ctm_check_report report;
static struct ctm_config *config;

static void forget(void)
{
	ctm_check_report_done(&report);
	ctm_config_free(config);
	config = NULL;
}

void test_enter(void)
{
	strcpy(test_dir, "/tmp/ctm-hooks-XXXXXX");
	umask(022);
	cr_assert_not_null(mkdtemp(test_dir));
	cr_assert_eq(chdir(test_dir), 0);
	cr_assert_eq(chmod(".", 0755), 0);
	test_configure(NULL);
}

void test_leave(void)
{
	char command[128];

	forget();
	snprintf(command, sizeof command, "rm -rf %s", test_dir);
	cr_expect_eq(system(command), 0);
	ctm_test_check_leaks();
}

const char *test_path(const char *name)
{
	static char paths[4][512];
	static unsigned next;
	char *path = paths[next++ % 4];

	snprintf(path, sizeof paths[0], "%s/%s", test_dir, name);
	return path;
}

void test_write(const char *name, const char *text, mode_t mode)
{
	CTM_CLEANUP_FREE char *dir = strdup(test_path(name));
	CTM_CLEANUP_FD int fd = -1;

	cr_assert_not_null(dir);
	*strrchr(dir, '/') = '\0';
	cr_assert_eq(ctm_files_make_dirs(dir, 0755), 0);
	fd = open(test_path(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	cr_assert_geq(fd, 0);
	cr_assert_eq(ctm_files_write(fd, text, strlen(text)), 0);
	cr_assert_eq(fchmod(fd, mode), 0);
}

static void complain(void *context, const struct ctm_error *complaint)
{
	(void)context;
	cr_log_error("%s", complaint->text);
}

void test_configure(const char *text)
{
	struct ctm_error e = CTM_ERROR_INIT;

	forget();
	test_check = (struct ctm_check){.report = &report, .user = "tester"};
	if (!text)
		return;
	test_write("test.conf", text, 0600);
	cr_assert_eq(ctm_config_load_file(test_path("test.conf"), &config, complain, NULL, &e), 0,
		"%s", e.text);
	test_check.config = config;
}

bool test_found(enum ctm_check_level level, const char *words)
{
	for (size_t i = 0; i < report.n; i++)
		if (report.items[i].level == level &&
			(strstr(report.items[i].text, words) ||
				strstr(report.items[i].subject, words)))
			return true;
	return false;
}

size_t test_count(enum ctm_check_level level)
{
	return report.count[level];
}

bool test_remedied(const char *words)
{
	for (size_t i = 0; i < report.n; i++)
		if (report.items[i].remedy && strstr(report.items[i].remedy, words))
			return true;
	return false;
}
