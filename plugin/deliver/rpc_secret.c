/* SPDX-License-Identifier: MIT */
#include "rpc_secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "utf.h"

/* O_NONBLOCK: a FIFO in its place must not hold us up. */
static int open_checked(const char *path, int *ret_fd, struct ctm_error *e)
{
	CTM_CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return ctm_error_set(
			e, -errno, "secret_file \"%s\" can't be read: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return ctm_error_set(e, -EINVAL, "secret_file \"%s\" is not a regular file", path);
	if (st.st_mode & (S_IROTH | S_IWOTH))
		return ctm_error_set(e, -EPERM,
			"secret_file \"%s\" is open to others (mode %04o): change its mode to 0600",
			path, st.st_mode & 07777U);
	*ret_fd = fd;
	fd = -1;
	return 0;
}

/* As many bytes as there are, or as fit: what is behind the first line does not count. */
static int read_some(int fd, char *bytes, size_t size, size_t *ret_len)
{
	size_t len = 0;
	ssize_t n = 1;

	while (len < size && n != 0) {
		n = read(fd, bytes + len, size - len);
		if (n < 0 && errno != EINTR)
			return -errno;
		len += n > 0 ? (size_t)n : 0;
	}
	*ret_len = len;
	return 0;
}

/* The first line in place. False: none, or no text that can stand in JSON. */
static bool cut_line(char *line, size_t len, size_t size)
{
	const char *newline = memchr(line, '\n', len);
	size_t end = newline ? (size_t)(newline - line) : len;

	if (!newline && len == size)
		return false;
	while (end && strchr(" \t\r", line[end - 1]) && line[end - 1])
		end--;
	line[end] = '\0';
	return end && !memchr(line, '\0', end) && ctm_utf8_valid(line, end);
}

int ctm_rpc_secret_read(const char *path, char ret_token[CTM_RPC_TOKEN_SIZE], struct ctm_error *e)
{
	char line[CTM_RPC_SECRET_MAX + 2];
	CTM_CLEANUP_FD int fd = -1;
	size_t len = 0;
	int r = open_checked(path, &fd, e);

	if (r < 0)
		return r;
	r = read_some(fd, line, sizeof line - 1, &len);
	if (r < 0)
		ctm_error_set(e, r, "secret_file \"%s\" can't be read: %s", path, strerror(-r));
	else if (!cut_line(line, len, sizeof line - 1))
		r = ctm_error_set(e, -EINVAL,
			"secret_file \"%s\" needs aria2's rpc-secret as its first line, at most %d "
			"bytes of UTF-8",
			path, CTM_RPC_SECRET_MAX);
	else
		snprintf(ret_token, CTM_RPC_TOKEN_SIZE, "token:%s", line);
	explicit_bzero(line, sizeof line);
	return r;
}
