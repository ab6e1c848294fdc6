/* SPDX-License-Identifier: MIT */
/*
 * A whole sidecar, from the file in its directory to the struct: what is good holds together, and
 * written out it reads as the same; cut after any byte it is not whole, is wrong, or lacks at most
 * what sidecar.h says; complaints name their line.
 *
 * Input: a switch, where to cut (two bytes), the text.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <nettle/base64.h>

#include "buf.h"
#include "fuzz.h"
#include "guid.h"
#include "num.h"
#include "path.h"
#include "sidecar.h"

static unsigned lines; /* of the text */
static unsigned errors;

static void complain(void *context, const struct ctm_error *complaint)
{
	(void)context;
	FUZZ_CHECK(complaint->line <= lines && complaint->text[0]);
	FUZZ_CHECK(strcmp(ctm_path_name(complaint->file), "x" CTM_SIDECAR_SUFFIX) == 0);
	errors += complaint->code < 0;
}

static unsigned count_lines(const char *text, size_t len)
{
	unsigned n = len && text[len - 1] != '\n';

	for (size_t i = 0; i < len; i++)
		n += text[i] == '\n';
	/* What is missing as a whole is said of line 1. */
	return n ? n : 1;
}

static enum ctm_sidecar_state load(
	const char *text, size_t len, bool at_once, bool beside, struct ctm_sidecar **ret_sidecar)
{
	const uid_t owner = 0;
	const struct ctm_sidecar_trust trust = {.state_owner = geteuid(),
		.owners = &owner,
		.n_owners = beside,
		.in_trusted_dir = true,
		.beside = beside,
		.at_once = at_once};
	enum ctm_sidecar_state state = CTM_SIDECAR_REFUSED;
	struct ctm_error e;
	struct stat st;
	char path[96];
	int fd;

	snprintf(path, sizeof path, "%s/x" CTM_SIDECAR_SUFFIX, fuzz_directory());
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	FUZZ_CHECK(fd >= 0 && write(fd, text, len) == (ssize_t)len);
	close(fd);
	lines = count_lines(text, len);
	errors = 0;
	FUZZ_CHECK(
		ctm_sidecar_load(path, &trust, complain, NULL, &state, ret_sidecar, &st, &e) == 0);
	FUZZ_CHECK(state != CTM_SIDECAR_NOT_WHOLE || (!at_once && !*ret_sidecar && !errors));
	FUZZ_CHECK((state == CTM_SIDECAR_INVALID || state == CTM_SIDECAR_REFUSED) == (errors > 0));
	return state;
}

static void print(struct ctm_buf *b, const char *key, const char *value)
{
	/* Without a blank in front: a value can begin with ";". */
	if (value[0])
		ctm_buf_printf(b, "%s =%s\n", key, value);
}

static void print_base64(struct ctm_buf *b, const char *key, const char *value)
{
	const size_t len = strlen(value);
	char *encoded = malloc(BASE64_ENCODE_RAW_LENGTH(len) + 1);

	if (!encoded)
		exit(1);
	base64_encode_raw(encoded, len, (const uint8_t *)value);
	ctm_buf_printf(b, "%s = %.*s\n", key, (int)BASE64_ENCODE_RAW_LENGTH(len), encoded);
	free(encoded);
}

static void print_file(struct ctm_buf *b, const struct ctm_sidecar_file *file)
{
	char hex[65];

	ctm_buf_printf(b, "[file.%" PRIu32 "]\n", file->number);
	print_base64(b, "path_base64", file->path);
	if (file->has_size)
		ctm_buf_printf(b, "size = %" PRIu64 "\n", file->size);
	if (file->gid)
		ctm_buf_printf(b, "gid = %016" PRIx64 "\n", file->gid);
	if (file->has_sha256)
		ctm_num_print_hex(file->sha256, CTM_SHA256_BYTES, hex);
	if (file->has_sha256)
		ctm_buf_printf(b, "sha256 = %s\n", hex);
	for (uint32_t i = 0; i < file->n_uris; i++)
		print(b, "uri", file->uris[i]);
}

static void print_job(struct ctm_buf *b, const struct ctm_sidecar *s)
{
	ctm_buf_add_str(b, "[job]\n");
	print(b, "id", s->id);
	print(b, "kind", ctm_kind_name(s->kind));
	print(b, "endpoint", s->endpoint);
	print_base64(b, "client_data_base64", s->client_data);
	print(b, "content_id", s->content_id);
	print(b, "content_version", s->content_version);
	/* A blank at its end is one of its last directory's. */
	ctm_buf_printf(b, "local_path =%s/\n", s->local_path);
	if (s->files_total)
		ctm_buf_printf(b, "files_total = %" PRIu32 "\n", s->files_total);
	if (s->has_bytes_total)
		ctm_buf_printf(b, "bytes_total = %" PRIu64 "\n", s->bytes_total);
	ctm_buf_printf(b, "timeout = %" PRIu64 "\nchunk_size = %" PRIu64 "\nflags = %" PRIu32 "\n",
		s->timeout_s, s->chunk_size, s->flags);
	print(b, "priority", ctm_priority_name(s->priority));
	print(b, "delete_on_error", s->delete_on_error ? "true" : "false");
}

static void print_sidecar(struct ctm_buf *b, const struct ctm_sidecar *s)
{
	print_job(b, s);
	for (uint32_t i = 0; i < s->n_files; i++)
		print_file(b, &s->files[i]);
	FUZZ_CHECK(b->error == 0);
}

static void check_path(const struct ctm_sidecar *s, const char *path)
{
	CTM_CLEANUP_FREE char *joined = ctm_path_join(s->local_path, path);
	CTM_CLEANUP_FREE char *tidy = NULL;
	const char *below = ctm_path_below(joined, s->local_path);

	FUZZ_CHECK(path[0] != '/' && below && strcmp(below, path) == 0);
	FUZZ_CHECK(ctm_path_tidy(joined, NULL, &tidy) == 0 && strcmp(tidy, joined) == 0);
}

static void check_good(const struct ctm_sidecar *s, bool beside)
{
	CTM_CLEANUP_FREE char *tidy = NULL;
	char guid[CTM_GUID_KEY];
	uint64_t sum = 0;

	FUZZ_CHECK(ctm_guid_key(s->id, guid) == 0 && s->endpoint[0]);
	FUZZ_CHECK(ctm_kind_name(s->kind) && ctm_priority_name(s->priority));
	FUZZ_CHECK(ctm_path_tidy(s->local_path, NULL, &tidy) == 0);
	FUZZ_CHECK(strcmp(tidy, s->local_path) == 0);
	FUZZ_CHECK(beside || !ctm_path_below(s->file, s->local_path));
	FUZZ_CHECK(s->kind == CTM_KIND_SINGLE || s->files_total);
	FUZZ_CHECK(s->n_files == (s->kind == CTM_KIND_LISTED ? s->files_total : 0));
	for (uint32_t i = 0; i < s->n_files; i++) {
		check_path(s, s->files[i].path);
		sum += s->files[i].has_size ? s->files[i].size : 0;
		for (uint32_t k = 0; k < i; k++) {
			FUZZ_CHECK(s->files[i].number != s->files[k].number);
			FUZZ_CHECK(strcmp(s->files[i].path, s->files[k].path) != 0);
		}
	}
	FUZZ_CHECK(!s->has_bytes_total || sum <= s->bytes_total);
}

/* Whether the sidecar of a cut text is the whole one but for optional keys of its last section. */
static void check_cut(const struct ctm_sidecar *cut, const struct ctm_sidecar *whole)
{
	FUZZ_CHECK(strcmp(cut->id, whole->id) == 0 && strcmp(cut->endpoint, whole->endpoint) == 0);
	FUZZ_CHECK(cut->kind == whole->kind && cut->n_files == whole->n_files);
	FUZZ_CHECK(strcmp(cut->local_path, whole->local_path) == 0);
	for (uint32_t i = 0; i < cut->n_files; i++) {
		const struct ctm_sidecar_file *a = &cut->files[i];
		const struct ctm_sidecar_file *b = &whole->files[i];
		const bool last = i + 1 == cut->n_files;

		FUZZ_CHECK(strcmp(a->path, b->path) == 0 && a->number == b->number);
		FUZZ_CHECK(a->size == b->size || (last && !a->has_size));
		FUZZ_CHECK(a->gid == b->gid || (last && !a->gid));
		FUZZ_CHECK(a->has_sha256 == b->has_sha256 || (last && !a->has_sha256));
		FUZZ_CHECK(a->n_uris == b->n_uris || (last && a->n_uris < b->n_uris));
	}
}

static void check_again(const struct ctm_sidecar *sidecar)
{
	CTM_CLEANUP_BUF struct ctm_buf once = CTM_BUF_INIT(1 << 20);
	CTM_CLEANUP_BUF struct ctm_buf twice = CTM_BUF_INIT(1 << 20);
	struct ctm_sidecar *again = NULL;

	print_sidecar(&once, sidecar);
	FUZZ_CHECK(load(once.data, once.len, true, false, &again) == CTM_SIDECAR_GOOD);
	print_sidecar(&twice, again);
	FUZZ_CHECK(strcmp(once.data, twice.data) == 0);
	ctm_sidecar_free(again);
}

static void check_scanned(
	const struct ctm_sidecar *sidecar, const char *text, size_t len, size_t cut, bool beside)
{
	struct ctm_sidecar *scanned = NULL;
	enum ctm_sidecar_state state = load(text, len, false, beside, &scanned);

	FUZZ_CHECK(state == (text[len - 1] == '\n' ? CTM_SIDECAR_GOOD : CTM_SIDECAR_NOT_WHOLE));
	ctm_sidecar_free(scanned);
	scanned = NULL;
	state = load(text, cut, false, beside, &scanned);
	FUZZ_CHECK(state != CTM_SIDECAR_REFUSED);
	FUZZ_CHECK((cut && text[cut - 1] == '\n') || state == CTM_SIDECAR_NOT_WHOLE);
	if (state == CTM_SIDECAR_GOOD && scanned->kind == CTM_KIND_LISTED)
		check_cut(scanned, sidecar);
	ctm_sidecar_free(scanned);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = {data, size};
	const bool beside = fuzz_take_byte(&in) & 1 && geteuid() == 0;
	size_t cut = (size_t)fuzz_take_byte(&in) << 8;
	struct ctm_sidecar *sidecar = NULL;
	char *text;

	cut |= fuzz_take_byte(&in);
	text = fuzz_copy(in.data, in.len);
	if (load(text, in.len, true, beside, &sidecar) == CTM_SIDECAR_GOOD) {
		check_good(sidecar, beside);
		if (!beside)
			check_again(sidecar);
		check_scanned(sidecar, text, in.len, cut % in.len, beside);
	} else if (sidecar) {
		FUZZ_CHECK(sidecar->id && sidecar->endpoint && !sidecar->n_files);
	}
	ctm_sidecar_free(sidecar);
	free(text);
	return 0;
}
