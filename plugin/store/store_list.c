/* SPDX-License-Identifier: MIT */
#include "store_list.h"

#include <errno.h>
#include <string.h>

#include "pack.h"
#include "store_records.h"

#define LIST_VERSION 1u

/* A block is read from its start: an event costs half of this. */
#define MOST_FILES 64u
/* A block fits into a page of LMDB's together with another, if paths let it. */
#define ENOUGH_BYTES 1600u

enum {
	LISTED_HAS_SIZE = 1,
	LISTED_HAS_SHA256 = 2,
	LISTED_GID_IS_OURS = 4,
	LISTED_HAS_GID = 8,
	LISTED_HAS_URIS = 16,
	LISTED_ALL = 31,
};

/* How many bytes two paths begin with alike. */
static size_t shared_bytes(const struct ctm_buf *a, const char *b, size_t len)
{
	const size_t most = a->len < len ? a->len : len;
	size_t n = 0;

	while (n < most && a->data[n] == b[n])
		n++;
	return n;
}

static void pack_path(struct ctm_list_packing *p, const char *path)
{
	const size_t len = strlen(path);
	const size_t shared = shared_bytes(&p->path, path, len);

	ctm_pack_varint(&p->block, shared);
	ctm_pack_varint(&p->block, len - shared);
	ctm_buf_add(&p->block, path + shared, len - shared);
	p->path.len = shared;
	ctm_buf_add(&p->path, path + shared, len - shared);
	if (p->path.error && !p->block.error)
		p->block.error = p->path.error;
}

void ctm_list_pack(struct ctm_list_packing *p, const struct ctm_file *file)
{
	struct ctm_buf *b = &p->block;

	if (!p->n) {
		p->path.limit = CTM_RECORD_LIMIT;
		p->last = p->first - 1;
		ctm_pack_u8(b, LIST_VERSION);
		ctm_pack_u32(b, file->generation);
	}
	ctm_pack_varint(b, file->number - p->last - 1);
	pack_path(p, file->path);
	ctm_pack_u8(b,
		(uint8_t)((file->has_size ? LISTED_HAS_SIZE : 0) |
			  (file->has_sha256 ? LISTED_HAS_SHA256 : 0) |
			  (file->gid_is_ours ? LISTED_GID_IS_OURS : 0) |
			  (file->gid ? LISTED_HAS_GID : 0) | (file->n_uris ? LISTED_HAS_URIS : 0)));
	if (file->has_size)
		ctm_pack_varint(b, file->size);
	if (file->has_sha256)
		ctm_buf_add(b, file->sha256, sizeof file->sha256);
	if (file->gid)
		ctm_pack_u64(b, file->gid);
	if (file->n_uris)
		ctm_pack_u8(b, file->n_uris);
	for (size_t i = 0; i < file->n_uris; i++)
		ctm_pack_u64(b, file->uris[i]);
	p->last = file->number;
	p->n++;
}

bool ctm_list_is_full(const struct ctm_list_packing *p)
{
	return p->n >= MOST_FILES || p->block.len >= ENOUGH_BYTES;
}

void ctm_list_packing_done(struct ctm_list_packing *p)
{
	ctm_buf_done(&p->block);
	ctm_buf_done(&p->path);
	p->n = 0;
}

void ctm_list_read(struct ctm_list_reading *l, const MDB_val *block, uint32_t job, uint32_t first)
{
	*l = (struct ctm_list_reading){
		.view = {.data = block->mv_data, .len = block->mv_size},
		.path = CTM_BUF_INIT(CTM_RECORD_LIMIT),
		.file = {.job = job, .number = first - 1},
	};
	if (ctm_unpack_u8(&l->view) != LIST_VERSION || !first)
		l->view.error = -EBADMSG;
	l->file.generation = ctm_unpack_u32(&l->view);
}

static void unpack_path(struct ctm_list_reading *l)
{
	const uint64_t shared = ctm_unpack_varint(&l->view);
	const uint64_t more = ctm_unpack_varint(&l->view);
	const unsigned char *rest = ctm_unpack_bytes(&l->view, more);

	if (!rest || shared > l->path.len || (more && memchr(rest, '\0', more))) {
		l->view.error = -EBADMSG;
		return;
	}
	l->path.len = shared;
	ctm_buf_add(&l->path, rest, more);
	if (l->path.error)
		l->view.error = l->path.error == -ENOMEM ? -ENOMEM : -EBADMSG;
	l->file.path = l->path.data;
}

static void unpack_uris(struct ctm_view *v, struct ctm_file *file)
{
	file->n_uris = ctm_unpack_u8(v);
	if (!file->n_uris || file->n_uris > CTM_FILE_URIS) {
		file->n_uris = 0;
		v->error = -EBADMSG;
	}
	for (size_t i = 0; i < file->n_uris; i++)
		file->uris[i] = ctm_unpack_u64(v);
}

int ctm_list_next(struct ctm_list_reading *l)
{
	struct ctm_view *v = &l->view;
	struct ctm_file file = {.job = l->file.job, .generation = l->file.generation, .count = 1};
	uint64_t skipped;
	unsigned bits;

	if (v->error || !v->len)
		return v->error;
	skipped = ctm_unpack_varint(v);
	if (skipped >= UINT32_MAX - l->file.number)
		v->error = -EBADMSG;
	file.number = l->file.number + (uint32_t)skipped + 1;
	l->file = file;
	unpack_path(l);
	bits = ctm_unpack_u8(v);
	if (bits > LISTED_ALL)
		v->error = -EBADMSG;
	l->file.has_size = bits & LISTED_HAS_SIZE;
	l->file.has_sha256 = bits & LISTED_HAS_SHA256;
	l->file.gid_is_ours = bits & LISTED_GID_IS_OURS;
	if (l->file.has_size)
		l->file.size = ctm_unpack_varint(v);
	if (l->file.has_sha256)
		ctm_unpack_raw(v, l->file.sha256, sizeof l->file.sha256);
	if (bits & LISTED_HAS_GID)
		l->file.gid = ctm_unpack_u64(v);
	if (bits & LISTED_HAS_URIS)
		unpack_uris(v, &l->file);
	return v->error ? v->error : 1;
}

void ctm_list_reading_done(struct ctm_list_reading *l)
{
	ctm_buf_done(&l->path);
}
