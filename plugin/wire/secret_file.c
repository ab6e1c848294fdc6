/* SPDX-License-Identifier: MIT */
#include "secret_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int fail(int error, const char *why, const char **ret_why)
{
	*ret_why = why;
	return -error;
}

/* O_NONBLOCK: a FIFO in its place must not hold us up. */
int ctm_secret_open(const char *path, int *ret_fd, const char **ret_why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;
	int r = 0;

	if (fd < 0)
		return fail(errno, NULL, ret_why);
	if (fstat(fd, &st) < 0)
		r = fail(errno, NULL, ret_why);
	else if (!S_ISREG(st.st_mode))
		r = fail(EINVAL, "is not a regular file", ret_why);
	else if (st.st_mode & (S_IROTH | S_IWOTH))
		r = fail(EPERM, "is open to others: change its mode to 0600", ret_why);
	if (r < 0)
		close(fd);
	else
		*ret_fd = fd;
	return r;
}

static int read_bytes(int fd, char *bytes, size_t max, size_t *ret_len)
{
	size_t len = 0;

	while (len < max) {
		ssize_t n = read(fd, bytes + len, max - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	*ret_len = len;
	return 0;
}

static void trim_end(char *line)
{
	size_t len = strlen(line);

	while (len && strchr(" \t\r", line[len - 1]))
		line[--len] = '\0';
}

/* False where a line that counts is cut by the end of the buffer, or holds a NUL. */
static bool split(struct ctm_secret *s, size_t len, size_t max_lines)
{
	char *line = s->bytes;
	char *end = s->bytes + len;

	while (s->n < max_lines && line < end) {
		char *newline = memchr(line, '\n', (size_t)(end - line));
		char *next = newline ? newline + 1 : end;

		if (memchr(line, '\0', (size_t)(next - line)))
			return false;
		if (!newline && len == CTM_SECRET_BYTES_MAX)
			return false;
		if (newline)
			*newline = '\0';
		trim_end(line);
		if (!*line)
			break;
		s->lines[s->n++] = line;
		line = next;
	}
	return true;
}

int ctm_secret_load(
	const char *path, size_t max_lines, struct ctm_secret *ret_secret, const char **ret_why)
{
	size_t len = 0;
	int fd = -1;
	int r;

	ret_secret->n = 0;
	r = ctm_secret_open(path, &fd, ret_why);
	if (r < 0)
		return r;
	r = read_bytes(fd, ret_secret->bytes, CTM_SECRET_BYTES_MAX, &len);
	close(fd);
	if (r < 0)
		return fail(-r, NULL, ret_why);
	ret_secret->bytes[len] = '\0';
	if (!split(ret_secret, len, max_lines))
		return fail(EINVAL, "has a line that is too long or holds a NUL", ret_why);
	if (!ret_secret->n)
		return fail(EINVAL, "has an empty first line", ret_why);
	return 0;
}

void ctm_secret_done(struct ctm_secret *secret)
{
	explicit_bzero(secret, sizeof *secret);
}

bool ctm_secret_is_token(const char *line)
{
	for (; *line; line++)
		if (*line <= 0x20 || *line >= 0x7F)
			return false;
	return true;
}
