/* SPDX-License-Identifier: MIT */
/*
 * confine.h - the transport's process gives up what it does not need
 *
 * Before it has loaded the module, and before it has read a byte from the network: no core file, no
 * one who may look into its memory, no new privileges, no capabilities; files to be read but not
 * written, and only those that a TLS client and a resolver need, with what the configuration names;
 * TCP to the ports that it names; no other process. What a kernel can't do is left out, and told.
 *
 * ARIA2_CTM_CONFINE=no in the environment leaves out all that could get into somebody's way.
 */
#ifndef CTM_CONFINE_H
#define CTM_CONFINE_H

#include "confinement.h"
#include "reach.h"

/* Always comes back: *ret_confinement says with what. */
void ctm_confine(const struct ctm_reach *reach, struct ctm_confinement *ret_confinement);

#endif
