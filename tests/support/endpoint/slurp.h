/* SPDX-License-Identifier: MIT */
/* slurp.h - a small file as a string */
#ifndef CTM_ENDPOINT_SLURP_H
#define CTM_ENDPOINT_SLURP_H

/* The caller frees it. NULL with errno set: can't be read, or is larger than 1 MiB. */
char *slurp(const char *path);

#endif
