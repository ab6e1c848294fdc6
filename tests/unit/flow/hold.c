/* SPDX-License-Identifier: MIT */
#include "hold.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "world.h"

TestSuite(hold, .init = world_init, .fini = world_done);

/* A child that holds the lock until it is killed. */
static pid_t holder(void)
{
	int ready[2];
	char byte;
	pid_t child;

	cr_assert_eq(pipe(ready), 0);
	child = fork();
	if (child == 0) {
		struct ctm_state *own;

		if (ctm_state_open(world.config, CTM_STATE_LOOK, &own, NULL) == 0 &&
			ctm_hold_try(own, NULL) == 0 && write(ready[1], "x", 1) == 1)
			pause();
		_exit(1);
	}
	close(ready[1]);
	cr_assert_eq(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	return child;
}

Test(hold, try_and_release)
{
	struct ctm_store *store;

	cr_expect_eq(ctm_hold_try(world.state, NULL), 0);
	cr_expect_geq(world.state->lock_fd, 0);
	cr_expect(fcntl(world.state->lock_fd, F_GETFD) & FD_CLOEXEC);
	store = world.state->store;
	cr_expect_not_null(store);
	ctm_hold_release(world.state);
	cr_expect_eq(world.state->lock_fd, -1);
	cr_expect_eq(ctm_hold_wait(world.state, 0, NULL), 0);
	cr_expect_eq(world.state->store, store, "it stays open");
	ctm_hold_release(world.state);
}

Test(hold, somebody_else)
{
	struct ctm_error e = CTM_ERROR_INIT;
	pid_t child = holder();

	cr_expect_eq(ctm_hold_try(world.state, &e), -EAGAIN);
	cr_expect_eq(world.state->lock_fd, -1);
	cr_expect_eq(ctm_hold_wait(world.state, 100, &e), -EAGAIN);
	cr_expect_not_null(strstr(e.text, world.state->dir), "%s", e.text);
	cr_expect_not_null(strstr(e.text, "process"), "names the holder: %s", e.text);
	/* A stopped one holds it as well, and nobody waits for that one either. */
	kill(child, SIGSTOP);
	cr_expect_eq(ctm_hold_try(world.state, &e), -EAGAIN);
	kill(child, SIGKILL);
	cr_assert_eq(waitpid(child, NULL, 0), child);
	cr_expect_eq(
		ctm_hold_wait(world.state, 1000, &e), 0, "it dies with its holder: %s", e.text);
	ctm_hold_release(world.state);
}

/* A store that can't be opened lets go of the lock. */
Test(hold, damaged_store)
{
	struct ctm_error e = CTM_ERROR_INIT;
	char garbage[10000];

	memset(garbage, 'x', sizeof garbage);
	scratch_write_bytes("state/" CTM_STORE_FILE, garbage, sizeof garbage);
	cr_expect_eq(ctm_hold_try(world.state, &e), -EBADMSG);
	cr_expect_eq(world.state->lock_fd, -1);
	cr_expect_eq(ctm_hold_wait(world.state, 1000, &e), -EBADMSG);
	cr_expect_eq(world.state->lock_fd, -1);
	cr_expect_not_null(strstr(e.text, CTM_STORE_FILE), "%s", e.text);
}
