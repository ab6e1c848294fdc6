/* SPDX-License-Identifier: MIT */
/*
 * check_aria2_rpc.h - the lines of an aria2.conf that are about RPC, beside our own configuration
 */
#ifndef CTM_CHECK_ARIA2_RPC_H
#define CTM_CHECK_ARIA2_RPC_H

#include "aria2_conf.h"
#include "check.h"

/* Adds what is wrong, or nothing. check->config may be NULL. */
void ctm_check_aria2_rpc(
	struct ctm_check *check, const char *file, const struct ctm_aria2_conf *conf);

#endif
