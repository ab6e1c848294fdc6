/* SPDX-License-Identifier: MIT */
#include "run_aria2.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "buf.h"
#include "files.h"
#include "path.h"
#include "place.h"

static mode_t callers_mask = 077;

void ctm_aria2_keep_mask(mode_t mask)
{
	callers_mask = mask;
}

static volatile sig_atomic_t child;
static volatile sig_atomic_t interrupted;

static void forward(int number)
{
	int saved = errno;

	interrupted = 1;
	/* A terminal's Ctrl-C reaches aria2c by itself; to be told twice does no harm. */
	if (child > 0)
		kill((pid_t)child, number);
	errno = saved;
}

void ctm_aria2_forward_signals(const struct ctm_aria2_run *run)
{
	struct sigaction action = {.sa_handler = forward};

	child = (sig_atomic_t)run->pid;
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
}

bool ctm_aria2_was_interrupted(void)
{
	return interrupted;
}

/*
 * Before the caller's options, so that those win. What the user's own aria2.conf may say, for an
 * aria2c that stays, would keep this one from ending, or hide its end.
 */
static const char *const defaults[] = {"--auto-file-renaming=false", "--allow-overwrite=true",
	"--continue=false", "--daemon=false", "--dry-run=false", "--enable-rpc=false",
	"--input-file=", "--save-session="};

static const char *const quiet_options[] = {"--show-console-readout=false", "--summary-interval=0",
	"--console-log-level=error", "--download-result=hide"};

/* Behind them, so that ours win: without these hooks nothing would ever be told. */
static const struct {
	const char *option;
	const char *hook;
} hooks[] = {
	{"--on-download-complete", "on-download-complete"},
	{"--on-bt-download-complete", "on-bt-download-complete"},
	{"--on-download-error", "on-download-error"},
	{"--on-download-stop", "on-download-stop"},
};

#define COUNT(a) (sizeof(a) / sizeof *(a))

struct arguments {
	char **items;
	size_t n;
	size_t cap;
};

static int add(struct arguments *a, const char *format, const char *one, const char *two)
{
	struct ctm_buf b = CTM_BUF_INIT((size_t)1 << 20);

	ctm_buf_add_str(&b, format);
	ctm_buf_add_str(&b, one);
	ctm_buf_add_str(&b, two);
	a->items[a->n] = ctm_buf_take(&b);
	return a->items[a->n++] ? 0 : -ENOMEM;
}

static int add_hook(struct arguments *a, const char *option, const char *hook)
{
	CTM_CLEANUP_FREE char *path = NULL;
	int r = ctm_place_find(CTM_PLACE_LIBEXEC, hook, &path);

	if (r == 0 && access(path, X_OK) < 0)
		r = -errno;
	return r < 0 ? r : add(a, option, "=", path);
}

static int build(
	struct arguments *a, const char *input_file, bool quiet, int n, char *const *arguments)
{
	int r = add(a, "aria2c", "", "");

	for (size_t i = 0; r == 0 && i < COUNT(defaults); i++)
		r = add(a, defaults[i], "", "");
	for (size_t i = 0; r == 0 && quiet && i < COUNT(quiet_options); i++)
		r = add(a, quiet_options[i], "", "");
	if (r == 0 && input_file)
		r = add(a, "--input-file=", input_file, "");
	for (int i = 0; r == 0 && i < n; i++)
		r = add(a, arguments[i], "", "");
	for (size_t i = 0; r == 0 && i < COUNT(hooks); i++)
		r = add_hook(a, hooks[i].option, hooks[i].hook);
	return r;
}

static void arguments_done(struct arguments *a)
{
	for (size_t i = 0; i < a->n; i++)
		free(a->items[i]);
	free(a->items);
}

/* posix_spawn(3) has no attribute for the mask: a child has its parent's as it is at the start. */
static int spawn(pid_t *ret_pid, char **items)
{
	const mode_t ours = umask(callers_mask);
	const int r = -posix_spawnp(ret_pid, "aria2c", NULL, NULL, items, environ);

	umask(ours);
	return r;
}

int ctm_aria2_start(struct ctm_aria2_run *run, const char *input_file, bool quiet, int n,
	char *const *arguments, struct ctm_error *e)
{
	struct arguments a = {0};
	int r;

	*run = (struct ctm_aria2_run){0};
	if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
		return ctm_error_set(e, -errno, "cannot become the reaper of aria2's hooks: %s",
			strerror(errno));
	a.cap = 1 + COUNT(defaults) + COUNT(quiet_options) + 1 + (size_t)n + COUNT(hooks) + 1;
	a.items = calloc(a.cap, sizeof *a.items);
	r = a.items ? build(&a, input_file, quiet, n, arguments) : -ENOMEM;
	if (r < 0) {
		ctm_error_set(e, r, "cannot find the hook commands: %s", strerror(-r));
	} else {
		r = spawn(&run->pid, a.items);
		if (r < 0)
			ctm_error_set(e, r, "cannot start \"aria2c\": %s", strerror(-r));
	}
	arguments_done(&a);
	return r;
}

void ctm_aria2_reap(struct ctm_aria2_run *run)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid != run->pid)
			continue;
		run->ended = true;
		run->status = status;
		child = 0;
	}
}

/*
 * Whether the process is a deliverer, or its transport, or has gone. By its name: the program that
 * it runs is not for somebody to see who is confined.
 */
static bool delivers(long pid)
{
	CTM_CLEANUP_FD int fd = -1;
	char file[64];
	char name[32];
	ssize_t n;

	snprintf(file, sizeof file, "/proc/%ld/comm", pid);
	fd = open(file, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, name, sizeof name - 1);
	if (n <= 0)
		return errno == ENOENT || errno == ESRCH;
	name[n] = '\0';
	return strcmp(name, "deliver\n") == 0 || strcmp(name, "transport\n") == 0;
}

bool ctm_aria2_has_hooks(void)
{
	char name[64];
	long pid;
	bool found = false;
	FILE *f;

	snprintf(name, sizeof name, "/proc/self/task/%ld/children", (long)getpid());
	f = fopen(name, "re");
	if (!f)
		return false;
	while (!found && fscanf(f, "%ld", &pid) == 1)
		found = !delivers(pid);
	fclose(f);
	return found;
}

const char *ctm_aria2_describe(int status, char buf[64])
{
	if (WIFSIGNALED(status))
		snprintf(buf, 64, "killed by signal %d", WTERMSIG(status));
	else
		snprintf(buf, 64, "exit status %d", WEXITSTATUS(status));
	return buf;
}
