/* SPDX-License-Identifier: MIT */
/*
 * Loaded into one of our programs before its libraries (LD_PRELOAD), as somebody who has taken it
 * over: it tries what such a one would (attempts.h), when the program makes the FIFO of a
 * deliverer, which it does before it reads anything that others wrote, else at its end. A line at
 * the end of CTM_INTRUDER_SAYS has the program's name and what worked. CTM_INTRUDER_IN names the
 * program.
 */
#include "attempts.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_meant(char name[PATH_MAX])
{
	const char *meant = getenv("CTM_INTRUDER_IN");
	char path[PATH_MAX] = "";
	const char *slash;

	if (readlink("/proc/self/exe", path, sizeof path - 1) < 0)
		return false;
	slash = strrchr(path, '/');
	memcpy(name, slash ? slash + 1 : path, strlen(slash ? slash + 1 : path) + 1);
	return meant && strcmp(meant, name) == 0;
}

static void intrude(void)
{
	static bool done;
	char text[PATH_MAX + 1024];
	char name[PATH_MAX];
	const char *file = getenv("CTM_INTRUDER_SAYS");
	int fd;

	if (done || !file || !is_meant(name))
		return;
	done = true;
	fd = open(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	snprintf(text, sizeof text, "%s:", name);
	attempts_make(text, sizeof text - 1);
	strcat(text, "\n");
	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		abort();
	close(fd);
}

__attribute__((visibility("default"))) int mkfifoat(int dir, const char *path, mode_t mode)
{
	int (*real)(int, const char *, mode_t) = NULL;
	void *found = dlsym(RTLD_NEXT, "mkfifoat");

	memcpy(&real, &found, sizeof real);
	intrude();
	return real(dir, path, mode);
}

__attribute__((destructor)) static void at_the_end(void)
{
	intrude();
}
