/* SPDX-License-Identifier: MIT */
/*
 * module.h - the module as its host sees it
 */
#ifndef TEST_MODULE_H
#define TEST_MODULE_H

#include "transport.h"

/* The table, by dlopen. */
const struct ctm_transport_table *module_table(void);

/* A transport of it, whose lines for the log are kept in module_log. */
struct ctm_transport *module_open(void);
extern char module_log[4096];

/* An endpoint with sensible times, and a message of the method with all its fields. */
struct ctm_transport_endpoint module_endpoint(const char *url);
struct ctm_transport_message module_message(enum ctm_transport_method method);

/* Waits for the next outcome, 20 s at most. */
struct ctm_transport_outcome module_next(struct ctm_transport *t);

/* A whole attempt in a transport of its own: the message of success, or the given one. */
struct ctm_transport_outcome module_try(const struct ctm_transport_endpoint *e);
struct ctm_transport_outcome module_try_message(
	const struct ctm_transport_endpoint *e, const struct ctm_transport_message *m);

/* A question "{}" with sensible times; waits for the next answer, to be released. */
struct ctm_transport_question module_question(const char *url);
struct ctm_transport_answer module_answer(struct ctm_transport *t);

/* A whole question in a transport of its own. */
struct ctm_transport_answer module_ask(const struct ctm_transport_question *q);

/* For a suite's .init and .fini: scratch, no proxies around, peer and leaks. */
void module_init(void);
void module_done(void);

/* Expects verdict and hresult, and says the text where they differ. */
#define expect_outcome(o, wanted_verdict, wanted_hresult)                                          \
	do {                                                                                       \
		const struct ctm_transport_outcome got = (o);                                      \
                                                                                                   \
		cr_expect_eq(got.verdict, (wanted_verdict), "%d: %s", (int)got.verdict, got.text); \
		cr_expect_eq(got.hresult, (wanted_hresult), "0x%08X: %s", got.hresult, got.text);  \
	} while (0)

#endif
