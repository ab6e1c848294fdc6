/* SPDX-License-Identifier: MIT */
/*
 * A URL that we take leads libcurl to where we think that it leads: scheme, host, port and path are
 * the same to both. What an endpoint's `allow` admits goes to the host that stands in it, and what
 * we take for this machine is that to the transport, too.
 *
 * Input: a switch, the URL that is allowed, the URL that a sidecar names.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>

#include "config.h"
#include "fuzz.h"
#include "local.h"
#include "url.h"

/* What libcurl makes of a URL, as a transfer does it. */
struct seen {
	char *scheme, *host, *port, *path, *query;
};

static char *part(CURLU *parts, CURLUPart what, unsigned flags)
{
	char *text = NULL;

	return curl_url_get(parts, what, &text, flags) ? NULL : text;
}

static bool look(const char *text, struct seen *seen)
{
	CURLU *parts = curl_url();
	char *user;
	char *fragment;
	bool good;

	*seen = (struct seen){0};
	if (!parts)
		exit(1);
	good = !curl_url_set(parts, CURLUPART_URL, text, CURLU_NON_SUPPORT_SCHEME);
	if (good) {
		seen->scheme = part(parts, CURLUPART_SCHEME, 0);
		seen->host = part(parts, CURLUPART_HOST, 0);
		seen->port = part(parts, CURLUPART_PORT, CURLU_DEFAULT_PORT);
		seen->path = part(parts, CURLUPART_PATH, 0);
		seen->query = part(parts, CURLUPART_QUERY, 0);
		user = part(parts, CURLUPART_USER, 0);
		fragment = part(parts, CURLUPART_FRAGMENT, 0);
		FUZZ_CHECK(!user && !fragment);
	}
	curl_url_cleanup(parts);
	return good;
}

static void forget(struct seen *seen)
{
	curl_free(seen->scheme);
	curl_free(seen->host);
	curl_free(seen->port);
	curl_free(seen->path);
	curl_free(seen->query);
}

/* libcurl gives the shortest form of an IPv6 address, and that of an odd IPv4 address with dots. */
static bool is_same_host(const struct ctm_url *url, const char *host)
{
	char ours[300];
	struct in6_addr a;
	struct in6_addr b;

	snprintf(ours, sizeof ours, "%.*s", (int)url->host_len, url->host);
	if (ours[0] != '[')
		return strcasecmp(ours, host) == 0 ||
		       (strspn(ours, "0123456789abcdefxABCDEFX.") == strlen(ours) &&
			       inet_pton(AF_INET, host, &a) == 1);
	if (host[0] != '[' || host[strlen(host) - 1] != ']')
		return false;
	ours[strlen(ours) - 1] = '\0';
	snprintf(ours + strlen(ours) + 1, 60, "%s", host + 1);
	host = ours + strlen(ours) + 1;
	*strrchr(host, ']') = '\0';
	return inet_pton(AF_INET6, ours + 1, &a) == 1 && inet_pton(AF_INET6, host, &b) == 1 &&
	       memcmp(&a, &b, sizeof a) == 0;
}

/* True: both can read it. */
static bool check_url(const char *text, struct ctm_url *url, struct seen *seen)
{
	const char *wrong = ctm_url_split(text, url);

	*seen = (struct seen){0};
	if (wrong) {
		FUZZ_CHECK(fuzz_is_visible(wrong, strlen(wrong)));
		return false;
	}
	FUZZ_CHECK(url->host_len && url->port);
	if (!look(text, seen))
		return false;
	FUZZ_CHECK(strcmp(seen->scheme, url->secure ? "https" : "http") == 0);
	FUZZ_CHECK(is_same_host(url, seen->host));
	FUZZ_CHECK(strtoul(seen->port, NULL, 10) == url->port);
	FUZZ_CHECK(strlen(seen->path) == (url->path_len ? url->path_len : 1));
	FUZZ_CHECK(strncmp(seen->path, url->path_len ? url->path : "/", strlen(seen->path)) == 0);
	FUZZ_CHECK(!seen->query || strcmp(seen->query, strchr(text, '?') + 1) == 0);
	if (ctm_url_is_local(url))
		FUZZ_CHECK(ctm_local_is_url(text) == 1);
	return true;
}

/* Where the path of the allowed URL ends, it may end or go on by a segment. */
static bool is_path_within(const char *path, const char *allowed)
{
	size_t len = strlen(allowed);

	while (len && allowed[len - 1] == '/')
		len--;
	return strncmp(path, allowed, len) == 0 && (!path[len] || path[len] == '/');
}

static void check_admitted(uint8_t what, char *allow, const char *text)
{
	struct ctm_endpoint endpoint = {.allow = &allow, .n_allow = 1, .insecure = what & 1};
	const struct ctm_config config = {.endpoints = &endpoint, .n_endpoints = 1};
	const struct ctm_endpoint *found = NULL;
	const char *to = NULL;
	struct ctm_url url;
	struct ctm_url by;
	struct seen seen;
	struct seen allowed;
	struct ctm_error e;
	const bool readable = check_url(text, &url, &seen);
	const bool readable_too = check_url(allow, &by, &allowed);
	char name[] = "ctm";

	endpoint.name = name;
	if (strcmp(text, name) != 0 && ctm_config_endpoint(&config, text, &found, &to, &e) == 0) {
		FUZZ_CHECK(found == &endpoint && to == text);
		if (readable && readable_too) {
			FUZZ_CHECK(strcmp(seen.scheme, allowed.scheme) == 0);
			FUZZ_CHECK(strcasecmp(seen.host, allowed.host) == 0);
			FUZZ_CHECK(strcmp(seen.port, allowed.port) == 0);
			FUZZ_CHECK(is_path_within(seen.path, allowed.path));
			FUZZ_CHECK((what & 1) || strcmp(seen.scheme, "https") == 0 ||
				   ctm_local_is_url(text) == 1);
		}
	}
	forget(&seen);
	forget(&allowed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = {data, size};
	const uint8_t what = fuzz_take_byte(&in);
	char *allow = fuzz_take_text(&in);
	char *text = fuzz_take_text(&in);

	check_admitted(what, allow, text);
	free(text);
	free(allow);
	return 0;
}
