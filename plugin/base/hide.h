/* SPDX-License-Identifier: MIT */
/*
 * hide.h - a process that reads secrets keeps them to itself
 */
#ifndef CTM_HIDE_H
#define CTM_HIDE_H

#include <stdbool.h>

/* False: ARIA2_CTM_CONFINE=no, no process is to hide itself, or to give anything up. */
bool ctm_hide_is_wanted(void);

/*
 * No core file is written of this process, and nobody but root looks into its memory. To be called
 * after it has become another user, which undoes it. ARIA2_CTM_CONFINE=no leaves it out.
 */
void ctm_hide(void);

#endif
