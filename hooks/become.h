/* SPDX-License-Identifier: MIT */
/*
 * become.h - a hook command becomes `drain`
 */
#ifndef CTM_BECOME_H
#define CTM_BECOME_H

#define BECOME_DRAIN "drain"

/* Returns only if that fails; it has been said then, as far as it can be. */
void become_drain(char **argv);

#endif
