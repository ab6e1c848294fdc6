/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "path.h"
#include "sidecar_dirs.h"
#include "sidecar_read.h"

struct settler {
	struct ctm_sidecar *sidecar;
	struct ctm_complaints *c;
	struct ctm_sidecar_dirs dirs;
	char *written;     /* local_path as it stands in the text, tidy: can lead through links */
	const char *plain; /* a path whose directory is not there, and is as it is written */
	size_t plain_len;  /* of that directory, with the "/" behind it */
	size_t local_len;  /* of local_path */
	bool around;       /* the sidecar may stand inside local_path */
};

/* The job of a single file beside its sidecar. */
static int make_list_of_one(struct ctm_sidecar *sidecar, const char *name, unsigned line)
{
	struct ctm_sidecar_file *file = calloc(1, sizeof *file);

	if (!file)
		return -ENOMEM;
	*file = (struct ctm_sidecar_file){.path = ctm_arena_text(&sidecar->text, name),
		.size = sidecar->bytes_total,
		.has_size = sidecar->has_bytes_total,
		.number = 1,
		.line = line};
	free(sidecar->files);
	sidecar->files = file;
	sidecar->n_files = 1;
	sidecar->files_total = 1;
	sidecar->kind = CTM_KIND_LISTED;
	return file->path ? 0 : -ENOMEM;
}

/* "D.ctm.ini" leads to D, or, where that is a file, to the directory that it is in. */
static int derive_local_path(struct settler *t, const struct ctm_sidecar_text *text)
{
	struct ctm_sidecar *sidecar = t->sidecar;
	const size_t len = strlen(sidecar->file);
	const size_t suffix = strlen(CTM_SIDECAR_SUFFIX);
	struct stat st;
	char *slash;

	sidecar->local_path = strndup(sidecar->file, len > suffix ? len - suffix : 0);
	if (!sidecar->local_path)
		return -ENOMEM;
	if (lstat(sidecar->local_path, &st) < 0 || !S_ISREG(st.st_mode))
		return 0;
	if (sidecar->kind == CTM_KIND_TOTALS)
		ctm_complain_error(t->c, text->job_line,
			"kind totals counts the files of a directory, but \"%s\" is a file; write "
			"local_path, or kind = single",
			CTM_SHOW(sidecar->local_path));
	t->around = true;
	slash = strrchr(sidecar->local_path, '/');
	if (sidecar->kind == CTM_KIND_SINGLE && !sidecar->n_files) {
		const int r = make_list_of_one(sidecar, slash + 1, text->job_line);

		if (r < 0)
			return r;
	}
	slash[slash == sidecar->local_path] = '\0';
	return 0;
}

static int settle_local_path(struct settler *t, const struct ctm_sidecar_text *text)
{
	struct ctm_sidecar *sidecar = t->sidecar;
	char *canonical;
	int r = ctm_path_tidy(sidecar->local_path, NULL, &t->written);

	if (r == 0)
		r = ctm_path_canonical_dir(t->written, &canonical);
	if (r < 0)
		return r == -ENAMETOOLONG ? -EINVAL : r;
	if (ctm_path_dangles(t->written))
		ctm_complain_error(t->c, ctm_sidecar_line(text, "local_path"),
			"local_path \"%s\" is reached through a link that leads nowhere now; mount or "
			"make what it points to",
			CTM_SHOW(t->written));
	free(sidecar->local_path);
	sidecar->local_path = canonical;
	if (!t->around && ctm_path_below(sidecar->file, canonical))
		ctm_complain_error(t->c, ctm_sidecar_line(text, "local_path"),
			"the sidecar stands inside its own local_path \"%s\", where every file "
			"belongs to the content; move it out",
			CTM_SHOW(canonical));
	return 0;
}

/* The file's path, absolute and tidy, through local_path in its canonical form if it is below. */
static int make_absolute(const struct settler *t, const char *path, char **ret_path)
{
	const char *local = t->sidecar->local_path;
	const char *below;
	char *tidy;
	int r = ctm_path_tidy(path, local, &tidy);

	if (r < 0)
		return r;
	below = ctm_path_below(tidy, local) ? NULL : ctm_path_below(tidy, t->written);
	*ret_path = below ? ctm_path_join(local, below) : tidy;
	if (below)
		free(tidy);
	return *ret_path ? 0 : -ENOMEM;
}

/* Whether a link in the last part leads out of local_path: 1 or 0; -ENOMEM. */
static int leads_out(const struct settler *t, const char *path)
{
	CTM_CLEANUP_FREE char *real = NULL;
	CTM_CLEANUP_FREE char *dir = NULL;
	char target[PATH_MAX];
	struct stat st;
	ssize_t n;
	int r;

	if (lstat(path, &st) < 0 || !S_ISLNK(st.st_mode))
		return 0;
	real = realpath(path, NULL);
	if (real)
		return !ctm_path_below(real, t->sidecar->local_path);
	if (errno == ENOMEM)
		return -ENOMEM;
	/* It leads to nothing: its text tells. */
	n = readlink(path, target, sizeof target - 1);
	if (n <= 0)
		return 1;
	target[n] = '\0';
	dir = strndup(path, (size_t)(ctm_path_name(path) - path));
	if (!dir)
		return -ENOMEM;
	r = ctm_path_tidy(target, dir, &real);
	if (r == -ENOMEM)
		return r;
	return r < 0 || !ctm_path_below(real, t->sidecar->local_path);
}

/* The canonical form of an absolute path; *ret_exists: whether its directory does. */
static int canonical_of(struct settler *t, const char *path, char **ret_path, bool *ret_exists)
{
	CTM_CLEANUP_FREE char *dir = NULL;
	const char *name = ctm_path_name(path);
	int r;

	*ret_exists = true;
	if (!ctm_path_below(path, t->sidecar->local_path))
		return ctm_path_canonical(path, ret_path, NULL);
	r = ctm_sidecar_dirs_resolve(&t->dirs, path, (size_t)(name - path) - 1, &dir, ret_exists);
	if (r < 0)
		return r;
	*ret_path = ctm_path_join(dir, name);
	return *ret_path ? 0 : -ENOMEM;
}

/* NULL: nothing is known of the next one's directory. */
static void remember(struct settler *t, const char *path)
{
	t->plain = path;
	t->plain_len = path ? (size_t)(ctm_path_name(path) - path) : 0;
}

/* Whether the path lies beside that one, by a name of which nothing is to be asked. */
static bool is_beside_plain(const struct settler *t, const char *path)
{
	const size_t len = t->plain_len;

	return t->plain && strncmp(path, t->plain, len) == 0 && path[len] &&
	       !strchr(path + len, '/') && strcmp(path + len, ".") != 0 &&
	       t->local_len + 1 + len + strlen(path + len) <= CTM_PATH_LIMIT;
}

static int settle_file(struct settler *t, struct ctm_sidecar_file *file)
{
	CTM_CLEANUP_FREE char *absolute = NULL;
	CTM_CLEANUP_FREE char *canonical = NULL;
	const char *local = t->sidecar->local_path;
	const char *below;
	bool exists = false;
	bool is_as_written;
	char *path;
	int r = make_absolute(t, file->path, &absolute);

	if (r == 0)
		r = canonical_of(t, absolute, &canonical, &exists);
	if (r == -ENOMEM)
		return r;
	below = r == 0 ? ctm_path_below(canonical, local) : NULL;
	r = below && exists ? leads_out(t, canonical) : 0;
	if (r < 0)
		return r;
	if (!below || r > 0) {
		ctm_complain_error(t->c, file->line, "[file.%u] path: \"%s\" %s local_path \"%s\"",
			file->number, CTM_SHOW(file->path),
			ctm_path_below(absolute ? absolute : "", local) ? "leads by a link out of"
									: "lies outside",
			CTM_SHOW(local));
		return 0;
	}
	is_as_written = strcmp(below, file->path) == 0;
	remember(t, is_as_written && !exists ? file->path : NULL);
	if (is_as_written)
		return 0;
	path = ctm_arena_text(&t->sidecar->text, below);
	if (!path)
		return -ENOMEM;
	file->path = path;
	return 0;
}

static int settle_files(struct settler *t)
{
	struct ctm_sidecar *sidecar = t->sidecar;
	int r = ctm_sidecar_dirs_init(&t->dirs, sidecar->local_path);

	t->local_len = strlen(sidecar->local_path);
	for (size_t i = 0; r == 0 && i < sidecar->n_files; i++) {
		struct ctm_sidecar_file *file = &sidecar->files[i];

		if (file->path && !is_beside_plain(t, file->path))
			r = settle_file(t, file);
	}
	return r == 0 ? ctm_sidecar_find_twins(sidecar, t->c) : r;
}

int ctm_sidecar_settle_paths(struct ctm_sidecar *sidecar, const struct ctm_sidecar_text *text,
	bool beside, struct ctm_complaints *c)
{
	struct settler t = {.sidecar = sidecar, .c = c};
	int r = 0;

	if (!sidecar->local_path && beside && !ctm_sidecar_has(text, "local_path"))
		r = derive_local_path(&t, text);
	if (r == 0 && sidecar->local_path) {
		r = settle_local_path(&t, text);
		if (r == 0)
			r = settle_files(&t);
		else if (r == -EINVAL)
			ctm_complain_error(c, ctm_sidecar_line(text, "local_path"),
				"[job] local_path: the path is too long");
	}
	ctm_sidecar_dirs_done(&t.dirs);
	free(t.written);
	return r == -EINVAL ? 0 : r;
}
