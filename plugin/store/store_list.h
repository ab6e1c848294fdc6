/* SPDX-License-Identifier: MIT */
/*
 * store_list.h - files as the sidecar lists them, many in a record
 *
 * A list of a million files is a million records that say little but a path. So what the sidecar
 * says of them is packed in blocks of neighbours, each path without what it shares with the one
 * before it. A block is written once, when the job is registered. What becomes of a file then is a
 * record of its own, which takes the place of what its block says (store_files.c).
 *
 * A block: version, generation, then for each file how many numbers were left out before it, how
 * many bytes of the path are those of the path before, the rest of the path, and what is known.
 */
#ifndef CTM_STORE_LIST_H
#define CTM_STORE_LIST_H

#include "store_keys.h"

/* Packing: zeroed but for first and block. Files come in the order of their numbers. */
struct ctm_list_packing {
	uint32_t first; /* number of the first file that can be in it: its key's */
	uint32_t last;  /* of the one that was packed last */
	uint32_t n;
	struct ctm_buf block;
	struct ctm_buf path; /* of the one that was packed last */
};

/* Files of one block: of one generation, without evidence, cause, or anything else that comes. */
void ctm_list_pack(struct ctm_list_packing *p, const struct ctm_file *file);
/* Whether the next file is better put into a block of its own. */
bool ctm_list_is_full(const struct ctm_list_packing *p);
void ctm_list_packing_done(struct ctm_list_packing *p);

/* Unpacking: of a block that outlives it. */
struct ctm_list_reading {
	struct ctm_view view;
	struct ctm_buf path;
	struct ctm_file
		file; /* the one that is read; its path is borrowed, and goes with the next */
};

void ctm_list_read(struct ctm_list_reading *l, const MDB_val *block, uint32_t job, uint32_t first);
/* The next file in l->file. 1; 0: there is none; -EBADMSG; -ENOMEM. */
int ctm_list_next(struct ctm_list_reading *l);
void ctm_list_reading_done(struct ctm_list_reading *l);

#endif
