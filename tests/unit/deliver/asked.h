/* SPDX-License-Identifier: MIT */
/*
 * asked.h - a look at files below the scratch directory's dl/
 *
 * TestSuite(name, .init = asked_init, .fini = asked_done); then asked_file() for each file of the
 * job, asked_look(), and asked.result.
 */
#ifndef TEST_ASKED_H
#define TEST_ASKED_H

#include "look_internal.h"
#include "scratch.h"

struct asked {
	struct ctm_look_request request;
	struct ctm_look_result result;
};

extern struct asked asked;

void asked_init(void);
void asked_done(void);

/* One more file of the job, dl/NAME, whether it is there or not. Good until the next one. */
struct ctm_file *asked_file(const char *name);

/* Writes dl/NAME, with its directories, and asks for it with its size, as complete now. */
struct ctm_file *asked_there(const char *name, const char *text);

/* Looks, and frees what the look before it found. */
enum ctm_look_answer asked_look(void);

/* The HRESULT of the finding about that file; 0: there is none. */
uint32_t asked_finding(uint32_t number);

/* What the parts of a look share, of that request. Close root_fd. */
struct ctm_looking asked_looking(void);

#endif
