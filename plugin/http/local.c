/* SPDX-License-Identifier: MIT */
#include "local.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>

static bool is_local_ipv4(const unsigned char a[4])
{
	static const unsigned char unspecified[4];

	return a[0] == 127 || memcmp(a, unspecified, sizeof unspecified) == 0;
}

static bool is_local_ipv6(const struct in6_addr *a)
{
	if (IN6_IS_ADDR_V4MAPPED(a))
		return is_local_ipv4(a->s6_addr + 12);
	return IN6_IS_ADDR_LOOPBACK(a) || IN6_IS_ADDR_UNSPECIFIED(a);
}

static bool is_local_name(const char *host, size_t len)
{
	static const char name[] = "localhost";
	const size_t name_len = sizeof name - 1;

	if (len && host[len - 1] == '.')
		len--;
	if (len < name_len || strncasecmp(host + len - name_len, name, name_len) != 0)
		return false;
	return len == name_len || host[len - name_len - 1] == '.';
}

/* host: as CURLUPART_HOST gives it, an IPv6 address in brackets; short IPv4 forms made whole. */
static bool is_local_host(const char *host)
{
	char text[INET6_ADDRSTRLEN];
	const size_t len = strlen(host);
	struct in6_addr ipv6;
	unsigned char ipv4[4];

	if (inet_pton(AF_INET, host, ipv4) == 1)
		return is_local_ipv4(ipv4);
	if (host[0] == '[' && len > 2 && len - 2 < sizeof text) {
		memcpy(text, host + 1, len - 2);
		text[len - 2] = '\0';
		return inet_pton(AF_INET6, text, &ipv6) == 1 && is_local_ipv6(&ipv6);
	}
	return is_local_name(host, len);
}

int ctm_local_is_url(const char *url)
{
	CURLU *parts = curl_url();
	CURLUcode code;
	char *host = NULL;
	int r = 0;

	if (!parts)
		return -ENOMEM;
	code = curl_url_set(parts, CURLUPART_URL, url, CURLU_GUESS_SCHEME);
	if (!code)
		code = curl_url_get(parts, CURLUPART_HOST, &host, 0);
	if (!code)
		r = is_local_host(host);
	else if (code == CURLUE_OUT_OF_MEMORY)
		r = -ENOMEM;
	curl_free(host);
	curl_url_cleanup(parts);
	return r;
}
