/* SPDX-License-Identifier: MIT */
/*
 * arena.h - many small texts that are freed together
 *
 * Zeroed to begin with. What it gives stays where it is until the arena is done, or rewound to a
 * mark that was taken before it.
 */
#ifndef CTM_ARENA_H
#define CTM_ARENA_H

#include <stddef.h>

struct ctm_arena_block;

struct ctm_arena {
	struct ctm_arena_block *last;
	size_t at;   /* bytes of the last block that are taken, */
	size_t room; /* of so many */
};

/* A copy of len bytes, for any text or bytes: it is not aligned. NULL: no memory. */
void *ctm_arena_copy(struct ctm_arena *arena, const void *data, size_t len);

/* A copy of a text with its NUL. */
char *ctm_arena_text(struct ctm_arena *arena, const char *text);

/* Gives back what was taken since *mark was copied from it. */
void ctm_arena_rewind(struct ctm_arena *arena, const struct ctm_arena *mark);

void ctm_arena_done(struct ctm_arena *arena);

#endif
