/* SPDX-License-Identifier: MIT */
#include "ini_text.h"

#include <errno.h>
#include <ini.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "complain.h"
#include "utf.h"

#define CHUNK 65536u
#define LINE_LIMIT (2 * CTM_INI_VALUE_LIMIT) /* a value with its key, blanks and comment */
#define SECTION_LIMIT 49u                    /* what inih keeps of a section's name */

struct text {
	int fd;
	char *chunk; /* what was read and not taken yet */
	size_t chunk_at, chunk_len;
	struct ctm_buf line; /* one that did not stand whole in the chunk */
	char *at;            /* the line, and its length: in the chunk or in `line` */
	size_t len;
	bool too_long; /* the rest of this line is thrown away */
	struct ctm_complaints complaints;
	ctm_ini_handler *handler;
	void *context;
	struct ctm_ini_outcome outcome;
	char section[SECTION_LIMIT + 1];
	bool lost;                  /* the section's line had an error: its keys belong nowhere */
	const char *fed;            /* what inih gets next */
	struct ctm_ini_entry entry; /* what stands behind that; it points into line */
	int error;
};

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r' && c != '\n');
}

static char *skip_blanks(char *s)
{
	while (is_blank(*s))
		s++;
	return s;
}

/* Ends s at its last character that is not blank; its length then. */
static size_t trim(char *s, size_t len)
{
	while (len && is_blank(s[len - 1]))
		len--;
	s[len] = '\0';
	return len;
}

/* Cuts the comment off; true if there was one. */
static bool cut_comment(char *s)
{
	for (char *p = strchr(s, ';'); p; p = strchr(p + 1, ';')) {
		if (p > s && is_blank(p[-1])) {
			*p = '\0';
			return true;
		}
	}
	return false;
}

static int fill_chunk(struct text *t)
{
	ssize_t n;

	do
		n = read(t->fd, t->chunk, CHUNK);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	t->chunk_at = 0;
	t->chunk_len = (size_t)n;
	return n > 0;
}

/* Appends what the chunk holds of the line; true if that ends it. */
static bool take_from_chunk(struct text *t)
{
	const char *from = t->chunk + t->chunk_at;
	const char *newline = memchr(from, '\n', t->chunk_len - t->chunk_at);
	const size_t len = newline ? (size_t)(newline - from) : t->chunk_len - t->chunk_at;

	if (len > t->line.limit - t->line.len)
		t->too_long = true;
	if (!t->too_long)
		ctm_buf_add(&t->line, from, len);
	t->chunk_at += len + (newline ? 1 : 0);
	return newline;
}

/* A line that stands whole in the chunk is taken where it stands. */
static bool take_in_place(struct text *t)
{
	char *from = t->chunk + t->chunk_at;
	char *newline = memchr(from, '\n', t->chunk_len - t->chunk_at);

	if (!newline)
		return false;
	*newline = '\0';
	t->at = from;
	t->len = (size_t)(newline - from);
	t->chunk_at += t->len + 1;
	t->outcome.ends_in_newline = true;
	return true;
}

/* The next line, put together from chunks. 1; 0: there is none; negative errno. */
static int gather_line(struct text *t)
{
	bool begun = false;

	ctm_buf_reset(&t->line);
	ctm_buf_add_str(&t->line, "");
	for (;;) {
		if (t->chunk_at == t->chunk_len) {
			const int r = fill_chunk(t);

			if (r <= 0)
				return r < 0 ? r : begun;
		}
		begun = true;
		t->outcome.ends_in_newline = take_from_chunk(t);
		if (t->line.error)
			return t->line.error;
		if (t->outcome.ends_in_newline)
			return 1;
	}
}

/* The next line without its newline at t->at. 1; 0: there is none; negative errno. */
static int next_line(struct text *t)
{
	int r;

	t->too_long = false;
	if (take_in_place(t))
		return 1;
	r = gather_line(t);
	t->at = t->line.data;
	t->len = t->line.len;
	return r;
}

static bool is_visible(char c)
{
	return c > ' ' && c < 0x7f;
}

/*
 * What follows such a line may belong to another section than it seems to. Marks of an encoding,
 * NUL bytes and blanks are passed over: "[" is what a person sees first.
 */
static bool begins_in_bracket(const struct text *t)
{
	size_t i = 0;

	while (i < t->len && !is_visible(t->at[i]))
		i++;
	return i < t->len && t->at[i] == '[';
}

static bool fail(struct text *t, const char *what, const char *right)
{
	t->outcome.section_damaged = t->outcome.section_damaged || begins_in_bracket(t);
	ctm_complain_error(&t->complaints, t->entry.line, "%s; %s", what, right);
	return false;
}

/*
 * "[name]". inih gets a line without a key for it, which no text can contain, because this reader
 * complains of one.
 */
static bool split_section(struct text *t, char *s)
{
	char *end;

	t->lost = true;
	cut_comment(s);
	end = strchr(s, ']');
	if (!end)
		return fail(t, "\"]\" is missing behind the section's name", "write [section]");
	*end = '\0';
	if (*skip_blanks(end + 1))
		return fail(t, "text behind the section's \"]\"", "only a comment may stand there");
	if (strlen(s + 1) > SECTION_LIMIT)
		return fail(t, "the section's name is too long", "it has at most 49 bytes");
	strcpy(t->section, s + 1);
	t->lost = false;
	t->entry.key = NULL;
	t->entry.value = NULL;
	t->fed = "[x]\n=\n";
	return true;
}

/* "key = value", of len bytes. */
static bool split_key(struct text *t, char *s, size_t len)
{
	char *equals = memchr(s, '=', len);
	char *value;

	if (equals)
		*equals = '\0';
	if (cut_comment(s) || !equals) {
		/* "section]" */
		if (!equals && (len = trim(s, strlen(s))) && s[len - 1] == ']')
			t->outcome.section_damaged = true;
		return fail(t, "a line without \"=\"", "write key = value, or ; before a comment");
	}
	trim(s, (size_t)(equals - s));
	if (!*s)
		return fail(t, "no key before \"=\"", "write key = value");
	if (strchr(s, ':'))
		return fail(t, "\":\" in a key", "only \"=\" separates a key from its value");
	t->entry.commented = cut_comment(equals + 1);
	value = skip_blanks(equals + 1);
	if (trim(value, t->entry.commented ? strlen(value) : len - (size_t)(value - s)) >
		CTM_INI_VALUE_LIMIT)
		return fail(t, "the value is too long", "it has at most 65536 bytes");
	t->entry.key = s;
	t->entry.value = value;
	t->fed = "x=x\n";
	return !t->lost;
}

/* Splits the line; true if there is something in it to hand on. */
static bool split_line(struct text *t)
{
	char *s = t->at;
	size_t len = t->len;

	t->entry = (struct ctm_ini_entry){
		.file = t->complaints.file, .line = ++t->outcome.lines, .section = t->section};
	if (t->too_long)
		return fail(t, "the line is too long", "a value has at most 65536 bytes");
	if (t->outcome.lines == 1 && strncmp(s, "\xef\xbb\xbf", 3) == 0) {
		s += 3;
		len -= 3;
	}
	if (memchr(s, '\0', len))
		return fail(t, "a NUL byte", "the text is plain UTF-8");
	if (!ctm_utf8_valid(s, len))
		return fail(t, "bytes that are not UTF-8", "save the file as UTF-8");
	len = trim(s, len);
	switch (*skip_blanks(s)) {
	case '\0':
	case ';':
	case '#':
		return false;
	default:
		break;
	}
	if (is_blank(*s))
		return fail(t, "the line is indented", "remove the indent");
	return *s == '[' ? split_section(t, s) : split_key(t, s, len);
}

/* inih's reader: a form of the next good line that is short enough for any inih. */
static char *read_for_inih(char *to, int size, void *stream)
{
	struct text *t = stream;
	size_t len;

	while (!t->error && !*t->fed) {
		const int r = next_line(t);

		if (r < 0)
			t->error = r;
		if (r <= 0)
			return NULL;
		if (!split_line(t))
			t->fed = "";
	}
	if (t->error || size < 2)
		return NULL;
	/* Each line of it ends in one. */
	len = (size_t)(strchr(t->fed, '\n') - t->fed) + 1;
	if (len > (size_t)size - 1)
		len = (size_t)size - 1;
	memcpy(to, t->fed, len);
	to[len] = '\0';
	t->fed += len;
	return to;
}

/* inih took the line: what stands behind it goes to the handler. */
static int handle_for_inih(void *user, const char *section, const char *name, const char *value)
{
	struct text *t = user;

	(void)section;
	(void)value;
	if (name && !t->error)
		t->error = t->handler(t->context, &t->entry);
	return 1;
}

int ctm_ini_read(int fd, const char *file, ctm_ini_handler *handler, ctm_ini_complain *complain,
	void *context, struct ctm_ini_outcome *ret_outcome)
{
	CTM_CLEANUP_FREE char *chunk = malloc(CHUNK);
	struct text t = {
		.fd = fd,
		.chunk = chunk,
		.line = CTM_BUF_INIT(LINE_LIMIT),
		.complaints = {.complain = complain, .context = context, .file = file},
		.handler = handler,
		.context = context,
		.fed = "",
	};

	if (!chunk)
		return -ENOMEM;
	if (ini_parse_stream(read_for_inih, &t, handle_for_inih, &t) == -2)
		t.error = -ENOMEM;
	ctm_buf_done(&t.line);
	if (t.error)
		return t.error;
	t.outcome.errors = t.complaints.errors;
	*ret_outcome = t.outcome;
	return 0;
}
