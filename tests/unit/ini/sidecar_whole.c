/* SPDX-License-Identifier: MIT */
#include "sidecar_read.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "files.h"
#include "told.h"

TestSuite(sidecar_whole, .init = test_enter, .fini = test_leave);

#define TEXT                                                                                       \
	"[job]\nid={3F2504E0-4F89-11D3-9A0C-0305E82C3301}\nkind=single\nendpoint=ctm\n"            \
	"local_path=/srv/x\n"

static void age(const char *file, time_t seconds)
{
	struct timespec times[2];

	clock_gettime(CLOCK_REALTIME, &times[0]);
	times[0].tv_sec -= seconds;
	times[1] = times[0];
	cr_assert_eq(utimensat(AT_FDCWD, file, times, 0), 0);
}

Test(sidecar_whole, somebody_writes)
{
	CTM_CLEANUP_FD int writer = -1;
	struct ctm_sidecar *s = NULL;

	test_write("s.ctm.ini", TEXT, strlen(TEXT));
	cr_expect_eq(test_load("s.ctm.ini", &s), CTM_SIDECAR_GOOD);
	ctm_sidecar_free(s);
	writer = open("s.ctm.ini", O_WRONLY | O_CLOEXEC);
	age("s.ctm.ini", 3600);
	cr_expect_eq(test_load("s.ctm.ini", &s), CTM_SIDECAR_NOT_WHOLE);
	cr_expect_null(s);
	cr_expect_eq(test_load_at_once("s.ctm.ini", &s), CTM_SIDECAR_GOOD);
	ctm_sidecar_free(s);
	ctm_close_fd(&writer);
	cr_expect_eq(test_load("s.ctm.ini", &s), CTM_SIDECAR_GOOD);
	ctm_sidecar_free(s);
}

/* No lease for a descriptor that can write: the age decides. */
Test(sidecar_whole, age_where_no_lease_is_to_be_had)
{
	CTM_CLEANUP_FD int fd = open("s", O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	CTM_CLEANUP_FD int place = open("s", O_PATH | O_CLOEXEC);
	struct stat st;

	age("s", 1);
	cr_assert_eq(fstat(fd, &st), 0);
	cr_expect_not(ctm_sidecar_is_settled(place, &st));
	age("s", 3);
	cr_assert_eq(fstat(fd, &st), 0);
	cr_expect(ctm_sidecar_is_settled(place, &st));
	age("s", -100);
	cr_assert_eq(fstat(fd, &st), 0);
	cr_expect_not(ctm_sidecar_is_settled(place, &st));
}

static int stop;

static void *open_for_writing(void *unused)
{
	(void)unused;
	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		const int fd = open("s.ctm.ini", O_WRONLY | O_CLOEXEC);

		if (fd >= 0)
			close(fd);
	}
	return NULL;
}

/* SIGIO would end this test; the thread's mask comes back as it was. */
Test(sidecar_whole, writers_that_break_the_lease, .timeout = 50)
{
	unsigned whole = 0;
	pthread_t threads[2];
	sigset_t mask;

	test_write("s.ctm.ini", TEXT, strlen(TEXT));
	for (size_t i = 0; i < 2; i++)
		cr_assert_eq(pthread_create(&threads[i], NULL, open_for_writing, NULL), 0);
	for (unsigned i = 0; i < 3000; i++) {
		struct ctm_sidecar *s = NULL;
		const enum ctm_sidecar_state state = test_load("s.ctm.ini", &s);

		whole += state == CTM_SIDECAR_GOOD;
		cr_assert(state == CTM_SIDECAR_GOOD || state == CTM_SIDECAR_NOT_WHOLE);
		ctm_sidecar_free(s);
	}
	__atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
	for (size_t i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	pthread_sigmask(SIG_BLOCK, NULL, &mask);
	cr_expect_not(sigismember(&mask, SIGIO));
	cr_log_info("%u of 3000 were whole", whole);
}

/* A SIGIO of somebody else's that waits already stays. */
Test(sidecar_whole, foreign_signal_stays)
{
	CTM_CLEANUP_FD int fd = -1;
	sigset_t sigio;
	sigset_t pending;
	struct stat st;

	test_write("s", "x", 1);
	fd = open("s", O_RDONLY | O_CLOEXEC);
	cr_assert_eq(fstat(fd, &st), 0);
	sigemptyset(&sigio);
	sigaddset(&sigio, SIGIO);
	pthread_sigmask(SIG_BLOCK, &sigio, NULL);
	raise(SIGIO);
	cr_expect(ctm_sidecar_is_settled(fd, &st));
	sigemptyset(&pending);
	sigpending(&pending);
	cr_expect(sigismember(&pending, SIGIO));
}

/* Changed in place while it was read: an appender that opens, writes and closes again and again. */
static void *append(void *unused)
{
	(void)unused;
	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		test_write("t.ctm.ini", TEXT, 40);
		test_write("t.ctm.ini", TEXT "content_id=1\n", strlen(TEXT "content_id=1\n"));
	}
	return NULL;
}

Test(sidecar_whole, rewritten_all_the_time, .timeout = 50)
{
	pthread_t thread;

	test_write("t.ctm.ini", TEXT, strlen(TEXT));
	cr_assert_eq(pthread_create(&thread, NULL, append, NULL), 0);
	for (unsigned i = 0; i < 2000; i++) {
		struct ctm_sidecar *s = NULL;
		const enum ctm_sidecar_state state = test_load("t.ctm.ini", &s);

		if (state == CTM_SIDECAR_GOOD)
			cr_assert_str_eq(s->local_path, "/srv/x");
		ctm_sidecar_free(s);
	}
	__atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
}
