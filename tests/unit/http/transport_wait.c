/* SPDX-License-Identifier: MIT */
/* wait(): how long, and what ends it. */
#include "transport.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "module.h"
#include "peer.h"
#include "scratch.h"

TestSuite(transport_wait, .init = module_init, .fini = module_done);

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* Seconds that a wait took. */
static double wait_for(struct ctm_transport *t, struct pollfd *fds, size_t n, int timeout_ms)
{
	const double start = now();

	cr_assert_eq(module_table()->wait(t, fds, n, timeout_ms), 0);
	return now() - start;
}

static void submit_slow(struct ctm_transport *t)
{
	const struct ctm_transport_message m = module_message(CTM_TRANSPORT_SUCCESS);
	struct ctm_transport_endpoint e;

	peer_start("delay=20000\n", NULL);
	e = module_endpoint(peer_url("http", "127.0.0.1"));
	cr_assert_eq(module_table()->submit(t, &e, &m, 1), 0);
}

Test(transport_wait, lasts_its_time)
{
	struct ctm_transport *t = module_open();

	cr_expect_lt(wait_for(t, NULL, 0, 0), 0.1);
	cr_expect_geq(wait_for(t, NULL, 0, 200), 0.199);
	submit_slow(t);
	cr_expect_geq(wait_for(t, NULL, 0, 200), 0.199);
	cr_expect_geq(wait_for(t, NULL, 0, 200), 0.199);
	module_table()->close(t);
}

Test(transport_wait, an_outcome_that_is_there_ends_it)
{
	const struct ctm_transport_message m = module_message(CTM_TRANSPORT_SUCCESS);
	struct ctm_transport *t = module_open();
	struct ctm_transport_endpoint e = module_endpoint("http://localhost/");
	struct pollfd fd = {.events = POLLIN};
	int ends[2];

	e.token_file = scratch_path("none");
	cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
	fd.fd = ends[0];
	cr_assert_eq(module_table()->submit(t, &e, &m, 1), 0);
	cr_expect_lt(wait_for(t, &fd, 1, 5000), 1);
	cr_expect_eq(fd.revents, 0);
	cr_assert_eq(write(ends[1], "x", 1), 1);
	cr_expect_lt(wait_for(t, &fd, 1, 5000), 1);
	cr_expect_eq(fd.revents, POLLIN);
	expect_outcome(module_next(t), CTM_TRANSPORT_PERSON, 0x80070002);
	module_table()->close(t);
	close(ends[0]);
	close(ends[1]);
}

Test(transport_wait, the_callers_descriptors_end_it)
{
	struct ctm_transport *t = module_open();
	struct pollfd fds[2] = {{.fd = -1, .events = POLLIN, .revents = 7}, {.events = POLLIN}};
	int ends[2];

	cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
	fds[1].fd = ends[0];
	submit_slow(t);
	cr_expect_geq(wait_for(t, fds, 2, 200), 0.199);
	cr_expect_eq(fds[0].revents, 0);
	cr_expect_eq(fds[1].revents, 0);
	cr_assert_eq(write(ends[1], "x", 1), 1);
	cr_expect_lt(wait_for(t, fds, 2, 5000), 1);
	cr_expect_eq(fds[1].revents, POLLIN);
	cr_assert_eq(read(ends[0], &(char){0}, 1), 1);
	close(ends[1]);
	cr_expect_lt(wait_for(t, fds, 2, 5000), 1);
	cr_expect_eq(fds[1].revents, POLLHUP);
	close(ends[0]);
	module_table()->close(t);
}

static void on_alarm(int signal)
{
	(void)signal;
}

/* It rings again: the first can come before the wait has begun. */
static double wait_for_alarm(struct ctm_transport *t)
{
	const struct itimerval never = {0};
	const struct itimerval soon = {.it_value.tv_usec = 200000, .it_interval.tv_usec = 200000};
	double waited;

	setitimer(ITIMER_REAL, &soon, NULL);
	waited = wait_for(t, NULL, 0, 10000);
	setitimer(ITIMER_REAL, &never, NULL);
	return waited;
}

Test(transport_wait, a_signal_ends_it)
{
	const struct sigaction action = {.sa_handler = on_alarm};
	struct ctm_transport *t = module_open();

	sigaction(SIGALRM, &action, NULL);
	cr_expect_lt(wait_for_alarm(t), 5);
	submit_slow(t);
	cr_expect_lt(wait_for_alarm(t), 5);
	module_table()->close(t);
}
