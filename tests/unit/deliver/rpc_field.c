/* SPDX-License-Identifier: MIT */
#include "rpc_field.h"

#include <errno.h>
#include <string.h>

#include <criterion/criterion.h>

#include "leaks.h"

TestSuite(rpc_field, .fini = ctm_test_check_leaks);

static struct ctm_error e;

static uint64_t read_number(struct ctm_rpc_fields *f)
{
	return ctm_rpc_field_number(f, "x", INT64_MAX);
}

static uint64_t read_gid(struct ctm_rpc_fields *f)
{
	return ctm_rpc_field_gid(f, "x");
}

static uint64_t read_switch(struct ctm_rpc_fields *f)
{
	return ctm_rpc_field_switch(f, "x");
}

static uint64_t read_text(struct ctm_rpc_fields *f)
{
	const char *text = ctm_rpc_field_text(f, "x");

	return text ? strlen(text) : 77;
}

static uint64_t read_array(struct ctm_rpc_fields *f)
{
	return json_array_size(ctm_rpc_field_array(f, "x"));
}

Test(rpc_field, values)
{
	static const struct {
		uint64_t (*read)(struct ctm_rpc_fields *f);
		const char *json;
		uint64_t value;
		const char *complaint; /* NULL: it is good */
	} cases[] = {
		{read_number, "{}", 0, NULL},
		{read_number, "{\"x\":\"\"}", 0, NULL},
		{read_number, "{\"x\":\"9223372036854775807\"}", INT64_MAX, NULL},
		{read_number, "{\"x\":\"9223372036854775808\"}", 0, "9223372036854775808"},
		{read_number, "{\"x\":\"-1\"}", 0, "-1"},
		{read_number, "{\"x\":\"1 \"}", 0, "number"},
		{read_number, "{\"x\":\"1\\u0000\"}", 0, "number"},
		{read_number, "{\"x\":1}", 0, "a string"},
		{read_number, "{\"x\":null}", 0, "a string"},
		{read_gid, "{}", 0, NULL},
		{read_gid, "{\"x\":\"2089b05ecca3d829\"}", 0x2089b05ecca3d829, NULL},
		{read_gid, "{\"x\":\"0000000000000000\"}", 0, "gid"},
		{read_gid, "{\"x\":\"2089b05ecca3d82\"}", 0, "gid"},
		{read_gid, "{\"x\":[]}", 0, "a string"},
		{read_switch, "{}", 0, NULL},
		{read_switch, "{\"x\":\"true\"}", 1, NULL},
		{read_switch, "{\"x\":\"false\"}", 0, NULL},
		{read_switch, "{\"x\":\"yes\"}", 0, "yes"},
		{read_switch, "{\"x\":true}", 0, "a string"},
		{read_text, "{\"x\":\"abc\"}", 3, NULL},
		{read_text, "{\"x\":\"a\\u0000c\"}", 77, NULL},
		{read_text, "{\"x\":{}}", 0, "a string"},
		{read_array, "{\"x\":[1,2]}", 2, NULL},
		{read_array, "{}", 0, NULL},
		{read_array, "{\"x\":\"a\\u001bb\"}", 0, "an array"},
		{read_text, "[]", 0, "no object"},
		{read_array, "7", 0, "no object"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		json_t *json = json_loads(cases[i].json, JSON_ALLOW_NUL | JSON_DECODE_ANY, NULL);
		struct ctm_rpc_fields f = ctm_rpc_fields_of(json, &e);
		const uint64_t value = cases[i].read(&f);

		cr_expect_eq(f.error, cases[i].complaint ? -EBADMSG : 0, "case %zu", i);
		if (cases[i].complaint)
			cr_expect_not_null(
				strstr(e.text, cases[i].complaint), "case %zu: %s", i, e.text);
		else
			cr_expect_eq(value, cases[i].value, "case %zu", i);
		cr_expect_null(strchr(e.text, '\x1b'));
		json_decref(json);
	}
}

Test(rpc_field, the_first_error_stays)
{
	json_t *json = json_pack("{s:s, s:i}", "a", "x", "b", 7);
	struct ctm_rpc_fields f = ctm_rpc_fields_of(json, &e);

	ctm_rpc_field_need(&f, "a");
	cr_expect_eq(f.error, 0);
	ctm_rpc_field_need(&f, "c");
	cr_expect_str_eq(e.text, "aria2's answer lacks \"c\"");
	cr_expect_str_eq(ctm_rpc_field_text(&f, "a"), "");
	ctm_rpc_field_number(&f, "b", 1);
	cr_expect_str_eq(e.text, "aria2's answer lacks \"c\"");
	json_decref(json);
}
