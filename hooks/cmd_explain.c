/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "aria2_code.h"
#include "command.h"
#include "explain.h"
#include "hresult.h"
#include "http_status.h"
#include "num.h"

struct page {
	unsigned blocks;
};

/* Where the HRESULT of a code is not all that there is to say. */
static const char or_connection[] = "; 0x80072EFD if aria2's message speaks of a connection";
static const char or_status[] = "; that of the HTTP status, if aria2's message has one";
static const char or_verify[] = "; 0x80072F0D, 05 or 06 where OpenSSL says what is wrong";

static void print_line(const char *label, const char *text)
{
	printf("  %-10s %s\n", label, text);
}

static void begin(struct page *page)
{
	if (page->blocks++)
		putchar('\n');
}

static void print_becomes(uint32_t hresult, const char *more)
{
	char buf[64];

	if (hresult == CTM_S_OK)
		print_line("becomes", "no HRESULT: nothing has failed");
	else
		printf("  %-10s %s%s\n", "becomes", ctm_hresult_print(hresult, buf, sizeof buf),
			more);
}

static void print_transient(uint32_t hresult)
{
	static const char *const words[] = {
		[CTM_TRANSIENT_NO] = "no, it fails again until something is changed",
		[CTM_TRANSIENT_YES] = "yes, a later attempt can succeed",
		[CTM_TRANSIENT_NEITHER] = "neither, it is no failure",
	};
	struct ctm_explanation explanation;

	if (ctm_explain_hresult(hresult, &explanation))
		print_line("transient", words[explanation.transient]);
}

static bool explain_aria2(uint32_t code, struct page *page)
{
	static const char *const more[CTM_ARIA2_CODE_LAST + 1] = {
		[1] = or_connection, [22] = or_status, [29] = or_status};
	const uint32_t hresult = ctm_aria2_hresult(code, NULL);

	if (code > CTM_ARIA2_CODE_LAST)
		return false;
	begin(page);
	printf("aria2:%" PRIu32 ", an exit code of aria2\n", code);
	print_line("meaning", ctm_aria2_happened(code));
	print_becomes(hresult, more[code] ? more[code] : "");
	print_transient(hresult);
	print_line("remedy", ctm_aria2_remedy(code, hresult));
	return true;
}

static bool explain_curl(uint32_t code, struct page *page)
{
	const struct ctm_curl_name *name = ctm_explain_curl(code);

	if (!name)
		return false;
	begin(page);
	printf("curl:%" PRIu32 " (CURLE_%s), a code of libcurl\n", code, name->symbol);
	print_line("meaning", name->meaning);
	print_becomes(
		name->hresult, name->hresult == CTM_E_WINHTTP_SECURE_FAILURE ? or_verify : "");
	print_transient(name->hresult);
	print_line("remedy", name->remedy);
	return true;
}

static bool explain_http(uint32_t code, struct page *page)
{
	const struct ctm_http_status *row = ctm_http_status_find(code);
	const uint32_t hresult = code >= 200 && code <= 299 ? CTM_S_OK : CTM_E_HTTP(code);

	if (!row)
		return false;
	begin(page);
	printf("http:%" PRIu32 " (%s), an HTTP status\n", code, row->name);
	print_line("meaning", row->meaning);
	print_becomes(hresult, "");
	print_transient(hresult);
	print_line("remedy", row->remedy);
	return true;
}

static bool explain_hresult(uint32_t hresult, struct page *page)
{
	struct ctm_explanation explanation;
	char buf[64];

	if (!ctm_explain_hresult(hresult, &explanation))
		return false;
	begin(page);
	printf("%s, an HRESULT\n", ctm_hresult_print(hresult, buf, sizeof buf));
	print_line("meaning", explanation.meaning);
	print_transient(hresult);
	print_line("remedy", explanation.remedy);
	return true;
}

/* What a number alone can be, and the prefix that says which. */
static const struct kind {
	const char *prefix;
	uint32_t first, last;
	bool (*explain)(uint32_t code, struct page *page); /* false: not known */
} kinds[] = {
	{"aria2:", 0, CTM_ARIA2_CODE_LAST, explain_aria2},
	{"curl:", 0, 99, explain_curl},
	{"http:", CTM_HTTP_STATUS_FIRST, CTM_HTTP_STATUS_LAST, explain_http},
};

/* At most three digits: eight are an HRESULT, whatever number they make in decimal. */
static bool explain_number(const struct kind *kind, const char *digits, struct page *page)
{
	uint64_t code;

	return strlen(digits) <= 3 && ctm_num_parse(digits, kind->first, kind->last, &code) == 0 &&
	       kind->explain((uint32_t)code, page);
}

/* All that the text can be. */
static bool explain(const char *text, struct page *page)
{
	const unsigned before = page->blocks;
	uint32_t hresult;

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		const size_t len = strlen(kinds[i].prefix);

		if (strncasecmp(text, kinds[i].prefix, len) == 0)
			return explain_number(&kinds[i], text + len, page);
		explain_number(&kinds[i], text, page);
	}
	if (ctm_hresult_parse(text, &hresult))
		explain_hresult(hresult, page);
	return page->blocks > before;
}

static int complain(const char *text)
{
	struct ctm_error e = CTM_ERROR_INIT;

	fflush(stdout);
	return ctm_command_fail(&e,
		ctm_error_set(&e, -ENOENT,
			"nothing is known of \"%s\": a CODE is an HRESULT (a number or its symbol), "
			"aria2:N, curl:N or http:N",
			text));
}

/* There are none but "--", which is taken out: a digit behind the minus sign begins a CODE. */
static int take_options(const struct ctm_command *command, int *argc, char **argv)
{
	int i;

	for (i = 1; i < *argc && strcmp(argv[i], "--") != 0; i++)
		if (argv[i][0] == '-' && !isdigit((unsigned char)argv[i][1]))
			return ctm_command_usage(command, "unknown option \"%s\"", argv[i]);
	if (i == *argc)
		return CTM_EXIT_DONE;
	for (--*argc; i < *argc; i++)
		argv[i] = argv[i + 1];
	return CTM_EXIT_DONE;
}

static int run(const struct ctm_command *command, int argc, char **argv)
{
	struct ctm_error e = CTM_ERROR_INIT;
	struct page page = {0};
	int status = take_options(command, &argc, argv);

	if (status != CTM_EXIT_DONE)
		return status;
	if (argc < 2)
		return ctm_command_usage(command, "no CODE is given");
	for (int i = 1; i < argc; i++)
		if (!explain(argv[i], &page))
			status = complain(argv[i]);
	if (fflush(stdout) == 0)
		return status;
	return ctm_command_fail(&e,
		ctm_error_set(&e, -errno, "cannot write to standard output: %s", strerror(errno)));
}

const struct ctm_command ctm_command_explain = {
	.name = "explain",
	.arguments = "CODE...",
	.summary = "say what a code means, and what to do",
	.help = "A CODE is one of\n"
		"  0x80070070, 80070070   an HRESULT, in hexadecimal\n"
		"  2147942512             the same in decimal; a negative number too\n"
		"  ERROR_DISK_FULL        the same by its symbol, in any case\n"
		"  aria2:9                an exit code of aria2, 0 to 32\n"
		"  curl:28                a code of libcurl\n"
		"  http:503               an HTTP status\n"
		"A number below 600 without a prefix is explained as all that it can be. \"becomes\" is the\n"
		"HRESULT that stands for the code in messages to CTM. No configuration is needed.\n",
	.run = run,
};
