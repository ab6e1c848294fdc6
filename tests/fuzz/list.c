/* SPDX-License-Identifier: MIT */
/*
 * A block of a job's list, as the store has it: it is read to its end or refused, in the order of
 * numbers; what was read packs to a block that reads the same.
 *
 * Input: the number of the first file, the block's bytes.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "store_list.h"
#include "store_records.h"

static bool is_same(const struct ctm_file *a, const struct ctm_file *b)
{
	return a->number == b->number && a->generation == b->generation &&
	       strcmp(a->path, b->path) == 0 && a->gid == b->gid && a->size == b->size &&
	       a->has_size == b->has_size && a->has_sha256 == b->has_sha256 &&
	       a->gid_is_ours == b->gid_is_ours && a->n_uris == b->n_uris &&
	       memcmp(a->sha256, b->sha256, sizeof a->sha256) == 0 &&
	       memcmp(a->uris, b->uris, sizeof a->uris) == 0;
}

/* Reads it to its end; true: it is a good one. */
static bool pack_again(const MDB_val *block, uint32_t first, struct ctm_list_packing *p)
{
	struct ctm_list_reading l;
	uint32_t last = first - 1;
	int r;

	ctm_list_read(&l, block, 7, first);
	while (r = ctm_list_next(&l), r > 0) {
		FUZZ_CHECK(l.file.job == 7 && l.file.count == 1 && !l.file.evident);
		FUZZ_CHECK(l.file.number > last && l.file.n_uris <= CTM_FILE_URIS);
		last = l.file.number;
		ctm_list_pack(p, &l.file);
	}
	FUZZ_CHECK(r == 0 || r == -EBADMSG);
	ctm_list_reading_done(&l);
	return r == 0;
}

static void check_same(const MDB_val *block, const MDB_val *again, uint32_t first)
{
	struct ctm_list_reading a;
	struct ctm_list_reading b;
	int r;

	ctm_list_read(&a, block, 7, first);
	ctm_list_read(&b, again, 7, first);
	while (r = ctm_list_next(&a), r > 0)
		FUZZ_CHECK(ctm_list_next(&b) == 1 && is_same(&a.file, &b.file));
	FUZZ_CHECK(ctm_list_next(&b) == 0);
	ctm_list_reading_done(&a);
	ctm_list_reading_done(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = {data, size};
	const uint32_t first = (uint32_t)fuzz_take_number(&in);
	struct ctm_list_packing p = {.first = first, .block = CTM_BUF_INIT(CTM_RECORD_LIMIT)};
	char *copy = fuzz_copy(in.data, in.len);
	const MDB_val block = {.mv_data = copy, .mv_size = in.len};

	/* A block without a file is never written. */
	if (pack_again(&block, first, &p) && p.n) {
		FUZZ_CHECK(p.block.error == 0);
		check_same(
			&block, &(MDB_val){.mv_data = p.block.data, .mv_size = p.block.len}, first);
	}
	ctm_list_packing_done(&p);
	free(copy);
	return 0;
}
