/* SPDX-License-Identifier: MIT */
#include "input.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "complain.h"
#include "drain.h"
#include "num.h"
#include "path.h"

struct adding {
	const struct ctm_sidecar *sidecar;
	uint32_t job;
	struct ctm_buf *out;
	size_t start; /* of our part of out: the body can run again */
	size_t entries;
};

/* aria2 reads options by line and trims them. */
static int check_name(const struct ctm_sidecar *sidecar, const struct ctm_sidecar_file *file,
	const char *value, struct ctm_error *e)
{
	size_t len = strlen(value);

	for (size_t i = 0; i < len; i++)
		if (iscntrl((unsigned char)value[i]))
			return ctm_error_at(e, -EINVAL, sidecar->file, file->line,
				"path \"%s\" has a control character: an aria2 input file can't carry it",
				file->path);
	if (len && (isspace((unsigned char)value[0]) || isspace((unsigned char)value[len - 1])))
		return ctm_error_at(e, -EINVAL, sidecar->file, file->line,
			"path \"%s\" has a name that begins or ends with a blank: aria2 would trim it",
			file->path);
	return 0;
}

/* The one that is printed ends before the last slash. */
static int check_directory(
	const struct ctm_sidecar *sidecar, const struct ctm_sidecar_file *file, struct ctm_error *e)
{
	const char *name = ctm_path_name(file->path);

	if (name - file->path < 2 || !isspace((unsigned char)name[-2]))
		return 0;
	return ctm_error_at(e, -EINVAL, sidecar->file, file->line,
		"path \"%s\" has a directory that ends with a blank: aria2 would trim it",
		file->path);
}

/* Metadata has one of these endings; what it brings has names of its own. */
static const char *const metadata[] = {".torrent", ".metalink", ".meta4"};

static bool ends_in(const char *text, size_t len, const char *ending)
{
	const size_t n = strlen(ending);

	return len > n && strncasecmp(text + len - n, ending, n) == 0;
}

/* Whether aria2 would take what is there for metadata, which the file itself is not. */
static bool is_metadata(const char *uri, const char *path)
{
	const size_t len = strcspn(uri, "?#");

	if (strncasecmp(uri, "magnet:", 7) == 0)
		return true;
	for (size_t i = 0; i < sizeof metadata / sizeof *metadata; i++)
		if (ends_in(uri, len, metadata[i]))
			return !ends_in(path, strlen(path), metadata[i]);
	return false;
}

static int check_uris(
	const struct ctm_sidecar *sidecar, const struct ctm_sidecar_file *file, struct ctm_error *e)
{
	for (uint32_t i = 0; i < file->n_uris; i++)
		if (is_metadata(file->uris[i], file->path))
			return ctm_error_at(e, -EINVAL, sidecar->file, file->line,
				"uri \"%s\" is a torrent or metalink, not \"%s\": give that to "
				"aria2 by itself, and here its gid instead of the uri",
				CTM_SHOW_URL(file->uris[i]), file->path);
	return 0;
}

static void print_entry(struct ctm_buf *out, const struct ctm_sidecar *sidecar,
	const struct ctm_sidecar_file *from, const struct ctm_file *file)
{
	const char *name = ctm_path_name(from->path);
	char hex[65];

	for (uint32_t i = 0; i < from->n_uris; i++)
		ctm_buf_printf(out, "%s%s", i ? "\t" : "", from->uris[i]);
	ctm_buf_printf(out, "\n gid=%016" PRIx64 "\n dir=%s", file->gid, sidecar->local_path);
	if (name != from->path)
		ctm_buf_printf(out, "/%.*s", (int)(name - from->path - 1), from->path);
	ctm_buf_printf(out, "\n out=%s\n", name);
	if (from->has_sha256) {
		ctm_num_print_hex(from->sha256, CTM_SHA256_BYTES, hex);
		ctm_buf_printf(out, " checksum=sha-256=%s\n", hex);
	}
	/*
	 * The names stay as the sidecar has them. A file without a control file is downloaded anew:
	 * what is there may be of another version, and to go on behind it would mix the two.
	 */
	ctm_buf_add_str(out, " auto-file-renaming=false\n allow-overwrite=true\n continue=false\n");
	/* Whatever a server calls it: it is the file. */
	ctm_buf_add_str(out, " follow-torrent=false\n follow-metalink=false\n");
}

static int add_entry(struct ctm_txn *txn, struct adding *a, const struct ctm_sidecar_file *from,
	struct ctm_error *e)
{
	CTM_CLEANUP_FREE char *path = ctm_path_join(a->sidecar->local_path, from->path);
	struct ctm_file file;
	bool needed;
	int r;

	if (!path)
		return -ENOMEM;
	r = check_name(a->sidecar, from, a->sidecar->local_path, e);
	if (r == 0)
		r = check_name(a->sidecar, from, ctm_path_name(path), e);
	if (r == 0)
		r = check_name(a->sidecar, from, from->path, e);
	if (r == 0)
		r = check_directory(a->sidecar, from, e);
	if (r == 0)
		r = ctm_store_file_find(txn, a->job, path, &file);
	if (r < 0)
		return r;
	needed = !file.evident;
	if (needed)
		r = check_uris(a->sidecar, from, e);
	if (needed && r == 0)
		print_entry(a->out, a->sidecar, from, &file);
	a->entries += needed;
	ctm_file_done(&file);
	return r < 0 ? r : a->out->error;
}

static int add_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct adding *a = context;
	struct ctm_job job;
	int r = ctm_store_job_get(txn, a->job, &job);

	a->entries = 0;
	a->out->len = a->start;
	/* An ended job needs nothing, and has forgotten its files. */
	if (r < 0 || ctm_job_has_ended(&job))
		return r;
	for (uint32_t i = 0; r == 0 && i < a->sidecar->n_files; i++)
		if (a->sidecar->files[i].n_uris)
			r = add_entry(txn, a, &a->sidecar->files[i], e);
	return r;
}

int ctm_input_add(struct ctm_state *state, const struct ctm_sidecar *sidecar, uint32_t job,
	struct ctm_buf *out, size_t *ret_entries, struct ctm_error *e)
{
	struct adding a = {.sidecar = sidecar, .job = job, .out = out, .start = out->len};
	int r = ctm_flow_read(state, add_body, &a, e);

	if (r < 0 && (!e || !e->text[0]))
		return ctm_error_set(e, r, "cannot write the input file: %s", strerror(-r));
	if (r == 0)
		*ret_entries = a.entries;
	return r;
}
