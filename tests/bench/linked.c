/* SPDX-License-Identifier: MIT */
/*
 * The empty program with the hook's libraries: what loading them costs, before a line of the hook
 * has run. The address keeps the linker from leaving the library out; nothing is called.
 */
#include "aria2ctm.h"

extern int (*volatile linked_entry)(const struct aria2ctm_event *, struct aria2ctm_error *);
int (*volatile linked_entry)(const struct aria2ctm_event *, struct aria2ctm_error *);

int main(void)
{
	linked_entry = aria2ctm_event;
	return 0;
}
