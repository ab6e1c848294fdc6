/* SPDX-License-Identifier: MIT */
#include "log_sink.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "buf.h"
#include "leaks.h"

static char dir[] = "/tmp/ctm-sink-XXXXXX";

static void enter(void)
{
	cr_assert_not_null(mkdtemp(dir));
	cr_assert_eq(chdir(dir), 0);
}

static void leave(void)
{
	unlink("log");
	unlink("log.1");
	unlink("socket");
	cr_expect_eq(rmdir(dir), 0);
	ctm_test_check_leaks();
}

TestSuite(log_sink, .init = enter, .fini = leave);

static void expect_content(const char *file, const char *expected)
{
	char text[256] = "";
	FILE *f = fopen(file, "re");

	cr_assert_not_null(f);
	text[fread(text, 1, sizeof text - 1, f)] = '\0';
	fclose(f);
	cr_expect_str_eq(text, expected);
}

Test(log_sink, file_and_rotation)
{
	struct ctm_log_sink sink = {.target = CTM_LOG_FILE, .path = "log", .fd = -1};
	struct stat st;

	umask(0);
	cr_assert_eq(ctm_log_sink_write(&sink, "one\n", 4), 0);
	cr_assert_eq(stat("log", &st), 0);
	cr_expect_eq(st.st_mode & 07777, 0600);
	cr_assert_eq(ctm_log_sink_write(&sink, "two\n", 4), 0);
	cr_assert_eq(rename("log", "log.1"), 0);
	cr_assert_eq(ctm_log_sink_write(&sink, "three\n", 6), 0);
	expect_content("log.1", "one\ntwo\n");
	expect_content("log", "three\n");
	cr_assert_eq(unlink("log"), 0);
	cr_assert_eq(ctm_log_sink_write(&sink, "four\n", 5), 0);
	expect_content("log", "four\n");
	ctm_log_sink_close(&sink);
	cr_expect_eq(sink.fd, -1);
	sink.path = "none/log";
	cr_expect_eq(ctm_log_sink_write(&sink, "x\n", 2), -ENOENT);
}

/* The disk is full in the middle of it: no more than the rest is lost, and that is known. */
Test(log_sink, a_part_is_an_error)
{
	struct ctm_log_sink sink = {.target = CTM_LOG_FILE, .path = "log", .fd = -1};
	struct rlimit limit;

	signal(SIGXFSZ, SIG_IGN);
	cr_assert_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = strlen("one\ntw");
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	cr_expect_eq(ctm_log_sink_write(&sink, "one\ntwo\n", 8), -EFBIG);
	limit.rlim_cur = limit.rlim_max;
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	expect_content("log", "one\ntw");
	ctm_log_sink_close(&sink);
}

static int listen_at(const char *path, int type)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	const int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	strcpy(at.sun_path, path);
	cr_assert_eq(bind(fd, (const struct sockaddr *)&at, sizeof at), 0);
	if (type == SOCK_STREAM)
		cr_assert_eq(listen(fd, 5), 0);
	return fd;
}

Test(log_sink, datagrams_and_a_restarted_daemon)
{
	struct ctm_log_sink sink = {.target = CTM_LOG_JOURNAL, .path = "socket", .fd = -1};
	char got[64] = "";
	int fd;

	cr_expect_eq(ctm_log_sink_write(&sink, "x", 1), -ENOENT);
	fd = listen_at("socket", SOCK_DGRAM);
	cr_assert_eq(ctm_log_sink_write(&sink, "one", 3), 0);
	cr_expect_eq(recv(fd, got, sizeof got, 0), 3);
	close(fd);
	unlink("socket");
	fd = listen_at("socket", SOCK_DGRAM);
	cr_assert_eq(ctm_log_sink_write(&sink, "two", 3), 0);
	cr_expect_eq(recv(fd, got, sizeof got, 0), 3);
	cr_expect_str_eq(got, "two");
	close(fd);
	ctm_log_sink_close(&sink);
}

/* Nobody reads: what does not fit any more is an error, not a wait. */
Test(log_sink, never_waits, .timeout = 20)
{
	struct ctm_log_sink sink = {.target = CTM_LOG_SYSLOG, .path = "socket", .fd = -1};
	const int fd = listen_at("socket", SOCK_DGRAM);
	int r = 0;

	for (int i = 0; r == 0 && i < 100000; i++)
		r = ctm_log_sink_write(&sink, "line", 4);
	cr_expect_eq(r, -EAGAIN);
	close(fd);
	ctm_log_sink_close(&sink);
}

Test(log_sink, syslog_by_stream)
{
	struct ctm_log_sink sink = {.target = CTM_LOG_SYSLOG, .path = "socket", .fd = -1};
	const int fd = listen_at("socket", SOCK_STREAM);
	char got[64] = "";
	int peer;

	cr_assert_eq(ctm_log_sink_write(&sink, "one", 3), 0);
	peer = accept(fd, NULL, NULL);
	cr_expect_eq(recv(peer, got, sizeof got, 0), 4);
	cr_expect_arr_eq(got, "one", 4);
	close(peer);
	close(fd);
	ctm_log_sink_close(&sink);
}

/* A reader that went away kills nobody, one that is stopped holds up nobody for long. */
Test(log_sink, stderr_pipes, .timeout = 20)
{
	const pid_t child = fork();
	int status = 0;

	if (child == 0) {
		struct ctm_log_sink sink = CTM_LOG_SINK_INIT;
		int ends[2];

		signal(SIGPIPE, SIG_DFL);
		if (pipe(ends) < 0 || dup2(ends[1], STDERR_FILENO) < 0)
			_exit(1);
		close(ends[1]);
		for (int i = 0; i < 20; i++) {
			CTM_CLEANUP_FREE char *big = calloc(1, 4096);

			if (ctm_log_sink_write(&sink, big, 4096) == -EAGAIN)
				break;
			if (i == 19)
				_exit(2);
		}
		close(ends[0]);
		_exit(ctm_log_sink_write(&sink, "x", 1) < 0 ? 0 : 3);
	}
	cr_assert_eq(waitpid(child, &status, 0), child);
	cr_expect_eq(status, 0, "status %x", (unsigned)status);
}
