/* SPDX-License-Identifier: MIT */
/*
 * fuzz.h - what the targets have in common
 *
 * A target is one file with LLVMFuzzerTestOneInput(), which takes any bytes and says what must hold
 * for them with FUZZ_CHECK(). libFuzzer looks for bytes that break it (tests/fuzz/run);
 * corpus_main.c runs it over the files of its corpus, as a test of every build.
 *
 * An input is used up from its front: a byte that chooses, texts that end in a NUL, and the rest.
 * Copies have exactly the size that they need, so that a sanitizer sees a read behind them.
 */
#ifndef CTM_FUZZ_H
#define CTM_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Says what did not hold, and aborts. */
#define FUZZ_CHECK(condition) ((condition) ? (void)0 : fuzz_fail(__FILE__, __LINE__, #condition))
_Noreturn void fuzz_fail(const char *file, int line, const char *condition);

struct fuzz_input {
	const uint8_t *data;
	size_t len;
};

/* The next byte; 0 where there is none. */
uint8_t fuzz_take_byte(struct fuzz_input *in);

/* The next eight bytes as a number, as many as there are. */
uint64_t fuzz_take_number(struct fuzz_input *in);

/* A copy of what stands before the next NUL, or of all; freed by the caller. */
char *fuzz_take_text(struct fuzz_input *in);

/* A copy of len bytes with a NUL behind them; freed by the caller. */
char *fuzz_copy(const void *data, size_t len);

/* A file in memory that holds these bytes, read from its start; the same one each time. */
int fuzz_file(const void *data, size_t len);

/* Its path. */
const char *fuzz_file_path(void);

/* A directory of our own in memory, where there is one; removed at the end. Made the first time. */
const char *fuzz_directory(void);

/* Whether text is UTF-8 that has no control character of any kind in it. */
bool fuzz_is_visible(const char *text, size_t len);

/* Whether both are NULL or the same text. */
bool fuzz_is_same(const char *a, const char *b);

#endif
