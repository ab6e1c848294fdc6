/* SPDX-License-Identifier: MIT */
/*
 * Lines for a terminal: none is wider than it, none has a control character but our own colours,
 * and put together again they are the text; elsewhere a line stays one line. JSON of the command
 * parses, and has the strings as they were.
 *
 * Input: width, indent, hang and colours, then texts.
 */
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include <jansson.h>

#include "fuzz.h"
#include "json.h"
#include "lines.h"
#include "utf.h"

/* The length of one of our colours at s; 0: none begins there. */
static size_t escape_len(const char *s)
{
	static const char *const escapes[] = {
		"\033[1m", "\033[31m", "\033[32m", "\033[33m", "\033[2m", "\033[0m"};

	for (size_t i = 0; i < sizeof escapes / sizeof *escapes; i++)
		if (strncmp(s, escapes[i], strlen(escapes[i])) == 0)
			return strlen(escapes[i]);
	return 0;
}

static size_t columns_of(char32_t code)
{
	const int n = wcwidth((wchar_t)code);

	return n < 0 ? 1 : (size_t)n;
}

/* No line is wider, and all is visible. What is no blank goes to *letters. */
static void check_screen(const struct ctm_buf *out, size_t width, struct ctm_buf *letters)
{
	size_t column = 0;
	size_t step;

	for (size_t i = 0; i < out->len; i += step) {
		char32_t code = 0;

		step = escape_len(out->data + i);
		if (step)
			continue;
		step = ctm_utf8_next(out->data + i, out->len - i, &code);
		FUZZ_CHECK(step && (code == '\n' || !ctm_utf8_is_control(code)));
		column = code == '\n' ? 0 : column + columns_of(code);
		FUZZ_CHECK(column <= width);
		if (code != '\n' && code != ' ')
			ctm_buf_add(letters, out->data + i, step);
	}
}

static void add_letters(struct ctm_buf *letters, const char *text)
{
	CTM_CLEANUP_BUF struct ctm_buf visible = CTM_BUF_INIT(1 << 20);

	ctm_utf8_add_visible(&visible, text, SIZE_MAX);
	for (size_t i = 0; i < visible.len; i++)
		if (visible.data[i] != ' ')
			ctm_buf_add_char(letters, visible.data[i]);
}

static void check_lines(struct fuzz_input in, bool limited)
{
	CTM_CLEANUP_BUF struct ctm_buf out = CTM_BUF_INIT(1 << 20);
	CTM_CLEANUP_BUF struct ctm_buf wanted = CTM_BUF_INIT(1 << 20);
	CTM_CLEANUP_BUF struct ctm_buf letters = CTM_BUF_INIT(1 << 20);
	const size_t width = 20u + fuzz_take_byte(&in) % 80u;
	const size_t indent = fuzz_take_byte(&in) % 8u;
	const size_t hang = fuzz_take_byte(&in) % 64u;
	const uint8_t colours = fuzz_take_byte(&in);
	struct ctm_lines lines = {
		.out = &out, .width = limited ? width : CTM_LINES_NO_LIMIT, .colours = colours & 1};

	ctm_lines_begin(&lines, indent, hang);
	while (in.len) {
		char *text = fuzz_take_text(&in);

		ctm_lines_add(&lines, (enum ctm_colour)(colours >> 1) % 6u, text);
		add_letters(&wanted, text);
		free(text);
	}
	ctm_lines_end(&lines);
	FUZZ_CHECK(out.error == 0 && out.data[out.len - 1] == '\n');
	check_screen(&out, lines.width, &letters);
	FUZZ_CHECK(letters.len == wanted.len &&
		   (!wanted.len || memcmp(letters.data, wanted.data, wanted.len) == 0));
	if (!limited)
		FUZZ_CHECK(memchr(out.data, '\n', out.len) == out.data + out.len - 1);
}

/* An object of the texts, each the value of the one before it, nested as the bytes say. */
static void check_json(struct fuzz_input in)
{
	CTM_CLEANUP_BUF struct ctm_buf out = CTM_BUF_INIT(1 << 20);
	struct ctm_json json = {.out = &out};
	json_t *array;
	size_t n = 0;

	ctm_json_array(&json, NULL);
	for (; in.len; n++) {
		char *text = fuzz_take_text(&in);

		ctm_json_object(&json, NULL);
		ctm_json_string(&json, text, text);
		ctm_json_number(&json, "", n);
		ctm_json_end(&json);
		free(text);
	}
	ctm_json_end(&json);
	FUZZ_CHECK(out.error == 0);
	array = json_loadb(out.data, out.len, 0, NULL);
	FUZZ_CHECK(json_array_size(array) == n && json_is_array(array));
	for (size_t i = 0; i < n; i++) {
		json_t *object = json_array_get(array, i);
		const char *key = json_object_iter_key(json_object_iter(object));
		json_t *value;

		if (json_object_size(object) != 2)
			continue;
		value = json_object_get(object, "");
		FUZZ_CHECK(json_integer_value(value) == (json_int_t)i);
		value = json_object_get(object, key);
		FUZZ_CHECK(!*key || strcmp(json_string_value(value), key) == 0);
	}
	json_decref(array);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool is_set;

	if (!is_set)
		is_set = setlocale(LC_CTYPE, "C.UTF-8") || setlocale(LC_CTYPE, "en_US.UTF-8");
	check_lines((struct fuzz_input){data, size}, true);
	check_lines((struct fuzz_input){data, size}, false);
	check_json((struct fuzz_input){data, size});
	return 0;
}
