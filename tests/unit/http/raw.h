/* SPDX-License-Identifier: MIT */
/*
 * raw.h - a peer that says exactly what it is told, by the rules or not
 */
#ifndef TEST_RAW_H
#define TEST_RAW_H

#include <stdbool.h>

/*
 * Listens on 127.0.0.1. Each connection: reads one request with its body, says head, then says
 * again as often as it is listened to (NULL: not at all), and hangs up. The strings live on.
 */
void raw_start(const char *head, const char *again);

/* As raw_start(), but it waits for ms before each again. */
void raw_start_slow(const char *head, const char *again, unsigned ms);

/* A port at which nobody listens. */
unsigned raw_dead_port(void);

/* "http://127.0.0.1:port/notify" */
const char *raw_url(void);

/* How many requests came. */
unsigned raw_requests(void);

void raw_stop(void);

#endif
