/* SPDX-License-Identifier: MIT */
/*
 * glance.h - what an event needs of the configuration, where a glance at it tells
 *
 * A hook runs for each file of the machine, and a tenth of what it could cost is the reading of all
 * keys. So it looks for two of them in the text as nearly everybody writes it. Whatever is not
 * plain (an odd byte, a long line, an unknown key of [state], a quoted path, `beside = yes`) is no
 * guess but a "no": then ctm_config_load_for_event() reads it. Where the glance says what it saw,
 * that says the same; tests/fuzz/config.c compares them.
 */
#ifndef CTM_GLANCE_H
#define CTM_GLANCE_H

#include <stdbool.h>
#include <stddef.h>

#define CTM_GLANCE_PATH 512u
#define CTM_GLANCE_FILE 16384u

/* Paths are absolute. [sidecar] beside is "no". */
struct ctm_glance {
	char state_dir[CTM_GLANCE_PATH];
	char sidecar_dir[CTM_GLANCE_PATH];
};

/*
 * At the text of a configuration, len bytes. A directory that is not set is left as it is. False:
 * read it.
 */
bool ctm_glance_text(const char *text, size_t len, struct ctm_glance *glance);

/* At the one that counts, with what follows from the environment where a key is not set. */
bool ctm_glance(struct ctm_glance *ret_glance);

#endif
