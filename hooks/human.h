/* SPDX-License-Identifier: MIT */
/*
 * human.h - sizes and times as people read them
 *
 * Every function writes into the caller's buffer and returns it.
 */
#ifndef CTM_HUMAN_H
#define CTM_HUMAN_H

#include <stdint.h>

#define CTM_HUMAN 32 /* bytes that hold any of them */

/* "512 B", "1.5 KiB", "16.0 EiB": one decimal, never rounded up to the next unit's 1024. */
const char *ctm_human_bytes(uint64_t bytes, char buf[CTM_HUMAN]);

/* "40 s", "4 min", "1 h 20 min", "3 d 4 h": rounded down, at most two units. */
const char *ctm_human_seconds(uint64_t seconds, char buf[CTM_HUMAN]);

#endif
