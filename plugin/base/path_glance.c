/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "path.h"

/* "/proc/self/fd/7" */
static void print_link(int fd, char to[32])
{
	char digits[12];
	size_t n = 0;

	strcpy(to, "/proc/self/fd/");
	to += strlen(to);
	do {
		digits[n++] = (char)('0' + fd % 10);
		fd /= 10;
	} while (fd);
	while (n)
		*to++ = digits[--n];
	*to = '\0';
}

size_t ctm_path_of_directory(int fd, char *to, size_t size)
{
	char link[32];
	ssize_t n;

	print_link(fd, link);
	n = readlink(link, to, size);
	if (n <= 0 || (size_t)n >= size || to[0] != '/')
		return 0;
	to[n] = '\0';
	return (size_t)n;
}

static bool is_dots(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

bool ctm_path_glance(const char *path, char to[CTM_PATH_LIMIT + 1], int *ret_dir_fd)
{
	const char *name = ctm_path_name(path);
	const size_t dir_len = (size_t)(name - path);
	const size_t name_len = strlen(name);
	CTM_CLEANUP_FD int fd = -1;
	size_t len;

	if (!name_len || is_dots(name) || dir_len > CTM_PATH_LIMIT || name_len > CTM_PATH_LIMIT / 2)
		return false;
	memcpy(to, path, dir_len);
	strcpy(to + dir_len, dir_len ? "" : ".");
	fd = open(to, O_PATH | O_DIRECTORY | O_CLOEXEC);
	len = fd < 0 ? 0 : ctm_path_of_directory(fd, to, CTM_PATH_LIMIT - name_len);
	if (!len)
		return false;
	if (len > 1)
		to[len++] = '/';
	memcpy(to + len, name, name_len + 1);
	*ret_dir_fd = fd;
	fd = -1;
	return true;
}
