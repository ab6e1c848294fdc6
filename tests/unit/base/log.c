/* SPDX-License-Identifier: MIT */
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "buf.h"
#include "files.h"
#include "leaks.h"

#define THREADS 4
#define LINES 200

static char dir[] = "/tmp/ctm-log-XXXXXX";
static char file[64];

static void enter(void)
{
	cr_assert_not_null(mkdtemp(dir));
	snprintf(file, sizeof file, "%s/log", dir);
}

static void leave(void)
{
	ctm_log_done();
	unlink(file);
	cr_expect_eq(rmdir(dir), 0);
	ctm_test_check_leaks();
}

TestSuite(log, .init = enter, .fini = leave);

static void read_log(struct ctm_buf *b)
{
	CTM_CLEANUP_FD int fd = open(file, O_RDONLY | O_CLOEXEC);

	cr_assert_geq(fd, 0);
	cr_assert_eq(ctm_files_read(fd, b), 0);
}

Test(log, nothing_is_opened_before_the_first_line)
{
	cr_assert_eq(ctm_log_setup("hook", file, CTM_LOG_TEXT, CTM_LOG_INFO, NULL), 0);
	cr_expect_eq(access(file, F_OK), -1);
	ctm_log(CTM_LOG_DEBUG, NULL, "not wanted");
	cr_expect_eq(access(file, F_OK), -1);
	errno = ENOENT;
	ctm_log(CTM_LOG_INFO, NULL, "wanted %d", 1);
	cr_expect_eq(errno, ENOENT);
	cr_expect_eq(access(file, F_OK), 0);
}

/* In a child: root, then the user that owns `owned`. Whether that one alone made the file. */
static bool is_written_by(uid_t owner, const char *owned)
{
	struct stat st;

	if (chmod(dir, 0777) < 0 ||
		ctm_log_setup("hook", file, CTM_LOG_TEXT, CTM_LOG_INFO, owned) < 0)
		return false;
	ctm_log(CTM_LOG_INFO, NULL, "as root");
	if (owner != 0 && (lstat(file, &st) == 0 || setuid(owner) < 0))
		return false;
	ctm_log(CTM_LOG_INFO, NULL, "as its owner");
	return stat(file, &st) == 0 && st.st_uid == owner &&
	       st.st_size > (owner != 0 ? 0 : (off_t)strlen("as root\nas its owner\n"));
}

static void expect_written_by(uid_t owner, const char *owned)
{
	int status = 1;
	const pid_t child = fork();

	if (child == 0)
		_exit(is_written_by(owner, owned) ? 0 : 1);
	cr_assert_eq(waitpid(child, &status, 0), child);
	cr_expect_eq(status, 0, "%s of %u", owned, (unsigned)owner);
	unlink(file);
}

/* Whoever owns the state has root make no file for it, and append to none. */
Test(log, root_leaves_the_file_of_others_alone)
{
	char state[96];

	if (geteuid() != 0)
		cr_skip_test("needs root");
	snprintf(state, sizeof state, "%s/state", dir);
	cr_assert_eq(mkdir(state, 0700), 0);
	expect_written_by(0, state);
	cr_assert_eq(chown(state, 65534, 65534), 0);
	expect_written_by(65534, state);
	cr_assert_eq(rmdir(state), 0);
	expect_written_by(65534, state);
}

/* A library's descriptor is gone on return, and what comes later is written all the same. */
Test(log, closed_and_opened_again)
{
	CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(100000);
	const int next = dup(STDERR_FILENO);

	close(next);
	cr_assert_eq(ctm_log_setup("x", file, CTM_LOG_TEXT, CTM_LOG_INFO, NULL), 0);
	ctm_log(CTM_LOG_INFO, NULL, "first");
	ctm_log_close();
	cr_expect_eq(dup(STDERR_FILENO), next);
	close(next);
	ctm_log_close();
	ctm_log(CTM_LOG_INFO, NULL, "second");
	ctm_log_close();
	read_log(&b);
	cr_expect_not_null(strstr(b.data, "first"));
	cr_expect_not_null(strstr(b.data, "second"));
}

/* What is gathered is in the file when it is poured, whole and in its order, however long. */
Test(log, gathered_and_poured)
{
	CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(1000000);
	const char *at;
	char long_one[6000];
	char expected[32];

	memset(long_one, 'x', sizeof long_one - 1);
	long_one[sizeof long_one - 1] = '\0';
	cr_assert_eq(ctm_log_setup("x", file, CTM_LOG_TEXT, CTM_LOG_INFO, NULL), 0);
	ctm_log_gather();
	ctm_log(CTM_LOG_INFO, NULL, "line 0;");
	cr_expect_eq(access(file, F_OK), -1);
	for (int i = 1; i < LINES; i++)
		ctm_log(CTM_LOG_INFO, NULL, i == LINES / 2 ? "line %d; %s" : "line %d;", i,
			long_one);
	ctm_log_pour();
	ctm_log(CTM_LOG_INFO, NULL, "line %d;", LINES);
	read_log(&b);
	at = b.data;
	for (int i = 0; i <= LINES; i++) {
		snprintf(expected, sizeof expected, ": line %d;", i);
		at = strstr(at, expected);
		cr_assert_not_null(at, "line %d is not behind the one before it", i);
		at = strchr(at, '\n');
	}
	cr_expect_str_eq(at, "\n");
}

/* Closing the file loses nothing of it, and where there is no file that is said elsewhere. */
Test(log, gathered_and_not_poured)
{
	CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(1000000);
	const int stderr_fd = dup(STDERR_FILENO);
	char none[96];
	int fd;

	cr_assert_eq(ctm_log_setup("x", file, CTM_LOG_TEXT, CTM_LOG_INFO, NULL), 0);
	ctm_log_gather();
	ctm_log(CTM_LOG_INFO, NULL, "closed");
	ctm_log_close();
	ctm_log(CTM_LOG_INFO, NULL, "left");
	snprintf(none, sizeof none, "%s/none/log", dir);
	cr_assert_eq(ctm_log_setup("x", none, CTM_LOG_TEXT, CTM_LOG_INFO, NULL), 0);
	fd = open(file, O_WRONLY | O_APPEND | O_CLOEXEC);
	cr_assert_eq(dup2(fd, STDERR_FILENO), STDERR_FILENO);
	ctm_log_gather();
	ctm_log(CTM_LOG_INFO, NULL, "elsewhere 1");
	ctm_log(CTM_LOG_INFO, NULL, "elsewhere 2");
	ctm_log_pour();
	cr_assert_eq(dup2(stderr_fd, STDERR_FILENO), STDERR_FILENO);
	close(stderr_fd);
	close(fd);
	read_log(&b);
	cr_expect_not_null(strstr(b.data, "closed\n"));
	cr_expect_not_null(strstr(b.data, "left\n"));
	cr_expect_not_null(strstr(b.data, "elsewhere 1\n"));
	cr_expect_not_null(strstr(b.data, "elsewhere 2\n"));
}

Test(log, levels)
{
	cr_expect(ctm_log_wants(CTM_LOG_WARNING));
	cr_expect_not(ctm_log_wants(CTM_LOG_INFO));
	cr_assert_eq(ctm_log_setup("x", "stderr", CTM_LOG_TEXT, CTM_LOG_ERROR, NULL), 0);
	cr_expect_not(ctm_log_wants(CTM_LOG_WARNING));
	cr_expect(ctm_log_wants(CTM_LOG_ERROR));
}

Test(log, lines_and_complaints)
{
	CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(100000);
	const struct ctm_log_subject subject = {.job = "{3F25}", .endpoint = "ctm"};
	struct ctm_error e = CTM_ERROR_INIT;

	cr_assert_eq(ctm_log_setup("check", file, CTM_LOG_JSON, CTM_LOG_INFO, NULL), 0);
	ctm_log(CTM_LOG_INFO, &subject, "a%cb", '\n');
	ctm_error_at(&e, -EINVAL, "a.ctm.ini", 3, "bad");
	ctm_log_complaint(CTM_LOG_ERROR, NULL, &e);
	read_log(&b);
	cr_expect_not_null(strstr(b.data, "\"job\":\"{3F25}\",\"endpoint\":\"ctm\""));
	cr_expect_not_null(strstr(b.data, "\"message\":\"a\\u000ab\"}\n{"));
	cr_expect_not_null(strstr(b.data, "\"message\":\"a.ctm.ini:3: bad\"}\n"));
}

Test(log, long_text_is_cut)
{
	CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(100000);

	cr_assert_eq(ctm_log_setup("x", file, CTM_LOG_TEXT, CTM_LOG_INFO, NULL), 0);
	ctm_log(CTM_LOG_INFO, NULL, "%*s", 50000, "x");
	read_log(&b);
	cr_expect_lt(b.len, 9000);
	cr_expect_eq(b.data[b.len - 1], '\n');
}

/* A target that takes nothing: the line goes to stderr. */
Test(log, falls_back_to_stderr)
{
	char text[256] = "";
	const int saved = dup(STDERR_FILENO);
	char nowhere[80];
	int ends[2];

	snprintf(nowhere, sizeof nowhere, "%s/none/log", dir);
	cr_assert_eq(pipe(ends), 0);
	dup2(ends[1], STDERR_FILENO);
	cr_assert_eq(ctm_log_setup("x", nowhere, CTM_LOG_CMTRACE, CTM_LOG_INFO, NULL), 0);
	ctm_log(CTM_LOG_WARNING, NULL, "still there");
	dup2(saved, STDERR_FILENO);
	cr_expect_gt(read(ends[0], text, sizeof text - 1), 0);
	cr_expect_str_eq(text, "x: warning: still there\n");
	close(saved);
	close(ends[0]);
	close(ends[1]);
}

static void *write_lines(void *number)
{
	for (int i = 0; i < LINES; i++)
		ctm_log(CTM_LOG_INFO, NULL, "thread %d line %d %0100d", *(int *)number, i, 7);
	return NULL;
}

Test(log, threads)
{
	CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(1000000);
	pthread_t threads[THREADS];
	int numbers[THREADS];
	int lines = 0;

	cr_assert_eq(ctm_log_setup("x", file, CTM_LOG_TEXT, CTM_LOG_INFO, NULL), 0);
	for (int i = 0; i < THREADS; i++) {
		numbers[i] = i;
		cr_assert_eq(pthread_create(&threads[i], NULL, write_lines, &numbers[i]), 0);
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	read_log(&b);
	for (const char *s = b.data; *s; s = strchr(s, '\n') + 1, lines++)
		cr_assert_eq(strncmp(strchr(s, '\n') - 4, "0007", 4), 0);
	cr_expect_eq(lines, THREADS * LINES);
}

Test(log, auto_target)
{
	setenv("JOURNAL_STREAM", "8:1", 1);
	cr_expect_eq(ctm_log_setup("x", "auto", CTM_LOG_TEXT, CTM_LOG_INFO, NULL), 0);
	unsetenv("JOURNAL_STREAM");
	cr_expect_eq(ctm_log_setup("x", "auto", CTM_LOG_TEXT, CTM_LOG_INFO, NULL), 0);
	ctm_log(CTM_LOG_INFO, NULL, "to syslog, or stderr where there is none");
}
