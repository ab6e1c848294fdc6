/* SPDX-License-Identifier: MIT */
/*
 * send_log.h - what is said of an attempt when its outcome is stored
 */
#ifndef CTM_SEND_LOG_H
#define CTM_SEND_LOG_H

#include "send_store.h"

/* Of a job that was not forgotten. */
void ctm_send_log(const struct ctm_send_outcome *outcome);

#endif
