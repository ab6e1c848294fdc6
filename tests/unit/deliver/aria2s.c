/* SPDX-License-Identifier: MIT */
#include "aria2s.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "world.h"

void aria2s_add(const char *name, const char *rpc)
{
	struct ctm_config *config = world.config;
	struct ctm_aria2 *aria2;

	config->aria2s = reallocarray(config->aria2s, config->n_aria2s + 1, sizeof *config->aria2s);
	cr_assert_not_null(config->aria2s);
	aria2 = &config->aria2s[config->n_aria2s++];
	*aria2 = (struct ctm_aria2){.name = strdup(name), .rpc = strdup(rpc)};
	cr_assert(aria2->name && aria2->rpc);
}

void aria2s_remove(void)
{
	struct ctm_config *config = world.config;

	for (size_t i = 0; i < config->n_aria2s; i++) {
		free(config->aria2s[i].name);
		free(config->aria2s[i].rpc);
	}
	config->n_aria2s = 0;
}

static int count(struct ctm_txn *txn, const struct ctm_question *question, void *context)
{
	size_t *n = context;

	(void)txn;
	(void)question;
	++*n;
	return 0;
}

static int count_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	(void)e;
	*(size_t *)context = 0;
	return ctm_store_question_each(txn, count, context);
}

size_t aria2s_questions(void)
{
	size_t n;

	world_update(count_body, &n);
	return n;
}

void aria2s_answer(const char *method, const char *json)
{
	char name[256];
	char text[16384];

	scratch_make_dir("aria2");
	cr_assert_eq(setenv("CTM_FAKE_ARIA2", scratch_path("aria2"), 1), 0);
	snprintf(name, sizeof name, "aria2/%s", method);
	cr_assert_lt(snprintf(text, sizeof text, "{\"id\":\"\",\"jsonrpc\":\"2.0\",\"result\":%s}",
			     json),
		(int)sizeof text);
	scratch_write(name, text);
}

void aria2s_answer_nothing(void)
{
	aria2s_answer("aria2.tellWaiting", "[]");
	aria2s_answer("aria2.tellActive", "[]");
	aria2s_answer("aria2.tellStopped", "[]");
	aria2s_answer(
		"system.multicall", "[{\"code\":1,\"message\":\"No such download for GID#7\"}]");
}
