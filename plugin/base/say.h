/* SPDX-License-Identifier: MIT */
/*
 * say.h - a line for a person, where foreign text may be part of it
 *
 * A download, a sidecar or a server chooses names and texts. On a terminal their control characters
 * would be obeyed, and their newlines would begin lines that look like ours: they are shown
 * escaped, as the log shows them.
 */
#ifndef CTM_SAY_H
#define CTM_SAY_H

#include <stdio.h>

#include "errors.h"

/* Writes one line; its newline is added. Where memory is short it is cut to 2 KiB of ASCII. */
void ctm_say(FILE *to, const char *format, ...) CTM_PRINTF(2, 3);

/* The same from a list of arguments. */
void ctm_say_list(FILE *to, const char *format, va_list ap) CTM_PRINTF(2, 0);

#endif
