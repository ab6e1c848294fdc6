/* SPDX-License-Identifier: MIT */
/*
 * attempts.h - what somebody tries who has taken over one of our processes
 *
 * The environment says where: CTM_INTRUDER_STATE and CTM_INTRUDER_HOME are directories,
 * CTM_INTRUDER_PORT is one that somebody listens at. With CTM_INTRUDER_STAYS it does not try to
 * become another program.
 */
#ifndef CTM_ATTEMPTS_H
#define CTM_ATTEMPTS_H

#include <stddef.h>

/* Appends " NAME" to text for each that worked. */
void attempts_make(char *text, size_t size);

#endif
