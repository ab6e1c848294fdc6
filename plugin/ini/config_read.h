/* SPDX-License-Identifier: MIT */
/*
 * config_read.h - the text of a configuration into a struct ctm_config
 */
#ifndef CTM_CONFIG_READ_H
#define CTM_CONFIG_READ_H

#include "complain.h"
#include "config.h"

/*
 * Reads fd over the defaults in *config. Complaints are made and counted in *c. 0, or negative
 * errno where reading failed.
 */
int ctm_config_read(int fd, struct ctm_config *config, struct ctm_complaints *c);

#endif
