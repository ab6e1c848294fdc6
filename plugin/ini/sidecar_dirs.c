/* SPDX-License-Identifier: MIT */
#include "sidecar_dirs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "path.h"

static bool is_directory(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static struct ctm_sidecar_level *deepest(const struct ctm_sidecar_dirs *dirs)
{
	return &dirs->levels[dirs->n - 1];
}

/* A level for the directory that text names; its canonical form is taken over. */
static int push(struct ctm_sidecar_dirs *dirs, char *canonical, bool exists)
{
	if (dirs->n == dirs->room) {
		struct ctm_sidecar_level *longer;

		dirs->room = dirs->room * 2 + 8;
		longer = realloc(dirs->levels, dirs->room * sizeof *longer);
		if (!longer) {
			free(canonical);
			return -ENOMEM;
		}
		dirs->levels = longer;
	}
	dirs->levels[dirs->n++] = (struct ctm_sidecar_level){dirs->text.len, canonical, exists};
	return 0;
}

static void pop(struct ctm_sidecar_dirs *dirs)
{
	free(deepest(dirs)->canonical);
	dirs->n--;
}

int ctm_sidecar_dirs_init(struct ctm_sidecar_dirs *dirs, const char *root)
{
	const bool is_top = strcmp(root, "/") == 0;
	char *canonical = is_top ? strdup(root) : NULL;

	*dirs = (struct ctm_sidecar_dirs){.text = CTM_BUF_INIT(CTM_PATH_LIMIT)};
	/* What is below "/" begins behind "". */
	ctm_buf_add_str(&dirs->text, is_top ? "" : root);
	if (dirs->text.error || (is_top && !canonical)) {
		free(canonical);
		return dirs->text.error ? dirs->text.error : -ENOMEM;
	}
	return push(dirs, canonical, is_directory(root));
}

/* Goes one level down, to the directory that text names; `name` is the last part of that. */
static int descend(struct ctm_sidecar_dirs *dirs, const char *name)
{
	const struct ctm_sidecar_level *parent = deepest(dirs);
	char *canonical = NULL;
	char *real;
	struct stat st;
	int r;

	if (parent->canonical) {
		canonical = ctm_path_join(parent->canonical, name);
		if (!canonical)
			return -ENOMEM;
	}
	if (lstat(canonical ? canonical : dirs->text.data, &st) < 0)
		return push(dirs, canonical, false);
	if (!S_ISLNK(st.st_mode))
		return push(dirs, canonical, S_ISDIR(st.st_mode));
	r = ctm_path_canonical_dir(canonical ? canonical : dirs->text.data, &real);
	free(canonical);
	return r < 0 ? r : push(dirs, real, is_directory(real));
}

/* Leaves the levels that are not above path. */
static void leave(struct ctm_sidecar_dirs *dirs, const char *path, size_t len)
{
	while (dirs->n > 1) {
		const size_t shared = deepest(dirs)->len;

		if (shared <= len && memcmp(dirs->text.data, path, shared) == 0 &&
			(shared == len || path[shared] == '/'))
			break;
		pop(dirs);
	}
	dirs->text.len = deepest(dirs)->len;
	dirs->text.data[dirs->text.len] = '\0';
}

int ctm_sidecar_dirs_resolve(struct ctm_sidecar_dirs *dirs, const char *path, size_t len,
	char **ret_name, bool *ret_exists)
{
	CTM_CLEANUP_BUF struct ctm_buf name = CTM_BUF_INIT(2 * CTM_PATH_LIMIT);
	size_t at;
	int r;

	leave(dirs, path, len);
	while (at = deepest(dirs)->len, at < len && deepest(dirs)->exists) {
		const size_t part = 1 + strcspn(path + at + 1, "/");

		ctm_buf_add(&dirs->text, path + at, part);
		r = dirs->text.error ? dirs->text.error : descend(dirs, dirs->text.data + at + 1);
		if (r < 0)
			return r;
	}
	ctm_buf_add_str(
		&name, deepest(dirs)->canonical ? deepest(dirs)->canonical : dirs->text.data);
	ctm_buf_add(&name, path + at, len - at);
	*ret_exists = at == len && deepest(dirs)->exists;
	*ret_name = ctm_buf_take(&name);
	return *ret_name ? 0 : -ENOMEM;
}

void ctm_sidecar_dirs_done(struct ctm_sidecar_dirs *dirs)
{
	while (dirs->n)
		pop(dirs);
	free(dirs->levels);
	ctm_buf_done(&dirs->text);
	*dirs = (struct ctm_sidecar_dirs){0};
}
