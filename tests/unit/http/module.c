/* SPDX-License-Identifier: MIT */
#include "module.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "peer.h"
#include "raw.h"
#include "scratch.h"

char module_log[4096];

const struct ctm_transport_table *module_table(void)
{
	const struct ctm_transport_table *(*entry)(void);
	void *handle = dlopen(TEST_MODULE, RTLD_NOW | RTLD_LOCAL);
	void *symbol;

	cr_assert_not_null(handle, "%s", dlerror());
	symbol = dlsym(handle, "ctm_transport_entry");
	cr_assert_not_null(symbol, "%s", dlerror());
	memcpy(&entry, &symbol, sizeof entry);
	dlclose(handle);
	return entry();
}

static void keep_line(void *context, int level, const char *line)
{
	(void)context;
	(void)level;
	strncat(module_log, line, sizeof module_log - strlen(module_log) - 1);
}

struct ctm_transport *module_open(void)
{
	const struct ctm_transport_host host = {
		.size = sizeof host, .user_agent = "aria2-ctm/test", .log = keep_line};
	struct ctm_transport *t = NULL;

	cr_assert_eq(module_table()->open(&host, &t), 0);
	cr_assert_not_null(t);
	return t;
}

struct ctm_transport_endpoint module_endpoint(const char *url)
{
	return (struct ctm_transport_endpoint){.size = sizeof(struct ctm_transport_endpoint),
		.url = url,
		.connect_timeout_ms = 5000,
		.timeout_ms = 15000};
}

struct ctm_transport_message module_message(enum ctm_transport_method method)
{
	return (struct ctm_transport_message){
		.size = sizeof(struct ctm_transport_message),
		.method = method,
		.endpoint = "ctm",
		.id = "{3F2504E0-4F89-11D3-9A0C-0305E82C3301}",
		.client_data = "<opaque>",
		.progress_type = "DownloadingData",
		.bytes_total = 1048576,
		.bytes_transferred = 1048576,
		.files_total = 2,
		.files_transferred = 2,
		.error_code = 0x80190194,
		.error_message = "not found",
		.event_id = "{3F2504E0-4F89-11D3-9A0C-0305E82C3301}/success",
		.source = "aria2-ctm://host.example",
		.time_s = 1767323045,
	};
}

struct ctm_transport_outcome module_next(struct ctm_transport *t)
{
	const struct ctm_transport_table *table = module_table();
	struct ctm_transport_outcome o = {.size = sizeof o};

	for (int i = 0; i < 20; i++) {
		if (table->next(t, &o))
			return o;
		cr_assert_eq(table->wait(t, NULL, 0, 1000), 0);
	}
	cr_assert_fail("no outcome came");
	return o;
}

struct ctm_transport_outcome module_try_message(
	const struct ctm_transport_endpoint *e, const struct ctm_transport_message *m)
{
	struct ctm_transport *t = module_open();
	struct ctm_transport_outcome o;

	cr_assert_eq(module_table()->submit(t, e, m, 42), 0);
	o = module_next(t);
	cr_expect_eq(o.tag, 42);
	cr_expect_eq(module_table()->next(t, &o), 0);
	module_table()->close(t);
	return o;
}

struct ctm_transport_outcome module_try(const struct ctm_transport_endpoint *e)
{
	const struct ctm_transport_message m = module_message(CTM_TRANSPORT_SUCCESS);

	return module_try_message(e, &m);
}

struct ctm_transport_question module_question(const char *url)
{
	return (struct ctm_transport_question){.size = sizeof(struct ctm_transport_question),
		.url = url,
		.body = "{}",
		.body_len = 2,
		.answer_max = 100000,
		.connect_timeout_ms = 5000,
		.timeout_ms = 15000};
}

struct ctm_transport_answer module_answer(struct ctm_transport *t)
{
	const struct ctm_transport_table *table = module_table();
	struct ctm_transport_answer answer = {.size = sizeof answer};

	for (int i = 0; i < 20; i++) {
		if (table->next_answer(t, &answer))
			return answer;
		cr_assert_eq(table->wait(t, NULL, 0, 1000), 0);
	}
	cr_assert_fail("no answer came");
	return answer;
}

struct ctm_transport_answer module_ask(const struct ctm_transport_question *q)
{
	struct ctm_transport *t = module_open();
	struct ctm_transport_answer answer;

	cr_assert_eq(module_table()->ask(t, q, 42), 0);
	answer = module_answer(t);
	cr_expect_eq(answer.tag, 42);
	cr_expect_eq(module_table()->next_answer(t, &answer), 0);
	module_table()->close(t);
	return answer;
}

void module_init(void)
{
	static const char *const names[] = {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy",
		"ALL_PROXY", "no_proxy", "NO_PROXY"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		unsetenv(names[i]);
	scratch_init();
}

void module_done(void)
{
	peer_stop();
	raw_stop();
	scratch_done();
}
