/* SPDX-License-Identifier: MIT */
#include "sidecar.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "files.h"
#include "path.h"
#include "sidecar_read.h"
#include "values.h"

#define SIZE_LIMIT (INT64_C(1) << 30) /* bytes of a sidecar */
#define MOST_HELD 200u                /* complaints about one sidecar; the rest is counted */

/* Complaints wait until it is known that the sidecar is whole: nobody wants those about a half. */
struct held {
	struct ctm_error *items;
	size_t n, room, dropped;
	bool no_memory;
};

static void hold(void *context, const struct ctm_error *complaint)
{
	struct held *held = context;

	if (held->n == held->room && held->room < MOST_HELD) {
		const size_t room = held->room ? MOST_HELD : 8;
		struct ctm_error *longer = realloc(held->items, room * sizeof *longer);

		held->no_memory |= !longer;
		if (longer) {
			held->items = longer;
			held->room = room;
		}
	}
	if (held->n < held->room)
		held->items[held->n++] = *complaint;
	else
		held->dropped++;
}

static void let_go(
	const struct held *held, const char *file, ctm_ini_complain *complain, void *context)
{
	struct ctm_error more;

	if (!complain)
		return;
	for (size_t i = 0; i < held->n; i++)
		complain(context, &held->items[i]);
	if (!held->dropped)
		return;
	ctm_error_at(&more, -EINVAL, file, 0, "%zu more complaints like these", held->dropped);
	complain(context, &more);
}

static void free_held(struct held *held)
{
	free(held->items);
}

void ctm_sidecar_file_done(struct ctm_sidecar_file *file)
{
	if (file->uris)
		ctm_value_free_list(file->uris, file->n_uris);
	file->uris = NULL;
	file->n_uris = 0;
}

static void free_files(struct ctm_sidecar *sidecar)
{
	for (uint32_t i = 0; i < sidecar->n_files; i++)
		ctm_sidecar_file_done(&sidecar->files[i]);
	free(sidecar->files);
	ctm_arena_done(&sidecar->text);
	sidecar->files = NULL;
	sidecar->n_files = 0;
}

void ctm_sidecar_free(struct ctm_sidecar *sidecar)
{
	if (!sidecar)
		return;
	free_files(sidecar);
	free(sidecar->file);
	free(sidecar->id);
	free(sidecar->endpoint);
	free(sidecar->client_data);
	free(sidecar->content_id);
	free(sidecar->content_version);
	free(sidecar->local_path);
	free(sidecar);
}

static void free_sidecar(struct ctm_sidecar **sidecar)
{
	ctm_sidecar_free(*sidecar);
}

static void check_required(const struct ctm_sidecar_text *text, struct ctm_complaints *c)
{
	for (size_t i = 0; i < ctm_n_sidecar_keys; i++)
		if (ctm_sidecar_keys[i].required && !text->key_lines[i])
			ctm_complain_error(c, text->job_line ? text->job_line : 1,
				"[job] has no %s, which is required", ctm_sidecar_keys[i].name);
}

/* As many [file.N] as there should be, and none where no list belongs. */
static void check_count(const struct ctm_sidecar *sidecar, const struct ctm_sidecar_text *text,
	struct ctm_complaints *c)
{
	const unsigned line = ctm_sidecar_line(text, "files_total");

	if (!sidecar->kind)
		return;
	if (sidecar->kind != CTM_KIND_SINGLE && !ctm_sidecar_has(text, "files_total"))
		ctm_complain_error(c, line, "[job] has no files_total, which kind %s requires",
			ctm_kind_name(sidecar->kind));
	if (sidecar->kind != CTM_KIND_LISTED && sidecar->n_files)
		ctm_complain_error(c, sidecar->files[0].line,
			"[file.%u] in a job of kind %s; remove it, or write kind = listed",
			sidecar->files[0].number, ctm_kind_name(sidecar->kind));
	if (sidecar->kind == CTM_KIND_LISTED && sidecar->files_total &&
		sidecar->files_total != text->n_files)
		ctm_complain_error(c, line,
			"[job] files_total: \"%" PRIu32
			"\" is not the number of [file.N], %" PRIu64,
			sidecar->files_total, text->n_files);
}

static void check_bytes(const struct ctm_sidecar *sidecar, const struct ctm_sidecar_text *text,
	struct ctm_complaints *c)
{
	bool all = sidecar->n_files == sidecar->files_total;
	uint64_t sum = 0;

	if (sidecar->kind != CTM_KIND_LISTED)
		return;
	for (uint32_t i = 0; i < sidecar->n_files; i++) {
		const struct ctm_sidecar_file *file = &sidecar->files[i];

		all = all && file->has_size;
		if (file->has_size && __builtin_add_overflow(sum, file->size, &sum)) {
			ctm_complain_error(c, file->line,
				"[file.%u] size: the sizes add up to more than %" PRIu64,
				file->number, UINT64_MAX);
			return;
		}
	}
	if (sidecar->has_bytes_total &&
		(sum > sidecar->bytes_total || (all && sum != sidecar->bytes_total)))
		ctm_complain_error(c, ctm_sidecar_line(text, "bytes_total"),
			"[job] bytes_total: \"%" PRIu64
			"\" is not what the sizes add up to, %" PRIu64,
			sidecar->bytes_total, sum);
}

static int set_empty(char **field)
{
	if (!*field)
		*field = strdup("");
	return *field ? 0 : -ENOMEM;
}

/* Everything that needs the whole text. 0 or negative errno. */
static int judge(struct ctm_sidecar *sidecar, const struct ctm_sidecar_text *text, bool beside,
	struct ctm_complaints *c)
{
	int r;

	check_required(text, c);
	check_count(sidecar, text, c);
	check_bytes(sidecar, text, c);
	if (!beside && !ctm_sidecar_has(text, "local_path"))
		ctm_complain_error(c, text->job_line ? text->job_line : 1,
			"[job] has no local_path, which is required");
	r = ctm_sidecar_settle_paths(sidecar, text, beside, c);
	if (r == 0)
		r = set_empty(&sidecar->client_data);
	if (r == 0)
		r = set_empty(&sidecar->content_id);
	if (r == 0)
		r = set_empty(&sidecar->content_version);
	if (r == 0 && c->errors)
		r = set_empty(&sidecar->local_path);
	return r;
}

/* Whether a scanned sidecar is there whole; cut anywhere else it is not. */
static bool is_whole(const struct ctm_sidecar *sidecar, const struct ctm_sidecar_text *text)
{
	return text->ends_in_newline &&
	       !(sidecar->kind == CTM_KIND_LISTED && text->n_files < sidecar->files_total);
}

static bool is_unchanged(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/*
 * Opens without waiting for anything, whatever it is. -ELOOP: a link, which is complained of;
 * -ENXIO a socket.
 */
static int open_sidecar(const char *path, struct ctm_complaints *c, struct ctm_error *e)
{
	const int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	const int r = fd < 0 ? -errno : fd;
	struct stat st;

	if (r >= 0)
		return r;
	if (lstat(path, &st) == 0 && (S_ISLNK(st.st_mode) || S_ISSOCK(st.st_mode))) {
		ctm_complain_error(c, 0, "not a regular file; a sidecar is one, and no link");
		return -ELOOP;
	}
	return ctm_error_set(
		e, r == -ELOOP ? -EINVAL : r, "cannot open sidecar \"%s\": %s", path, strerror(-r));
}

/* Reads and judges an open sidecar that comes from whom it may. */
static int load(int fd, const struct ctm_sidecar_trust *trust, struct ctm_complaints *c,
	struct ctm_sidecar *sidecar, const struct stat *st, enum ctm_sidecar_state *ret_state)
{
	struct ctm_sidecar_text text;
	struct stat after;
	int r;

	*ret_state = CTM_SIDECAR_NOT_WHOLE;
	if (!trust->at_once && !ctm_sidecar_is_settled(fd, st))
		return 0;
	r = ctm_sidecar_read(fd, sidecar, c, &text);
	if (r < 0)
		return r;
	if (fstat(fd, &after) < 0)
		return -errno;
	if (!is_unchanged(st, &after))
		return 0;
	if (!trust->at_once && (!is_whole(sidecar, &text) || !ctm_sidecar_is_settled(fd, st)))
		return 0;
	r = judge(sidecar, &text, trust->beside, c);
	*ret_state = c->errors ? CTM_SIDECAR_INVALID : CTM_SIDECAR_GOOD;
	return r;
}

/* The steps up to the text. 0 with a verdict in *ret_state, or negative errno. */
static int open_and_load(const char *path, const struct ctm_sidecar_trust *trust,
	struct ctm_complaints *c, struct ctm_sidecar *sidecar, struct stat *ret_stat,
	enum ctm_sidecar_state *ret_state, struct ctm_error *e)
{
	CTM_CLEANUP_FD int fd = open_sidecar(path, c, e);
	int r;

	*ret_state = CTM_SIDECAR_REFUSED;
	if (fd < 0)
		return fd == -ELOOP ? 0 : fd;
	if (fstat(fd, ret_stat) < 0)
		return ctm_error_set(e, -errno, "cannot read sidecar \"%s\"", path);
	if (!ctm_sidecar_is_trusted(ret_stat, trust, c))
		return 0;
	*ret_state = CTM_SIDECAR_INVALID;
	if (ret_stat->st_size > SIZE_LIMIT) {
		ctm_complain_error(c, 0, "more than %" PRId64 " bytes", SIZE_LIMIT);
		return 0;
	}
	r = ctm_path_canonical(path, &sidecar->file, NULL);
	if (r == 0)
		r = load(fd, trust, c, sidecar, ret_stat, ret_state);
	if (r < 0)
		ctm_error_set(e, r, "cannot read sidecar \"%s\": %s", path, strerror(-r));
	return r;
}

int ctm_sidecar_load(const char *path, const struct ctm_sidecar_trust *trust,
	ctm_ini_complain *complain, void *context, enum ctm_sidecar_state *ret_state,
	struct ctm_sidecar **ret_sidecar, struct stat *ret_stat, struct ctm_error *e)
{
	CTM_CLEANUP(free_held) struct held held = {0};
	CTM_CLEANUP(free_sidecar) struct ctm_sidecar *sidecar = calloc(1, sizeof *sidecar);
	struct ctm_complaints c = {.complain = hold, .context = &held, .file = path};
	enum ctm_sidecar_state state;
	struct stat st = {0};
	int r;

	if (!sidecar)
		return ctm_error_set(e, -ENOMEM, "out of memory");
	r = open_and_load(path, trust, &c, sidecar, &st, &state, e);
	/* A verdict without its reasons is none: the first of them may be sent to CTM. */
	if (r == 0 && held.no_memory)
		r = ctm_error_set(e, -ENOMEM, "no memory for what is wrong with \"%s\"", path);
	if (r < 0)
		return r;
	*ret_state = state;
	*ret_stat = st;
	*ret_sidecar = NULL;
	if (state == CTM_SIDECAR_NOT_WHOLE)
		return 0;
	let_go(&held, path, complain, context);
	if (state == CTM_SIDECAR_INVALID)
		free_files(sidecar);
	if (state == CTM_SIDECAR_GOOD || (state == CTM_SIDECAR_INVALID && sidecar->id)) {
		*ret_sidecar = sidecar;
		sidecar = NULL;
	}
	return 0;
}
