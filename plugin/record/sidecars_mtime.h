/* SPDX-License-Identifier: MIT */
/*
 * sidecars_mtime.h - when [sidecar] dir last changed
 */
#ifndef CTM_SIDECARS_MTIME_H
#define CTM_SIDECARS_MTIME_H

#include <stdint.h>

#include "config.h"

/* The directory's mtime in ns since 1970; 0 where there is no such directory. */
uint64_t ctm_sidecars_mtime(const struct ctm_config *config);

#endif
