/* SPDX-License-Identifier: MIT */
#include "header_rule.h"

#include <string.h>
#include <strings.h>

/* RFC 9110, 5.6.2. */
static size_t token_len(const char *s)
{
	return strspn(s, "!#$%&'*+-.^_`|~0123456789"
			 "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
}

static bool has_control(const char *s)
{
	for (; *s; s++) {
		if (((unsigned char)*s < 0x20 && *s != '\t') || *s == 0x7F)
			return true;
	}
	return false;
}

/* Ours, or such that a second one would let two readers see two requests. */
static bool is_reserved(const char *line, size_t name_len, bool token)
{
	static const char *const names[] = {"Content-Type", "Content-Length", "Transfer-Encoding",
		"Connection", "Expect", "Idempotency-Key"};
	static const char *const families[] = {"ce-", "webhook-"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (name_len == strlen(names[i]) && strncasecmp(line, names[i], name_len) == 0)
			return true;
	}
	for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
		if (strncasecmp(line, families[i], strlen(families[i])) == 0)
			return true;
	}
	return token && name_len == strlen("Authorization") &&
	       strncasecmp(line, "Authorization", name_len) == 0;
}

const char *ctm_header_wrong(const char *line, bool token, size_t *ret_name_len)
{
	const size_t name_len = token_len(line);

	*ret_name_len = line[name_len] == ':' ? name_len : 0;
	if (!*ret_name_len || has_control(line))
		return "is not of the form \"Name: value\"";
	if (!line[name_len + 1 + strspn(line + name_len + 1, " \t")])
		return "has no value";
	if (is_reserved(line, name_len, token))
		return "is set by aria2-ctm itself";
	return NULL;
}
