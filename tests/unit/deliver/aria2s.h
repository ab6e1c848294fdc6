/* SPDX-License-Identifier: MIT */
/*
 * aria2s.h - aria2s that the configuration of world.h's world names, and the questions for them
 */
#ifndef TEST_ARIA2S_H
#define TEST_ARIA2S_H

#include <stddef.h>

/* One more [aria2.NAME]. */
void aria2s_add(const char *name, const char *rpc);

/* The configuration names none any more. */
void aria2s_remove(void);

/* How many questions wait in the store. */
size_t aria2s_questions(void);

/* What fake_transport.c answers to that method, "aria2.tellActive": JSON. */
void aria2s_answer(const char *method, const char *json);

/* aria2.tellWaiting and its siblings, and system.multicall: nothing is there, nothing is known. */
void aria2s_answer_nothing(void);

#endif
