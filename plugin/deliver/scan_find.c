/* SPDX-License-Identifier: MIT */
#include "scan_find.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "buf.h"
#include "drain.h"
#include "files.h"
#include "path.h"
#include "sidecar.h"

void ctm_found_list_done(struct ctm_found_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		free(list->items[i].path);
	free(list->items);
	*list = (struct ctm_found_list){0};
}

/* Takes the path. st: NULL where there is no file. */
static int add(struct ctm_found_list *list, char *path, bool beside, const struct stat *st)
{
	struct ctm_found found = {.path = path, .beside = beside};

	if (!path)
		return -ENOMEM;
	if (list->n == list->cap) {
		size_t cap = list->cap ? list->cap * 2 : 16;
		struct ctm_found *items = reallocarray(list->items, cap, sizeof *items);

		if (!items) {
			free(path);
			return -ENOMEM;
		}
		list->items = items;
		list->cap = cap;
	}
	if (st) {
		found.mtime_ns =
			(uint64_t)st->st_mtim.tv_sec * 1000000000U + (uint64_t)st->st_mtim.tv_nsec;
		found.size = (uint64_t)st->st_size;
		found.inode = (uint64_t)st->st_ino;
	}
	list->items[list->n++] = found;
	return 0;
}

/* Takes the path. */
static int look_and_add(struct ctm_found_list *list, char *path)
{
	struct stat st;
	const bool there = path && lstat(path, &st) == 0;

	return add(list, path, false, there ? &st : NULL);
}

static bool is_sidecar_name(const char *name)
{
	size_t len = strlen(name);
	size_t end = strlen(CTM_SIDECAR_SUFFIX);

	return name[0] != '.' && len > end && strcmp(name + len - end, CTM_SIDECAR_SUFFIX) == 0;
}

/*
 * All in the directory, by name, so that two with one id are met in the same order every time. The
 * store knows sidecars by their canonical paths, and the directory may be reached through a link.
 */
static int list_directory(const char *dir_name, struct ctm_found_list *list, struct ctm_error *e)
{
	CTM_CLEANUP_FREE char *dir = NULL;
	struct dirent **entries = NULL;
	int n = scandir(dir_name, &entries, NULL, alphasort);
	int r;

	if (n < 0 && errno == ENOENT)
		return 0;
	if (n < 0)
		return ctm_error_set(e, -errno, "cannot read sidecar directory \"%s\": %s",
			dir_name, strerror(errno));
	r = ctm_path_canonical_dir(dir_name, &dir);
	for (int i = 0; i < n; i++) {
		if (r == 0 && is_sidecar_name(entries[i]->d_name))
			r = look_and_add(list, ctm_path_join(dir, entries[i]->d_name));
		free(entries[i]);
	}
	free(entries);
	return r < 0 ? ctm_error_set(e, r, "cannot list sidecar directory \"%s\": %s", dir_name,
			       strerror(-r))
		     : 0;
}

static bool is_listed(const struct ctm_found_list *list, const char *path)
{
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->items[i].path, path) == 0)
			return true;
	return false;
}

/* PREFIX.ctm.ini of the first len bytes of the path, if there is such a file. */
static int try_beside(struct ctm_found_list *list, const char *path, size_t len)
{
	struct ctm_buf name = CTM_BUF_INIT(CTM_PATH_LIMIT + 16);
	struct stat st;
	char *candidate;

	ctm_buf_add(&name, path, len);
	ctm_buf_add_str(&name, CTM_SIDECAR_SUFFIX);
	candidate = ctm_buf_take(&name);
	if (!candidate)
		return -ENOMEM;
	if (lstat(candidate, &st) == 0 && !is_listed(list, candidate))
		return add(list, candidate, true, &st);
	free(candidate);
	return 0;
}

/* From [sidecar] root, which is canonical as the path is, down to the file: outermost first. */
static int look_beside(struct ctm_found_list *list, const char *path, const char *root)
{
	const char *rest = ctm_path_below(path, root);
	int r = 0;

	while (rest && *rest && r == 0) {
		rest += strcspn(rest, "/");
		r = try_beside(list, path, (size_t)(rest - path));
		rest += *rest == '/';
	}
	return r;
}

/* The content that unclaimed events speak of. */
struct content {
	char **paths;
	size_t n;
	size_t cap;
};

static void content_done(struct content *c)
{
	for (size_t i = 0; i < c->n; i++)
		free(c->paths[i]);
	free(c->paths);
	*c = (struct content){0};
}

static int add_content(struct ctm_txn *txn, const struct ctm_unclaimed *unclaimed, void *context)
{
	struct content *c = context;

	(void)txn;
	if (c->n == c->cap) {
		size_t cap = c->cap ? c->cap * 2 : 16;
		char **paths = reallocarray(c->paths, cap, sizeof *paths);

		if (!paths)
			return -ENOMEM;
		c->paths = paths;
		c->cap = cap;
	}
	c->paths[c->n] = strdup(unclaimed->event.path);
	return c->paths[c->n] ? (c->n++, 0) : -ENOMEM;
}

static int content_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	int r;

	content_done(context);
	r = ctm_store_unclaimed_each(txn, add_content, context);
	return r < 0 ? ctm_error_set(e, r, "cannot read unclaimed events: %s", strerror(-r)) : 0;
}

/* What is looked for beside content can hang with its volume: nobody waits for the lock then. */
static int list_beside(struct ctm_state *state, struct ctm_found_list *list, struct ctm_error *e)
{
	CTM_CLEANUP_FREE char *root = NULL;
	struct content content = {0};
	int r = ctm_path_canonical_dir(state->config->sidecar_root, &root);

	if (r < 0)
		return ctm_error_set(e, r, "cannot resolve [sidecar] root \"%s\": %s",
			state->config->sidecar_root, strerror(-r));
	r = ctm_flow_read(state, content_body, &content, e);
	for (size_t i = 0; r == 0 && i < content.n; i++)
		if (look_beside(list, content.paths[i], root) < 0)
			r = ctm_error_set(e, -ENOMEM, "no memory to look for sidecars");
	content_done(&content);
	return r;
}

struct leaving_out {
	struct ctm_found_list *list;
	bool again;
};

static bool is_known(struct ctm_txn *txn, const struct ctm_found *found, bool again)
{
	struct ctm_sidecar_record record;
	bool known;

	if (!found->inode || ctm_store_sidecar_get(txn, found->path, &record) < 0)
		return false;
	known = record.mtime_ns == found->mtime_ns && record.size == found->size &&
		record.inode == found->inode && record.fate != CTM_FATE_NOT_WHOLE &&
		(!again || record.fate == CTM_FATE_REGISTERED);
	ctm_sidecar_record_done(&record);
	return known;
}

static int leave_out_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct leaving_out *l = context;
	size_t kept = 0;

	(void)e;
	for (size_t i = 0; i < l->list->n; i++) {
		if (is_known(txn, &l->list->items[i], l->again))
			free(l->list->items[i].path);
		else
			l->list->items[kept++] = l->list->items[i];
	}
	l->list->n = kept;
	return 0;
}

int ctm_scan_find(
	struct ctm_state *state, bool again, struct ctm_found_list *ret_list, struct ctm_error *e)
{
	struct leaving_out leaving_out = {.list = ret_list, .again = again};
	int r = list_directory(state->config->sidecar_dir, ret_list, e);

	if (r == 0 && state->config->sidecar_beside)
		r = list_beside(state, ret_list, e);
	if (r == 0 && ret_list->n)
		r = ctm_flow_read(state, leave_out_body, &leaving_out, e);
	return r;
}
