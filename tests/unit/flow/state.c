/* SPDX-License-Identifier: MIT */
#include "state.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "scratch.h"

TestSuite(state, .init = scratch_init, .fini = scratch_done);

static struct ctm_error e;

static int try(const char *dir, unsigned mode)
{
	const struct ctm_config config = {.state_dir = (char *)(uintptr_t)dir};
	struct ctm_state *state = NULL;
	int r = ctm_state_open(&config, mode, &state, &e);

	cr_expect_eq(!state, r < 0);
	ctm_state_close(state);
	return r;
}

static mode_t mode_of(const char *name)
{
	struct stat st;

	cr_assert_eq(stat(scratch_path(name), &st), 0, "%s", name);
	return st.st_mode & 07777;
}

Test(state, made)
{
	const char *dir = scratch_path("deep/er/state");

	umask(0);
	cr_expect_eq(try(dir, CTM_STATE_LOOK), -ENOENT);
	cr_expect_not_null(strstr(e.text, dir), "%s", e.text);
	cr_expect_eq(access(dir, F_OK), -1, "looking makes nothing");
	cr_expect_eq(try(dir, CTM_STATE_CREATE), 0, "%s", e.text);
	cr_expect_eq(mode_of("deep/er/state"), 0700);
	cr_expect_eq(mode_of("deep/er/state/inbox"), 0700);
	cr_expect_eq(mode_of("deep/er/state/jobs"), 0700);
	cr_expect_eq(try(dir, CTM_STATE_LOOK), 0, "%s", e.text);
}

Test(state, open)
{
	const char *dir = scratch_make_dir("state");
	const struct ctm_config config = {.state_dir = (char *)(uintptr_t)dir};
	struct ctm_state *state;

	cr_assert_eq(chmod(dir, 0700), 0);
	cr_assert_eq(ctm_state_open(&config, CTM_STATE_CREATE, &state, &e), 0, "%s", e.text);
	cr_expect_eq(state->config, &config);
	cr_expect_str_eq(state->dir, dir);
	cr_expect_eq(state->owner, geteuid());
	cr_expect(fcntl(state->dir_fd, F_GETFD) & FD_CLOEXEC);
	cr_expect_eq(state->lock_fd, -1);
	cr_expect_null(state->store, "nothing is opened before it is needed");
	cr_expect_not(state->work);
	ctm_state_close(state);
	cr_expect_eq(access(scratch_path("state/store.mdb"), F_OK), -1);
	ctm_state_close(NULL);
}

/* What is there already, whoever made it so, is left as it is. */
Test(state, half_made)
{
	const char *dir = scratch_make_dir("state");

	cr_assert_eq(chmod(dir, 0700), 0);
	scratch_make_dir("state/jobs");
	cr_assert_eq(chmod(scratch_path("state/jobs"), 02750), 0);
	cr_expect_eq(try(dir, CTM_STATE_CREATE), 0, "%s", e.text);
	cr_expect_eq(mode_of("state/jobs"), 02750);
	cr_expect_eq(mode_of("state/inbox"), 0700);
}

Test(state, others_could_write)
{
	static const mode_t bad[] = {0770, 0720, 0702, 0777};
	static const mode_t good[] = {0700, 0750, 0755};
	const char *dir = scratch_make_dir("state");

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		cr_assert_eq(chmod(dir, bad[i]), 0);
		cr_expect_eq(try(dir, CTM_STATE_CREATE), -EPERM, "%04o", bad[i]);
		cr_expect_not_null(strstr(e.text, "chmod 700"), "%s", e.text);
		cr_expect_eq(access(scratch_path("state/inbox"), F_OK), -1);
	}
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		cr_assert_eq(chmod(dir, good[i]), 0);
		cr_expect_eq(try(dir, CTM_STATE_CREATE), 0, "%04o: %s", good[i], e.text);
	}
}

Test(state, no_directory)
{
	cr_expect_eq(try(scratch_write("file", "x"), CTM_STATE_CREATE), -ENOTDIR);
	cr_expect_not_null(strstr(e.text, "file"), "%s", e.text);
	cr_expect_eq(try(scratch_path("file/state"), CTM_STATE_CREATE), -ENOTDIR);
}

/* As root, in a process that must not become somebody else. */
Test(state, of_another_user)
{
	const char *dir = scratch_make_dir("state");

	if (geteuid() != 0)
		cr_skip_test("needs root to give a directory away");
	cr_assert_eq(chmod(dir, 0700), 0);
	cr_assert_eq(chown(dir, 65534, 65534), 0);
	cr_expect_eq(try(dir, CTM_STATE_CREATE), -EPERM);
	cr_expect_not_null(strstr(e.text, "belongs to"), "%s", e.text);
	cr_expect_eq(geteuid(), 0);
}
