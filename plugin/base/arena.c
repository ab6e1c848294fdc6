/* SPDX-License-Identifier: MIT */
#include "arena.h"

#include <stdlib.h>
#include <string.h>

#define BLOCK 65536u /* bytes; what needs more has a block of its own */

struct ctm_arena_block {
	struct ctm_arena_block *before;
	char bytes[];
};

static int add_block(struct ctm_arena *arena, size_t len)
{
	const size_t room = len > BLOCK ? len : BLOCK;
	struct ctm_arena_block *block = malloc(sizeof *block + room);

	if (!block)
		return -1;
	block->before = arena->last;
	*arena = (struct ctm_arena){.last = block, .room = room};
	return 0;
}

void *ctm_arena_copy(struct ctm_arena *arena, const void *data, size_t len)
{
	char *copy;

	if ((!arena->last || arena->room - arena->at < len) && add_block(arena, len) < 0)
		return NULL;
	copy = arena->last->bytes + arena->at;
	memcpy(copy, data, len);
	arena->at += len;
	return copy;
}

char *ctm_arena_text(struct ctm_arena *arena, const char *text)
{
	return ctm_arena_copy(arena, text, strlen(text) + 1);
}

void ctm_arena_rewind(struct ctm_arena *arena, const struct ctm_arena *mark)
{
	while (arena->last != mark->last) {
		struct ctm_arena_block *block = arena->last;

		arena->last = block->before;
		free(block);
	}
	*arena = *mark;
}

void ctm_arena_done(struct ctm_arena *arena)
{
	ctm_arena_rewind(arena, &(struct ctm_arena){0});
}
