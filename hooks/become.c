/* SPDX-License-Identifier: MIT */
#include "become.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>
#include <sys/auxv.h>
#include <syslog.h>
#include <unistd.h>

#include "path.h"

#define TRIES 3

/*
 * The path of our own file: the kernel knows it; where /proc is not mounted, it is what the kernel
 * was told at exec, unless that depends on a directory. The length, 0 where neither helps.
 */
static size_t own_path(char to[PATH_MAX])
{
	const char *started = (const char *)(uintptr_t)getauxval(AT_EXECFN);
	const ssize_t n = readlink("/proc/self/exe", to, PATH_MAX);

	if (n > 0)
		return n < PATH_MAX ? (size_t)n : 0;
	if (!started || started[0] != '/' || strlen(started) >= PATH_MAX)
		return 0;
	strcpy(to, started);
	return strlen(to);
}

/* `drain` stands beside the hook commands, installed or not. */
static void find_drain(char to[PATH_MAX + sizeof BECOME_DRAIN])
{
	const size_t len = own_path(to);

	to[len] = '\0';
	if (len)
		strcpy(to + (ctm_path_name(to) - to), BECOME_DRAIN);
	else
		strcpy(to, CTM_LIBEXECDIR "/" BECOME_DRAIN);
}

/*
 * Tried again, because want of memory can be over in a moment, and only `drain` knows the log: what
 * is said here is all that there will be.
 */
void become_drain(char **argv)
{
	char path[PATH_MAX + sizeof BECOME_DRAIN];
	int why;

	find_drain(path);
	for (int i = 0; i < TRIES; i++)
		execv(path, argv);
	why = errno;
	openlog("aria2-ctm", LOG_PERROR, LOG_DAEMON);
	syslog(LOG_ERR, "cannot start \"%s\": %s", path, strerror(why));
}
