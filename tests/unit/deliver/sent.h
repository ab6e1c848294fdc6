/* SPDX-License-Identifier: MIT */
/*
 * sent.h - messages that wait, and what fake_transport.c was given
 */
#ifndef TEST_SENT_H
#define TEST_SENT_H

#include <stdint.h>

#include "transport.h"

/* A job that exists as its final word only: 12 bytes, 2 files. Returns its number. */
uint32_t sent_make(unsigned id, const char *endpoint);

/* How every attempt ends from now on. */
void sent_verdict(enum ctm_transport_verdict verdict);

/* How many attempts were made in this test, and what the i-th was. */
unsigned sent_count(void);
const char *sent_line(unsigned i);

#endif
