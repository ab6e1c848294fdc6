/* SPDX-License-Identifier: MIT */
#include "secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hresult.h"
#include "outcome.h"

static uint32_t hresult_of_errno(int error)
{
	static const struct {
		int error;
		uint32_t hresult;
	} table[] = {
		{ENOENT, CTM_HR_FILE_NOT_FOUND},
		{ENOTDIR, CTM_HR_PATH_NOT_FOUND},
		{EACCES, CTM_HR_ACCESS_DENIED},
		{EPERM, CTM_HR_ACCESS_DENIED},
		{EIO, CTM_HR_IO_DEVICE},
	};

	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		if (table[i].error == error)
			return table[i].hresult;
	}
	return CTM_HR_FAIL;
}

static int fail_errno(int error, const char *path, const char *key, struct ctm_transport_outcome *o)
{
	ctm_outcome_set(o, CTM_TRANSPORT_PERSON, hresult_of_errno(error),
		"%s \"%s\" can't be read: %s", key, path, strerror(error));
	return -error;
}

static int fail(int error, uint32_t hresult, const char *path, const char *key, const char *why,
	struct ctm_transport_outcome *o)
{
	ctm_outcome_set(o, CTM_TRANSPORT_PERSON, hresult, "%s \"%s\" %s", key, path, why);
	return -error;
}

/* O_NONBLOCK: a FIFO in its place must not hold us up. */
static int open_checked(
	const char *path, const char *key, int *ret_fd, struct ctm_transport_outcome *o)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;
	int r = 0;

	if (fd < 0)
		return fail_errno(errno, path, key, o);
	if (fstat(fd, &st) < 0)
		r = fail_errno(errno, path, key, o);
	else if (!S_ISREG(st.st_mode))
		r = fail(EINVAL, CTM_HR_INVALID_DATA, path, key, "is not a regular file", o);
	else if (st.st_mode & (S_IROTH | S_IWOTH))
		r = fail(EPERM, CTM_HR_ACCESS_DENIED, path, key,
			"is open to others: change its mode to 0600", o);
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

int ctm_secret_read(const char *path, const char *key, size_t max_lines,
	struct ctm_secret *ret_secret, struct ctm_transport_outcome *o)
{
	size_t len = 0;
	int fd = -1;
	int r;

	ret_secret->n = 0;
	r = open_checked(path, key, &fd, o);
	if (r < 0)
		return r;
	r = read_bytes(fd, ret_secret->bytes, CTM_SECRET_BYTES_MAX, &len);
	close(fd);
	if (r < 0)
		return fail_errno(-r, path, key, o);
	ret_secret->bytes[len] = '\0';
	if (!split(ret_secret, len, max_lines))
		return fail(EINVAL, CTM_HR_INVALID_DATA, path, key,
			"has a line that is too long or holds a NUL", o);
	if (!ret_secret->n)
		return fail(EINVAL, CTM_HR_INVALID_DATA, path, key, "has an empty first line", o);
	return 0;
}

int ctm_secret_check(const char *path, const char *key, struct ctm_transport_outcome *o)
{
	int fd = -1;
	int r = open_checked(path, key, &fd, o);

	if (r == 0)
		close(fd);
	return r;
}

void ctm_secret_done(struct ctm_secret *secret)
{
	explicit_bzero(secret, sizeof *secret);
}
