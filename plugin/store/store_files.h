/* SPDX-License-Identifier: MIT */
/*
 * store_files.h - between store_files.c, which has single files, and store_files_all.c, which has
 * all those of a job
 *
 * A file is a record of its own, or stands in a block of its job's list (store_list.h), or both:
 * then the record counts.
 */
#ifndef CTM_STORE_FILES_H
#define CTM_STORE_FILES_H

#include "store_keys.h"

/* What leads to the file from its gid and its URIs. */
int ctm_file_put_ways(struct ctm_txn *txn, const struct ctm_file *file);
int ctm_file_delete_ways(struct ctm_txn *txn, const struct ctm_file *file);

/* The file as its block has it. -ENOENT: it is in none. */
int ctm_file_get_listed(
	struct ctm_txn *txn, uint32_t job, uint32_t number, struct ctm_file *ret_file);
/* Out of its block; 0 also where it is in none. */
int ctm_file_delete_listed(struct ctm_txn *txn, uint32_t job, uint32_t number);

#endif
