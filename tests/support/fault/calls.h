/* SPDX-License-Identifier: MIT */
/*
 * calls.h - what ctm-fault knows of system calls: names, and where their file stands
 */
#ifndef FAULT_CALLS_H
#define FAULT_CALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum fault_where {
	FAULT_NOWHERE, /* the call has no file */
	FAULT_FD,      /* argument 0 is its descriptor */
	FAULT_PATH,    /* argument 0 is its path */
	FAULT_AT,      /* arguments 0 and 1 are a directory and a path in it */
	FAULT_AT_2,    /* arguments 2 and 3 are: the new name of a rename or link */
};

enum fault_trait {
	FAULT_HAS_COUNT = 1, /* argument 2 says how much, so that it can be made less */
	FAULT_WRITES = 2,    /* may need room on a disk, or asks for what was written before */
	FAULT_OPENS = 4,     /* needs room only where it makes a file */
	FAULT_APPENDS = 8,   /* returns how many bytes it has written */
};

struct fault_call {
	uint64_t number;
	const char *name;
	enum fault_where where;
	unsigned traits;
};

/* NULL: one that no test needs by name. */
const struct fault_call *fault_call_find(uint64_t number);

/* Its name; of one without, its number in buf. */
const char *fault_call_name(uint64_t number, char *buf, size_t size);

/* Whether the name stands in a list with commas between. */
bool fault_call_is_in(uint64_t number, const char *list);

/* ENOSPC and the like: the number of that name, 0 for none. */
int fault_errno(const char *name);

#endif
