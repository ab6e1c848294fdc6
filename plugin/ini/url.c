/* SPDX-License-Identifier: MIT */
#include "url.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "num.h"

#define NO_URL "is not a URL; write https://host/path"

static bool is_plain(const char *s)
{
	for (; *s; s++)
		if (*s <= ' ' || *s >= 0x7f || strchr("\\\"<>^`{|}", *s))
			return false;
	return true;
}

static bool is_ipv6(const char *s, size_t len)
{
	char text[INET6_ADDRSTRLEN];
	struct in6_addr address;

	if (len < 2 || len - 2 >= sizeof text || s[0] != '[' || s[len - 1] != ']')
		return false;
	memcpy(text, s + 1, len - 2);
	text[len - 2] = '\0';
	return inet_pton(AF_INET6, text, &address) == 1;
}

static bool is_host(const char *s, size_t len)
{
	if (len && s[0] == '[')
		return is_ipv6(s, len);
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)s[i]) && s[i] != '-' && s[i] != '.' && s[i] != '_')
			return false;
	return len && len < 256;
}

/* "host", "host:port" or "[v6]:port". */
static const char *split_authority(const char *s, size_t len, struct ctm_url *url)
{
	const char *bracket = memchr(s, ']', len);
	const char *from = bracket ? bracket : s;
	const char *colon = memchr(from, ':', len - (size_t)(from - s));
	char digits[8] = "";
	uint64_t port;

	if (memchr(s, '@', len))
		return "holds a user or password; use token_file or header instead";
	url->host = s;
	url->host_len = colon ? (size_t)(colon - s) : len;
	if (!is_host(url->host, url->host_len))
		return "has no proper host name";
	url->port = url->secure ? 443 : 80;
	if (!colon)
		return NULL;
	len -= url->host_len + 1;
	if (len >= sizeof digits)
		return "has no proper port";
	memcpy(digits, colon + 1, len);
	if (ctm_num_parse(digits, 1, UINT16_MAX, &port) < 0)
		return "has no proper port; it is a number from 1 to 65535";
	url->port = (uint16_t)port;
	return NULL;
}

/* The byte at s, decoded; *ret_step is what it takes. -1: a broken "%". */
static int decode(const char *s, const char *end, size_t *ret_step)
{
	unsigned char byte;
	char hex[3];

	*ret_step = 1;
	if (*s != '%')
		return (unsigned char)*s;
	if (end - s < 3)
		return -1;
	memcpy(hex, s + 1, 2);
	hex[2] = '\0';
	*ret_step = 3;
	return ctm_num_parse_hex(hex, &byte, 1) < 0 ? -1 : byte;
}

/* One segment, between slashes. */
static const char *check_segment(const char *s, const char *end)
{
	size_t length = 0;
	size_t dots = 0;

	for (size_t step; s < end; s += step) {
		const int c = decode(s, end, &step);

		if (c < 0)
			return "has a \"%\" without two hexadecimal digits";
		if (c == '/' || c == '\\' || c < 0x20 || c == 0x7f)
			return "hides a slash or a control character behind \"%\"";
		length++;
		dots += c == '.';
	}
	if (length && length <= 2 && dots == length)
		return "has \".\" or \"..\" in its path";
	return NULL;
}

static const char *check_path(const struct ctm_url *url)
{
	const char *const end = url->path + url->path_len;
	const char *s = url->path;
	const char *wrong = NULL;

	while (!wrong && s < end) {
		const char *slash;

		s++; /* over the slash in front */
		slash = memchr(s, '/', (size_t)(end - s));
		wrong = check_segment(s, slash ? slash : end);
		s = slash ? slash : end;
	}
	return wrong;
}

const char *ctm_url_split(const char *text, struct ctm_url *ret_url)
{
	struct ctm_url url = {.secure = strncasecmp(text, "https://", 8) == 0};
	const char *rest = text + (url.secure ? 8 : 7);
	const char *wrong;
	size_t len;

	if (!url.secure && strncasecmp(text, "http://", 7) != 0)
		return strstr(text, "://") ? "is neither http nor https" : NO_URL;
	if (!is_plain(text))
		return "has a blank, a backslash or another character that a URL must encode";
	if (strchr(text, '#'))
		return "has a fragment (\"#\"), which no server gets to see";
	len = strcspn(rest, "/?");
	wrong = split_authority(rest, len, &url);
	if (wrong)
		return wrong;
	url.path = rest + len;
	url.path_len = strcspn(url.path, "?");
	wrong = check_path(&url);
	if (!wrong)
		*ret_url = url;
	return wrong;
}

bool ctm_url_is_local(const struct ctm_url *url)
{
	char host[16];
	struct in_addr address;

	if (url->host_len == 9 && strncasecmp(url->host, "localhost", 9) == 0)
		return true;
	if (url->host[0] == '[') {
		struct in6_addr v6;
		char text[INET6_ADDRSTRLEN];

		snprintf(text, sizeof text, "%.*s", (int)url->host_len - 2, url->host + 1);
		return inet_pton(AF_INET6, text, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
	}
	if (url->host_len >= sizeof host)
		return false;
	memcpy(host, url->host, url->host_len);
	host[url->host_len] = '\0';
	return inet_pton(AF_INET, host, &address) == 1 && ntohl(address.s_addr) >> 24 == 127;
}

bool ctm_url_admits(const struct ctm_url *allow, const struct ctm_url *url)
{
	size_t len = allow->path_len;

	if (allow->secure != url->secure || allow->port != url->port ||
		allow->host_len != url->host_len ||
		strncasecmp(allow->host, url->host, url->host_len) != 0)
		return false;
	while (len && allow->path[len - 1] == '/')
		len--;
	if (url->path_len < len || memcmp(allow->path, url->path, len) != 0)
		return false;
	return url->path_len == len || url->path[len] == '/';
}
