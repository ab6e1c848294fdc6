/* SPDX-License-Identifier: MIT */
/*
 * aria2's own configuration, as `check` reads it: every option is what stands in its line, which is
 * the line that it says; and the rules of `check` end, whatever stands there (in a short text: they
 * look for what is nearest to each name), with findings that name the file.
 */
#include <stdlib.h>
#include <string.h>

#include "aria2_conf.h"
#include "check.h"
#include "fuzz.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || !c;
}

/* The text without its blanks, up to a NUL. */
static void check_stripped(const char *got, const char *s, const char *end)
{
	const char *nul;

	while (s < end && is_blank(*s))
		s++;
	while (s < end && is_blank(end[-1]))
		end--;
	nul = memchr(s, '\0', (size_t)(end - s));
	end = nul ? nul : end;
	FUZZ_CHECK(strlen(got) == (size_t)(end - s) && memcmp(got, s, strlen(got)) == 0);
}

/* True: the line is an option, which is *option. */
static bool check_line(const struct ctm_aria2_option *option, const char *s, const char *end)
{
	const char *equals = memchr(s, '=', (size_t)(end - s));
	const char *name_end = equals ? equals : end;
	const char *first = s;

	while (first < name_end && is_blank(*first) && *first)
		first++;
	if (s == end || *s == '#' || first == name_end)
		return false;
	FUZZ_CHECK(option);
	check_stripped(option->name, s, name_end);
	check_stripped(option->value, equals ? equals + 1 : end, end);
	return true;
}

static void check_options(const struct ctm_aria2_conf *conf, const char *text, size_t len)
{
	const char *s = text;
	unsigned line = 0;
	size_t n = 0;

	while (s < text + len) {
		const char *newline = memchr(s, '\n', (size_t)(text + len - s));
		const char *end = newline ? newline : text + len;

		line++;
		if (check_line(n < conf->n ? &conf->options[n] : NULL, s, end))
			FUZZ_CHECK(conf->options[n++].line == line);
		s = end + 1;
	}
	FUZZ_CHECK(n == conf->n);
	FUZZ_CHECK(conf->begins_with_bom == (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0));
}

static void check_find(const struct ctm_aria2_conf *conf)
{
	for (size_t i = 0; i < conf->n; i++) {
		const struct ctm_aria2_option *found =
			ctm_aria2_conf_find(conf, conf->options[i].name);

		FUZZ_CHECK(found >= &conf->options[i]);
		FUZZ_CHECK(strcmp(found->name, conf->options[i].name) == 0);
	}
}

static void check_rules(void)
{
	struct ctm_check_report report = {0};
	struct ctm_check check = {.report = &report, .user = "aria2"};

	ctm_check_aria2(&check, fuzz_file_path(), "/usr/libexec/aria2-ctm");
	FUZZ_CHECK(report.n && !report.no_memory);
	for (size_t i = 0; i < report.n; i++)
		FUZZ_CHECK(report.items[i].subject[0] && report.items[i].text[0]);
	ctm_check_report_done(&report);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_copy(data, size);
	struct ctm_aria2_conf conf;

	fuzz_file(data, size);
	FUZZ_CHECK(ctm_aria2_conf_read(fuzz_file_path(), &conf) == 0);
	check_options(&conf, text, size);
	check_find(&conf);
	if (size < 200)
		check_rules();
	ctm_aria2_conf_done(&conf);
	free(text);
	return 0;
}
