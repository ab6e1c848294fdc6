/* SPDX-License-Identifier: MIT */
#include "glance.h"

#include <stdint.h>
#include <string.h>

/* inih is said to cut lines at 200; nothing here depends on what a longer one would be. */
#define LINE_LIMIT 180u

struct view {
	const char *at;
	size_t len;
};

enum section {
	STATE,
	SIDECAR,
	OTHER,
	NONE, /* before the first */
};

/* A key of [state] or [sidecar]: what is plain, and where it goes. */
struct key {
	enum section section;
	const char *name;
	bool (*take)(struct view value, char *to);
	size_t to; /* in struct ctm_glance; SIZE_MAX: nowhere */
};

struct glancing {
	struct ctm_glance *glance;
	enum section section;
	unsigned sections; /* bits of those that were there */
	unsigned keys;     /* bits of those of the table that were there */
};

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '-' || c == '.';
}

static bool is_all_words(struct view v)
{
	for (size_t i = 0; i < v.len; i++)
		if (!is_word(v.at[i]))
			return false;
	return v.len > 0;
}

static bool is_text(struct view v, const char *text)
{
	return strlen(text) == v.len && memcmp(v.at, text, v.len) == 0;
}

static bool is_below(struct view v, const char *prefix)
{
	const size_t len = strlen(prefix);

	return v.len > len && memcmp(v.at, prefix, len) == 0;
}

static bool take_path(struct view v, char *to)
{
	if (v.len < 2 || v.at[0] != '/' || v.at[v.len - 1] == '/' || v.len >= CTM_GLANCE_PATH)
		return false;
	for (size_t i = 0; i < v.len; i++)
		if (!is_word(v.at[i]) && v.at[i] != '/')
			return false;
	memcpy(to, v.at, v.len);
	to[v.len] = '\0';
	return true;
}

/* "7d": up to three digits and a unit are in the range of each of those keys, but for 0. */
static bool take_duration(struct view v, char *to)
{
	size_t n = 0;

	(void)to;
	while (n < v.len && v.at[n] >= '0' && v.at[n] <= '9')
		n++;
	return n > 0 && n <= 3 && v.at[0] != '0' &&
	       (n == v.len || (n + 1 == v.len && strchr("smhd", v.at[n])));
}

static bool take_no(struct view v, char *to)
{
	(void)to;
	return is_text(v, "no");
}

/* What it is does not matter to an event. */
static bool take_any(struct view v, char *to)
{
	(void)to;
	return v.len > 0;
}

static const struct key keys[] = {
	{STATE, "dir", take_path, offsetof(struct ctm_glance, state_dir)},
	{STATE, "keep", take_duration, SIZE_MAX},
	{STATE, "give_up", take_duration, SIZE_MAX},
	{STATE, "unclaimed", take_duration, SIZE_MAX},
	{SIDECAR, "dir", take_path, offsetof(struct ctm_glance, sidecar_dir)},
	{SIDECAR, "beside", take_no, SIZE_MAX},
	{SIDECAR, "owner", take_any, SIZE_MAX},
	{SIDECAR, "root", take_any, SIZE_MAX},
};

static bool begin_section(struct glancing *g, struct view name)
{
	if (!is_all_words(name) || name.len > 40)
		return false;
	if (is_text(name, "state"))
		g->section = STATE;
	else if (is_text(name, "sidecar"))
		g->section = SIDECAR;
	else if (is_text(name, "retry") || is_text(name, "log") || is_text(name, "aria2") ||
		 is_below(name, "aria2.") || is_below(name, "endpoint."))
		g->section = OTHER;
	else
		return false;
	if (g->section != OTHER && g->sections & 1u << g->section)
		return false;
	g->sections |= 1u << g->section;
	return true;
}

static struct view trim(struct view v)
{
	while (v.len && (v.at[0] == ' ' || v.at[0] == '\t')) {
		v.at++;
		v.len--;
	}
	while (v.len && (v.at[v.len - 1] == ' ' || v.at[v.len - 1] == '\t'))
		v.len--;
	return v;
}

/* A comment behind it, or something that looks like one, is not plain. */
static bool take(struct glancing *g, struct view name, struct view value)
{
	if (memchr(value.at, ';', value.len))
		return false;
	for (unsigned i = 0; i < sizeof keys / sizeof *keys; i++) {
		const struct key *key = &keys[i];

		if (key->section != g->section || !is_text(name, key->name))
			continue;
		if (g->keys & 1u << i)
			return false;
		g->keys |= 1u << i;
		return key->take(value, key->to == SIZE_MAX ? NULL : (char *)g->glance + key->to);
	}
	return false;
}

static bool take_line(struct glancing *g, struct view line)
{
	const char *equals;
	struct view name;
	struct view value;

	if (!line.len || line.at[0] == ';' || line.at[0] == '#')
		return true;
	if (line.at[0] == '[')
		return line.len > 2 && line.at[line.len - 1] == ']' &&
		       begin_section(g, (struct view){line.at + 1, line.len - 2});
	equals = memchr(line.at, '=', line.len);
	if (g->section == NONE || !equals || !is_word(line.at[0]))
		return false;
	if (g->section == OTHER)
		return true;
	name = trim((struct view){line.at, (size_t)(equals - line.at)});
	value = trim((struct view){equals + 1, line.len - (size_t)(equals + 1 - line.at)});
	return take(g, name, value);
}

bool ctm_glance_text(const char *text, size_t len, struct ctm_glance *glance)
{
	struct glancing g = {.glance = glance, .section = NONE};

	for (size_t i = 0; i < len; i++)
		if ((text[i] < ' ' && text[i] != '\n' && text[i] != '\t') || text[i] == 0x7f)
			return false;
	while (len) {
		const char *end = memchr(text, '\n', len);
		const size_t line = end ? (size_t)(end - text) : LINE_LIMIT;

		if (line >= LINE_LIMIT || !take_line(&g, (struct view){text, line}))
			return false;
		text += line + 1;
		len -= line + 1;
	}
	return true;
}
