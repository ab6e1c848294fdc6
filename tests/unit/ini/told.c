/* SPDX-License-Identifier: MIT */
#include "told.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "files.h"
#include "leaks.h"

char test_dir[64];
char test_told[16384];

void test_enter(void)
{
	strcpy(test_dir, "/tmp/ctm-ini-XXXXXX");
	umask(022);
	cr_assert_not_null(mkdtemp(test_dir));
	cr_assert_eq(chdir(test_dir), 0);
	cr_assert_eq(chmod(".", 0755), 0);
}

void test_leave(void)
{
	char command[128];

	snprintf(command, sizeof command, "rm -rf %s", test_dir);
	cr_expect_eq(system(command), 0);
	ctm_test_check_leaks();
}

void test_write(const char *name, const char *text, size_t len)
{
	CTM_CLEANUP_FD int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	cr_assert_geq(fd, 0);
	cr_assert_eq(ctm_files_write(fd, text, len), 0);
}

void test_told_reset(void)
{
	test_told[0] = '\0';
}

void test_tell(void *context, const struct ctm_error *complaint)
{
	const size_t used = strlen(test_told);
	char text[1200];

	(void)context;
	snprintf(test_told + used, sizeof test_told - used, "%s %s\n", complaint->code ? "E" : "W",
		ctm_error_print(complaint, text, sizeof text));
}

static enum ctm_sidecar_state load(const char *file, bool at_once, struct ctm_sidecar **ret_sidecar)
{
	const struct ctm_sidecar_trust trust = {.state_owner = geteuid(), .at_once = at_once};
	enum ctm_sidecar_state state = CTM_SIDECAR_REFUSED;
	struct ctm_error e = CTM_ERROR_INIT;
	struct stat st;

	test_told_reset();
	cr_assert_eq(ctm_sidecar_load(file, &trust, test_tell, NULL, &state, ret_sidecar, &st, &e),
		0, "%s", e.text);
	return state;
}

enum ctm_sidecar_state test_load(const char *file, struct ctm_sidecar **ret_sidecar)
{
	return load(file, false, ret_sidecar);
}

enum ctm_sidecar_state test_load_at_once(const char *file, struct ctm_sidecar **ret_sidecar)
{
	return load(file, true, ret_sidecar);
}
