/* SPDX-License-Identifier: MIT */
#include "json.h"

#include <errno.h>
#include <string.h>

#include <criterion/criterion.h>
#include <jansson.h>

#include "leaks.h"

TestSuite(json, .fini = ctm_test_check_leaks);

Test(json, commas_and_nesting)
{
	CTM_CLEANUP_BUF struct ctm_buf out = CTM_BUF_INIT(4096);
	struct ctm_json json = CTM_JSON_INIT(&out);

	ctm_json_object(&json, NULL);
	ctm_json_number(&json, "a", 1);
	ctm_json_array(&json, "b");
	ctm_json_object(&json, NULL);
	ctm_json_end(&json);
	ctm_json_array(&json, NULL);
	ctm_json_end(&json);
	ctm_json_string(&json, NULL, "x");
	ctm_json_null(&json, NULL);
	ctm_json_bool(&json, NULL, true);
	ctm_json_end(&json);
	ctm_json_bool(&json, "d", false);
	ctm_json_decimal(&json, "c", UINT64_MAX);
	ctm_json_end(&json);
	cr_assert_eq(out.error, 0);
	cr_assert_str_eq(out.data, "{\"a\":1,\"b\":[{},[],\"x\",null,true],\"d\":false,"
				   "\"c\":\"18446744073709551615\"}");
}

Test(json, strings)
{
	static const struct {
		const char *value;
		const char *written;
	} cases[] = {
		{"", "\"\""},
		{"a/b", "\"a/b\""},
		{"\"\\", "\"\\\"\\\\\""},
		{"\b\f\n\r\t", "\"\\b\\f\\n\\r\\t\""},
		{"\x01\x1f\x7f", "\"\\u0001\\u001f\\u007f\""},
		{"Größe 日本 😀", "\"Größe 日本 😀\""},
		{"\xc2\x85", "\"\\u0085\""},
		{"\xe2\x80\xa8\xe2\x80\xae", "\"\\u2028\\u202e\""},
		{"a\xff\xc3", "\"a\\\\xff\\\\xc3\""},
		{"\xed\xa0\x80", "\"\\\\xed\\\\xa0\\\\x80\""},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		CTM_CLEANUP_BUF struct ctm_buf out = CTM_BUF_INIT(4096);
		struct ctm_json json = CTM_JSON_INIT(&out);
		json_t *read;

		ctm_json_string(&json, NULL, cases[i].value);
		cr_expect_str_eq(out.data, cases[i].written);
		read = json_loads(out.data, JSON_DECODE_ANY, NULL);
		cr_expect_not_null(read, "case %zu is no JSON", i);
		json_decref(read);
	}
}

Test(json, every_byte)
{
	for (unsigned c = 1; c < 256; c++) {
		CTM_CLEANUP_BUF struct ctm_buf out = CTM_BUF_INIT(4096);
		struct ctm_json json = CTM_JSON_INIT(&out);
		const char value[] = {(char)c, '\0'};
		json_t *read;

		ctm_json_object(&json, NULL);
		ctm_json_string(&json, value, value);
		ctm_json_end(&json);
		read = json_loads(out.data, 0, NULL);
		cr_expect_not_null(read, "byte %u", c);
		if (c < 0x80)
			cr_expect_str_eq(json_string_value(json_object_get(read, value)), value);
		json_decref(read);
	}
}

static void key_in_array(struct ctm_json *json)
{
	ctm_json_array(json, NULL);
	ctm_json_number(json, "a", 1);
}

static void no_key_in_object(struct ctm_json *json)
{
	ctm_json_object(json, NULL);
	ctm_json_number(json, NULL, 1);
}

static void one_end_too_many(struct ctm_json *json)
{
	ctm_json_object(json, NULL);
	ctm_json_end(json);
	ctm_json_end(json);
}

static void too_deep(struct ctm_json *json)
{
	for (unsigned i = 0; i <= CTM_JSON_DEPTH; i++)
		ctm_json_array(json, NULL);
}

Test(json, mistakes_stick)
{
	static void (*const mistakes[])(struct ctm_json *) = {
		key_in_array, no_key_in_object, one_end_too_many, too_deep};

	for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
		CTM_CLEANUP_BUF struct ctm_buf out = CTM_BUF_INIT(4096);
		struct ctm_json json = CTM_JSON_INIT(&out);

		mistakes[i](&json);
		cr_expect_eq(out.error, -EINVAL, "mistake %zu", i);
	}
}

Test(json, limit_sticks)
{
	CTM_CLEANUP_BUF struct ctm_buf out = CTM_BUF_INIT(8);
	struct ctm_json json = CTM_JSON_INIT(&out);

	ctm_json_string(&json, NULL, "more than eight bytes");
	cr_assert_eq(out.error, -ENOBUFS);
}
