/* SPDX-License-Identifier: MIT */
/*
 * answers.h - what ctm-endpoint is told to answer
 *
 * A file with one answer a line. The n-th request gets the n-th line, the last line is repeated.
 * The file is read again when it changes, and its lines are counted from the first again. Without a
 * file, or as long as it is not there, every answer is 200.
 */
#ifndef CTM_ENDPOINT_ANSWERS_H
#define CTM_ENDPOINT_ANSWERS_H

#include <stdbool.h>
#include <stddef.h>

#define ANSWER_HEADERS_MAX 16

struct answer {
	char *line; /* as it stands in the file, "-" where there is none; owned */
	char *copy; /* what the views below look into; owned */
	unsigned status;
	unsigned delay_ms;
	bool endless;
	bool cut;
	bool cut_before;
	const char *body;
	size_t n_headers;
	struct {
		const char *name;
		const char *value;
	} headers[ANSWER_HEADERS_MAX];
};

/* Tells the file; NULL: none. */
void answers_init(const char *path);

/*
 * Takes the next answer; may be called by several threads. What can't be understood is printed and
 * becomes a 500 that says so. The caller calls answer_done().
 */
void answers_next(struct answer *ret_answer);

void answer_done(struct answer *answer);

#endif
