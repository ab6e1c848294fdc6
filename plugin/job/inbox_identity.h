/* SPDX-License-Identifier: MIT */
/*
 * inbox_identity.h - which file of the inbox
 */
#ifndef CTM_INBOX_IDENTITY_H
#define CTM_INBOX_IDENTITY_H

#include <stdint.h>

/* A file by its inode and the time when that was born, which a rename does not change. */
struct ctm_inbox_identity {
	uint64_t inode;
	uint64_t born_ns; /* 0: the file system does not say, and nothing is remembered */
};

#endif
