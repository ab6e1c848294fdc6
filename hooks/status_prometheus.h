/* SPDX-License-Identifier: MIT */
/*
 * status_prometheus.h - `status --prometheus`: figures for monitoring
 *
 * The text format of Prometheus, version 0.0.4, for node_exporter's textfile collector. All are
 * gauges of what is listed now: an ended job leaves the list after [state] keep, so that counts can
 * go down. Every state has its line, also at 0, so that an alert can tell "none" from "not asked".
 */
#ifndef CTM_STATUS_PROMETHEUS_H
#define CTM_STATUS_PROMETHEUS_H

#include <stdio.h>

#include "status_collect.h"

/* 0 or negative errno. */
int ctm_status_print_prometheus(const struct ctm_status *status, FILE *to);

#endif
