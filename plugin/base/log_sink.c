/* SPDX-License-Identifier: MIT */
#include "log_sink.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define PATIENCE_MS 200 /* for a reader of stderr that is behind */

void ctm_log_sink_close(struct ctm_log_sink *sink)
{
	if (sink->fd >= 0)
		close(sink->fd);
	sink->fd = -1;
}

/*
 * Asks first: a reader that is stopped must not stop us, and one that is gone must not get the
 * process killed by SIGPIPE.
 */
static int write_stderr(const char *record, size_t len)
{
	struct pollfd p = {.fd = STDERR_FILENO, .events = POLLOUT};

	if (poll(&p, 1, PATIENCE_MS) <= 0 || p.revents & (POLLERR | POLLNVAL))
		return -EAGAIN;
	/* A pipe that polls as writable takes so much at once, and might wait for more. */
	if (len > PIPE_BUF) {
		if (write(STDERR_FILENO, record, PIPE_BUF - 1) < 0)
			return -errno;
		record = "\n";
		len = 1;
	}
	return write(STDERR_FILENO, record, len) < 0 ? -errno : 0;
}

static int open_file(struct ctm_log_sink *sink)
{
	struct stat st;

	sink->fd = open(sink->path,
		O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600);
	if (sink->fd < 0)
		return -errno;
	if (fstat(sink->fd, &st) == 0) {
		sink->device = st.st_dev;
		sink->inode = st.st_ino;
	}
	return 0;
}

static int write_file(struct ctm_log_sink *sink, const char *record, size_t len)
{
	struct stat st;
	int r;

	if (sink->fd >= 0 && (stat(sink->path, &st) < 0 || st.st_dev != sink->device ||
				     st.st_ino != sink->inode))
		ctm_log_sink_close(sink);
	if (sink->fd < 0 && (r = open_file(sink)) < 0)
		return r;
	/* The last of a disk's room takes a part. */
	for (ssize_t n; len; record += n, len -= (size_t)n) {
		n = write(sink->fd, record, len);
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
	}
	return 0;
}

static int connect_socket(struct ctm_log_sink *sink, int type)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	int fd;
	int r;

	if (strlen(sink->path) >= sizeof to.sun_path)
		return -ENAMETOOLONG;
	memcpy(to.sun_path, sink->path, strlen(sink->path));
	fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)&to, sizeof to) < 0) {
		r = -errno;
		close(fd);
		return r;
	}
	sink->fd = fd;
	sink->stream = type == SOCK_STREAM;
	return 0;
}

/* Some syslog daemons listen for streams, where a NUL ends a record. */
static int open_socket(struct ctm_log_sink *sink)
{
	const int r = connect_socket(sink, SOCK_DGRAM);

	if (r == -EPROTOTYPE && sink->target == CTM_LOG_SYSLOG)
		return connect_socket(sink, SOCK_STREAM);
	return r;
}

static int send_record(struct ctm_log_sink *sink, const char *record, size_t len)
{
	int r;

	if (sink->fd < 0 && (r = open_socket(sink)) < 0)
		return r;
	/* A string's own NUL stands behind it. */
	if (send(sink->fd, record, len + (sink->stream ? 1 : 0), MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
		r = -errno;
		ctm_log_sink_close(sink);
		return r;
	}
	return 0;
}

int ctm_log_sink_write(struct ctm_log_sink *sink, const char *record, size_t len)
{
	const bool was_open = sink->fd >= 0;
	int r;

	if (sink->target == CTM_LOG_STDERR)
		return write_stderr(record, len);
	if (sink->target == CTM_LOG_FILE)
		return write_file(sink, record, len);
	r = send_record(sink, record, len);
	/* The daemon at the other end was restarted. */
	if (was_open && r < 0 && r != -EAGAIN)
		r = send_record(sink, record, len);
	return r;
}
