/* SPDX-License-Identifier: MIT */
/*
 * A host that looks at itself before and after all calls: hygiene default|ignored|handler PATH.
 * The word says what it does with SIGCHLD. Exit status: 0 nothing of the process has changed.
 */
#include <aria2ctm.h>
#include <dirent.h>
#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define LIMIT 65536u

static void add(char *all, const char *name, const char *value)
{
	const size_t len = strlen(all);

	snprintf(all + len, LIMIT - len, "%s %s\n", name, value);
}

static void add_link(char *all, const char *name, const char *path)
{
	char to[4096];
	const ssize_t n = readlink(path, to, sizeof to - 1);

	to[n > 0 ? n : 0] = '\0';
	add(all, name, to);
}

static void add_descriptors(char *all)
{
	char path[300];
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.' && atoi(entry->d_name) != dirfd(dir)) {
			snprintf(path, sizeof path, "/proc/self/fd/%s", entry->d_name);
			add_link(all, "descriptor", path);
		}
	if (dir)
		closedir(dir);
}

/* What the kernel knows of us that somebody else could have changed. */
static void add_status(char *all)
{
	static const char *const names[] = {"Umask", "Uid", "Gid", "Groups", "Threads", "SigPnd",
		"ShdPnd", "SigBlk", "SigIgn", "SigCgt", "CapEff", "NoNewPrivs"};
	char line[4096];
	FILE *f = fopen("/proc/self/status", "re");

	while (f && fgets(line, sizeof line, f))
		for (size_t i = 0; i < sizeof names / sizeof *names; i++)
			if (strncmp(line, names[i], strlen(names[i])) == 0)
				add(all, "status", line);
	if (f)
		fclose(f);
}

static char *describe(void)
{
	char *all = calloc(1, LIMIT);
	struct sigaction action;

	if (!all)
		abort();
	add_descriptors(all);
	add_status(all);
	add_link(all, "directory", "/proc/self/cwd");
	add(all, "locale", setlocale(LC_ALL, NULL));
	for (char **entry = environ; *entry; entry++)
		add(all, "environment", *entry);
	for (int number = 1; number < 32; number++) {
		char text[64];

		sigaction(number, NULL, &action);
		snprintf(text, sizeof text, "%d %p %x", number, (void *)(size_t)action.sa_handler,
			(unsigned)action.sa_flags);
		add(all, "signal", text);
	}
	return all;
}

static void reap_all(int number)
{
	const int saved = errno;

	(void)number;
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	errno = saved;
}

static void call_all(const char *path)
{
	const struct aria2ctm_event event = {.size = sizeof event,
		.type = ARIA2CTM_DOWNLOAD_COMPLETE,
		.gid = 1,
		.n_files = 1,
		.path = path};
	struct aria2ctm_error error = {.size = sizeof error};
	static const char id[] = "{00000000-0000-4000-8000-000000000001}";
	static const char failed[] = "{00000000-0000-4000-8000-000000000002}";
	const int recorded = aria2ctm_event(&event, &error);
	const int none = aria2ctm_event(NULL, &error);
	const int32_t moving = aria2ctm_send_notify_progress(NULL, "ctm", id, "", "0", "1", 0, 0);
	const int32_t done = aria2ctm_send_notify_success("ctm", id, "", "7", "7", 1, 1);
	const int32_t bad = SendNotifyErrorToCTM(
		u"ctm", u"{00000000-0000-4000-8000-000000000002}", u"", -1, u"it broke");
	const int32_t wrong = aria2ctm_send_notify_error("ctm", failed, "", 0, "no failure");

	printf("%d %d %08X %08X %08X %08X\n", recorded, none, (unsigned)moving, (unsigned)done,
		(unsigned)bad, (unsigned)wrong);
}

int main(int argc, char **argv)
{
	char *before;
	char *after;
	int r;

	if (argc != 3)
		return 2;
	if (strcmp(argv[1], "ignored") == 0)
		signal(SIGCHLD, SIG_IGN);
	if (strcmp(argv[1], "handler") == 0)
		signal(SIGCHLD, reap_all);
	before = describe();
	call_all(argv[2]);
	after = describe();
	r = strcmp(before, after) != 0;
	if (r)
		fprintf(stderr, "before:\n%s\nafter:\n%s", before, after);
	if (waitpid(-1, NULL, WNOHANG) != -1 || errno != ECHILD) {
		fprintf(stderr, "a child is left\n");
		r = 1;
	}
	free(before);
	free(after);
	return r;
}
