/* SPDX-License-Identifier: MIT */
#include "hide.h"

#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

bool ctm_hide_is_wanted(void)
{
	const char *wanted = getenv("ARIA2_CTM_CONFINE");

	return !wanted || strcmp(wanted, "no") != 0;
}

void ctm_hide(void)
{
	if (ctm_hide_is_wanted())
		prctl(PR_SET_DUMPABLE, 0);
}
