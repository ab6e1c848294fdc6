/* SPDX-License-Identifier: MIT */
/*
 * inbox_count.h - how many events of the inbox are of one directory
 */
#ifndef CTM_INBOX_COUNT_H
#define CTM_INBOX_COUNT_H

#include "inbox.h"

#define CTM_INBOX_COUNT_LIMIT 32768u

/*
 * Of the current file, from a byte where a record begins to place->end, which is at most
 * CTM_INBOX_COUNT_LIMIT: the events whose path is below the directory that the first `len` bytes of
 * `dir` name. 0; negative errno where that can't be told by them alone: another file has become
 * current, one is no whole record or more than the word that one file is there.
 */
int ctm_inbox_count(int state_fd, const struct ctm_inbox_place *place, uint64_t from,
	const char *dir, size_t len, uint64_t *ret_n);

#endif
