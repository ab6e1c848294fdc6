/* SPDX-License-Identifier: MIT */
/*
 * words.h - a line cut into words
 *
 * Words stand between blanks; what stands in double quotes keeps its blanks, and the quotes go
 * away: `503 header="Retry-After:Fri, 02 Jan 2026 03:04:05 GMT"` are two words.
 */
#ifndef CTM_ENDPOINT_WORDS_H
#define CTM_ENDPOINT_WORDS_H

/* Cuts the next word off *line, in place. NULL: there is none. */
char *word_next(char **line);

#endif
