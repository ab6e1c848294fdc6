/* SPDX-License-Identifier: MIT */
/*
 * The text in front of inih: what the handler gets is what the rules in ini_text.h make of each
 * line, each value whole, with its line's number; the same in whatever pieces the file is read.
 *
 * Input: where to cut it in three pieces (two bytes), the text.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "buf.h"
#include "fuzz.h"
#include "ini_text.h"
#include "utf.h"

#define BLANKS " \t\r\v\f"
#define SECTION 49
#define MOST 4096 /* bytes of text: there is a piece of it for each line, and no line is too long  \
		   */

/* What was read, as a text that can be compared. */
struct seen {
	struct ctm_buf text;
	unsigned line, errors;
};

static void print_entry(struct ctm_buf *b, const struct ctm_ini_entry *entry)
{
	ctm_buf_printf(b, "%u [%s]", entry->line, entry->section);
	if (entry->key)
		ctm_buf_printf(
			b, " %s = %s%s", entry->key, entry->value, entry->commented ? " ;" : "");
	ctm_buf_add_char(b, '\n');
}

static int handle(void *context, const struct ctm_ini_entry *entry)
{
	struct seen *seen = context;

	FUZZ_CHECK(entry->line > seen->line);
	FUZZ_CHECK(!entry->key == !entry->value);
	seen->line = entry->line;
	print_entry(&seen->text, entry);
	return 0;
}

static void complain(void *context, const struct ctm_error *complaint)
{
	struct seen *seen = context;

	FUZZ_CHECK(complaint->code < 0 && complaint->line > seen->line);
	FUZZ_CHECK(strcmp(complaint->file, "x.ini") == 0 && complaint->text[0]);
	seen->line = complaint->line;
	seen->errors++;
	ctm_buf_printf(&seen->text, "%u error\n", complaint->line);
}

static struct ctm_ini_outcome read_text(int fd, struct seen *seen)
{
	struct ctm_ini_outcome outcome;

	FUZZ_CHECK(ctm_ini_read(fd, "x.ini", handle, complain, seen, &outcome) == 0);
	FUZZ_CHECK(seen->text.error == 0 && outcome.errors == seen->errors);
	return outcome;
}

/* The rules, once more. */
struct model {
	struct ctm_buf text;
	char section[SECTION + 1];
	bool lost;
};

/* Where a comment begins: at a ";" behind a blank. The end where there is none. */
static char *find_comment(char *s, char *end)
{
	for (char *p = s; p < end; p++)
		if (*p == ';' && p > s && strchr(BLANKS, p[-1]))
			return p;
	return end;
}

static char *strip(char *s, char *end)
{
	while (s < end && strchr(BLANKS, *s))
		s++;
	while (end > s && strchr(BLANKS, end[-1]))
		end--;
	*end = '\0';
	return s;
}

static bool model_section(struct model *m, char *s, char *end, struct ctm_ini_entry *entry)
{
	char *close;

	m->lost = true;
	end = find_comment(s, end);
	close = memchr(s, ']', (size_t)(end - s));
	if (!close || *strip(close + 1, end) || close - s - 1 > SECTION)
		return false;
	*close = '\0';
	strcpy(m->section, s + 1);
	m->lost = false;
	entry->key = entry->value = NULL;
	return true;
}

static bool model_key(char *s, char *end, struct ctm_ini_entry *entry)
{
	char *equals = memchr(s, '=', (size_t)(end - s));
	char *comment;

	if (!equals || find_comment(s, equals) != equals)
		return false;
	comment = find_comment(equals + 1, end);
	entry->commented = comment != end;
	entry->value = strip(equals + 1, comment);
	entry->key = strip(s, equals);
	return *entry->key && !strchr(entry->key, ':');
}

static void model_line(struct model *m, char *s, char *end, unsigned line)
{
	struct ctm_ini_entry entry = {.line = line, .section = m->section};
	char *first;
	bool good;

	if (line == 1 && end - s >= 3 && memcmp(s, "\xef\xbb\xbf", 3) == 0)
		s += 3;
	if (memchr(s, '\0', (size_t)(end - s)) || !ctm_utf8_valid(s, (size_t)(end - s))) {
		ctm_buf_printf(&m->text, "%u error\n", line);
		return;
	}
	while (end > s && strchr(BLANKS, end[-1]))
		end--;
	first = s;
	while (first < end && strchr(BLANKS, *first))
		first++;
	if (first == end || *first == ';' || *first == '#')
		return;
	good = first == s &&
	       (*s == '[' ? model_section(m, s, end, &entry) : model_key(s, end, &entry));
	if (!good)
		ctm_buf_printf(&m->text, "%u error\n", line);
	else if (!entry.key || !m->lost)
		print_entry(&m->text, &entry);
}

/* Returns the number of lines. */
static unsigned model_text(struct model *m, const uint8_t *data, size_t len)
{
	char *copy = fuzz_copy(data, len);
	char *s = copy;
	unsigned line = 0;

	while (s < copy + len) {
		char *newline = memchr(s, '\n', (size_t)(copy + len - s));
		char *end = newline ? newline : copy + len;

		model_line(m, s, end, ++line);
		s = end + 1;
	}
	free(copy);
	return line;
}

/* Each piece is what one read(2) gives. */
static int open_pieces(const uint8_t *data, size_t len, size_t a, size_t b)
{
	int pair[2];

	FUZZ_CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0);
	if (a)
		FUZZ_CHECK(send(pair[1], data, a, 0) == (ssize_t)a);
	if (b > a)
		FUZZ_CHECK(send(pair[1], data + a, b - a, 0) == (ssize_t)(b - a));
	if (len > b)
		FUZZ_CHECK(send(pair[1], data + b, len - b, 0) == (ssize_t)(len - b));
	close(pair[1]);
	return pair[0];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = {data, size};
	const uint8_t first = fuzz_take_byte(&in);
	const uint8_t second = fuzz_take_byte(&in);
	const size_t len = in.len < MOST ? in.len : MOST;
	const size_t a = first < len ? first : len;
	const size_t b = a + second < len ? a + second : len;
	struct model model = {.text = CTM_BUF_INIT(1 << 20)};
	struct seen whole = {.text = CTM_BUF_INIT(1 << 20)};
	struct seen pieces = {.text = CTM_BUF_INIT(1 << 20)};
	const int fd = open_pieces(in.data, len, a, b);
	const unsigned lines = model_text(&model, in.data, len);
	const struct ctm_ini_outcome outcome = read_text(fuzz_file(in.data, len), &whole);
	const struct ctm_ini_outcome again = read_text(fd, &pieces);

	close(fd);
	FUZZ_CHECK(outcome.lines == lines && again.lines == lines);
	FUZZ_CHECK(outcome.ends_in_newline == (len && in.data[len - 1] == '\n'));
	FUZZ_CHECK(outcome.ends_in_newline == again.ends_in_newline);
	FUZZ_CHECK(fuzz_is_same(whole.text.data, pieces.text.data));
	FUZZ_CHECK(fuzz_is_same(whole.text.data, model.text.data));
	ctm_buf_done(&model.text);
	ctm_buf_done(&whole.text);
	ctm_buf_done(&pieces.text);
	return 0;
}
