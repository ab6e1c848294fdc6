/* SPDX-License-Identifier: MIT */
#include "path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"

char *ctm_path_join(const char *dir, const char *name)
{
	struct ctm_buf b = CTM_BUF_INIT(SIZE_MAX / 2);

	ctm_buf_add_str(&b, dir);
	if (!b.len || b.data[b.len - 1] != '/')
		ctm_buf_add_char(&b, '/');
	ctm_buf_add_str(&b, name);
	return ctm_buf_take(&b);
}

const char *ctm_path_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

const char *ctm_path_below(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	if (len == 1 && dir[0] == '/')
		len = 0;
	if (strncmp(path, dir, len) != 0 || path[len] != '/' || !path[len + 1])
		return NULL;
	return path + len + 1;
}

/* Appends the parts of `path` to out, which holds a tidy path or nothing. */
static void add_parts(struct ctm_buf *out, const char *path)
{
	while (*path) {
		size_t len = strcspn(path, "/");

		if (len == 2 && path[0] == '.' && path[1] == '.') {
			while (out->len && out->data[--out->len] != '/')
				;
		} else if (len && !(len == 1 && path[0] == '.')) {
			ctm_buf_add_char(out, '/');
			ctm_buf_add(out, path, len);
		}
		path += len;
		path += strspn(path, "/");
	}
}

int ctm_path_tidy(const char *path, const char *cwd, char **ret_path)
{
	CTM_CLEANUP_BUF struct ctm_buf out = CTM_BUF_INIT(CTM_PATH_LIMIT);
	char *tidy;

	if (!path[0] || (path[0] != '/' && !cwd))
		return -EINVAL;
	if (path[0] != '/')
		add_parts(&out, cwd);
	add_parts(&out, path);
	if (!out.len)
		ctm_buf_add_char(&out, '/');
	if (out.error)
		return out.error == -ENOBUFS ? -ENAMETOOLONG : out.error;
	tidy = ctm_buf_take(&out);
	if (!tidy)
		return -ENOMEM;
	*ret_path = tidy;
	return 0;
}

/*
 * What an open directory is called. The kernel's own answer through /proc costs the same for any
 * depth; realpath, for where /proc is not mounted, asks for each part of the path.
 */
static int name_of_directory(int fd, const char *path, char **ret_path)
{
	char name[CTM_PATH_LIMIT + 2];
	char *copy =
		ctm_path_of_directory(fd, name, sizeof name) ? strdup(name) : realpath(path, NULL);

	if (!copy)
		return errno == ENOMEM ? -ENOMEM : -ENOENT;
	*ret_path = copy;
	return 0;
}

/* The directory's canonical name; -ENOENT where it can't be opened. */
static int resolve_directory(const char *path, char **ret_path, uint64_t *ret_device)
{
	struct stat st;
	int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int r;

	if (fd < 0)
		return errno == ENOMEM ? -ENOMEM : -ENOENT;
	r = name_of_directory(fd, path, ret_path);
	if (r == 0 && ret_device)
		*ret_device = fstat(fd, &st) == 0 ? (uint64_t)st.st_dev : 0;
	close(fd);
	return r;
}

/* Resolves the longest part of tidy `path` that exists and puts the rest behind it. */
static int resolve_longest(const char *path, char **ret_path, uint64_t *ret_device)
{
	CTM_CLEANUP_FREE char *dir = strdup(path);
	CTM_CLEANUP_FREE char *base = NULL;
	char *slash;
	int r;

	if (!dir)
		return -ENOMEM;
	for (;;) {
		r = resolve_directory(dir[0] ? dir : "/", &base, ret_device);
		if (r != -ENOENT)
			break;
		slash = strrchr(dir, '/');
		if (!slash)
			return -ENOENT;
		*slash = '\0';
	}
	if (r < 0)
		return r;
	return ctm_path_tidy(path[strlen(dir)] ? path + strlen(dir) + 1 : ".", base, ret_path);
}

int ctm_path_canonical_dir(const char *path, char **ret_path)
{
	CTM_CLEANUP_FREE char *cwd = NULL;
	CTM_CLEANUP_FREE char *tidy = NULL;
	int r = resolve_directory(path, ret_path, NULL);

	if (r != -ENOENT)
		return r;
	if (path[0] != '/')
		cwd = getcwd(NULL, 0);
	r = ctm_path_tidy(path, cwd, &tidy);
	return r < 0 ? r : resolve_longest(tidy, ret_path, NULL);
}

int ctm_path_canonical(const char *path, char **ret_path, uint64_t *ret_device)
{
	CTM_CLEANUP_FREE char *dir = NULL;
	CTM_CLEANUP_FREE char *real = NULL;
	const char *name = ctm_path_name(path);
	uint64_t device = 0;
	int r;

	if (!path[0])
		return -EINVAL;
	if (strlen(path) > CTM_PATH_LIMIT)
		return -ENAMETOOLONG;
	if (!name[0] || strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
		r = ctm_path_canonical_dir(path, ret_path);
	} else {
		dir = name == path ? strdup(".") : strndup(path, (size_t)(name - path));
		if (!dir)
			return -ENOMEM;
		r = resolve_directory(dir, &real, &device);
		if (r == -ENOENT)
			r = ctm_path_canonical_dir(dir, &real);
		if (r == 0)
			r = ctm_path_tidy(name, real, ret_path);
	}
	if (r == 0 && ret_device)
		*ret_device = device;
	return r;
}

bool ctm_path_dangles(const char *path)
{
	char part[CTM_PATH_LIMIT + 1];
	struct stat st;

	if (strlen(path) > CTM_PATH_LIMIT)
		return false;
	strcpy(part, path);
	while (part[0]) {
		char *slash = strrchr(part, '/');

		/* What is there, or not even as a link, decides nothing about what is above it. */
		if (stat(part, &st) == 0)
			return false;
		if (lstat(part, &st) == 0 && S_ISLNK(st.st_mode))
			return true;
		if (!slash)
			break;
		*slash = '\0';
	}
	return false;
}
