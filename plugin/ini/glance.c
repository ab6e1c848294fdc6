/* SPDX-License-Identifier: MIT */
#include "glance.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "files.h"

/* Writes a then b, which begins with "/". False: they don't fit, or a is no plain directory. */
static bool join(char to[CTM_GLANCE_PATH], const char *a, const char *b)
{
	const size_t len = strlen(a);

	if (len < 2 || a[0] != '/' || a[len - 1] == '/' || len + strlen(b) >= CTM_GLANCE_PATH)
		return false;
	memcpy(to, a, len);
	strcpy(to + len, b);
	return true;
}

/* `rest` below an XDG directory. False also where the home directory must be asked for. */
static bool below_home(
	char to[CTM_GLANCE_PATH], const char *variable, const char *fallback, const char *rest)
{
	char dir[CTM_GLANCE_PATH];
	const char *set = getenv(variable);
	const char *home = getenv("HOME");

	if (set && set[0] == '/')
		return join(to, set, rest);
	return home && join(dir, home, fallback) && join(to, dir, rest);
}

/* -ENOENT: no such file. Other errors are left to whoever reads it. */
static int open_file(const char *file)
{
	const int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd >= 0)
		return fd;
	return errno == ENOENT || errno == ENOTDIR ? -ENOENT : -EINVAL;
}

/* -ENOENT: there is none, and all keys are at their defaults. */
static int open_config(void)
{
	char user[CTM_GLANCE_PATH];
	const char *set = getenv("ARIA2_CTM_CONF");
	int fd;

	if (set && *set) {
		fd = open_file(set);
		return fd == -ENOENT ? -EINVAL : fd;
	}
	if (!below_home(user, "XDG_CONFIG_HOME", "/.config", "/" CTM_CONFIG_FILE))
		return -EINVAL;
	fd = open_file(user);
	return fd == -ENOENT ? open_file(CTM_SYSCONFDIR "/" CTM_CONFIG_FILE) : fd;
}

static bool read_config(struct ctm_glance *glance)
{
	char text[CTM_GLANCE_FILE];
	CTM_CLEANUP_FD int fd = open_config();
	ssize_t n;

	if (fd < 0)
		return fd == -ENOENT;
	n = read(fd, text, sizeof text);
	return n > 0 && (size_t)n < sizeof text && ctm_glance_text(text, (size_t)n, glance);
}

bool ctm_glance(struct ctm_glance *ret_glance)
{
	ret_glance->state_dir[0] = ret_glance->sidecar_dir[0] = '\0';
	if (!read_config(ret_glance))
		return false;
	if (!ret_glance->state_dir[0] &&
		!below_home(ret_glance->state_dir, "XDG_STATE_HOME", "/.local/state", "/aria2-ctm"))
		return false;
	return ret_glance->sidecar_dir[0] ||
	       join(ret_glance->sidecar_dir, ret_glance->state_dir, "/jobs");
}
