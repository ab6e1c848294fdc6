/* SPDX-License-Identifier: MIT */
/*
 * capabilities.h - a process that runs as root keeps what it needs of root's powers
 */
#ifndef CTM_CAPABILITIES_H
#define CTM_CAPABILITIES_H

#include <stdint.h>

/* Bits of the first 32 capabilities: what linux/capability.h calls CAP_DAC_OVERRIDE and so on. */
#define CTM_CAPABILITY(number) (UINT32_C(1) << (number))

/*
 * Gives up for good all but these, of those that this thread and what it starts has. Who has none
 * loses none.
 */
void ctm_capabilities_keep(uint32_t kept);

#endif
