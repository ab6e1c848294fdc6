/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <errno.h>
#include <limits.h>

#include "curl_code.h"
#include "hresult.h"
#include "local.h"
#include "outcome.h"
#include "secret.h"

/* Errors stick, so that a sequence of options is checked once at its end. */
struct setter {
	CURL *easy;
	CURLcode code;
	CURLoption option;
};

static void set_long(struct setter *s, CURLoption option, long value)
{
	if (s->code)
		return;
	s->option = option;
	s->code = curl_easy_setopt(s->easy, option, value);
}

static void set_string(struct setter *s, CURLoption option, const char *value)
{
	if (s->code)
		return;
	s->option = option;
	s->code = curl_easy_setopt(s->easy, option, value);
}

static void set_fixed(struct setter *s)
{
	static const struct {
		CURLoption option;
		long value;
	} fixed[] = {
		{CURLOPT_POST, 1},
		/*
		 * A message is one small request, and HTTP/2 has frames without end that cost the
		 * sender nothing: libcurl 7.88 reads them for as long as they come, and all
		 * other transfers wait.
		 */
		{CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1},
		{CURLOPT_NOSIGNAL, 1}, /* SIGALRM belongs to the process, not to us */
		{CURLOPT_FOLLOWLOCATION, 0}, {CURLOPT_NETRC, CURL_NETRC_IGNORED},
		{CURLOPT_SSL_VERIFYPEER, 1}, {CURLOPT_SSL_VERIFYHOST, 2},
		{CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2}, {CURLOPT_PROXY_SSL_VERIFYPEER, 1},
		{CURLOPT_PROXY_SSL_VERIFYHOST, 2},
		{CURLOPT_PROXY_SSLVERSION, CURL_SSLVERSION_TLSv1_2},
		{CURLOPT_HEADEROPT, CURLHEADER_SEPARATE}, /* our headers are not the proxy's */
		{CURLOPT_SUPPRESS_CONNECT_HEADERS, 1},    /* nor are the proxy's an answer */
	};

	for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
		set_long(s, fixed[i].option, fixed[i].value);
#if LIBCURL_VERSION_NUM >= 0x075500
	set_string(s, CURLOPT_PROTOCOLS_STR, "http,https");
#else
	set_long(s, CURLOPT_PROTOCOLS, CURLPROTO_HTTP | CURLPROTO_HTTPS);
#endif
#if LIBCURL_VERSION_NUM >= 0x075700
	/* Without it, ending an attempt whose name server hangs waits for that: for all endpoints.
	 */
	set_long(s, CURLOPT_QUICK_EXIT, 1);
#endif
}

/* libcurl takes 0 for "no limit", and a long may have 32 bits. */
static long clamp_ms(uint32_t ms)
{
	if (ms < 1)
		return 1;
	return ms > INT_MAX ? INT_MAX : (long)ms;
}

static void set_endpoint(struct setter *s, const struct ctm_transport_endpoint *e)
{
	const struct {
		CURLoption option;
		const char *value;
	} strings[] = {
		{CURLOPT_URL, e->url},
		{CURLOPT_UNIX_SOCKET_PATH, e->socket_path},
		{CURLOPT_CAINFO, e->ca_file},
		{CURLOPT_SSLCERT, e->cert_file},
		{CURLOPT_SSLKEY, e->key_file},
	};

	for (size_t i = 0; i < sizeof strings / sizeof *strings; i++) {
		if (strings[i].value)
			set_string(s, strings[i].option, strings[i].value);
	}
	/* Else the system's directory would be believed beside the file. */
	if (e->ca_file)
		set_string(s, CURLOPT_CAPATH, NULL);
	/* Else the TLS library asks the terminal for the password of an encrypted key. */
	if (e->cert_file)
		set_string(s, CURLOPT_KEYPASSWD, "");
	set_long(s, CURLOPT_CONNECTTIMEOUT_MS, clamp_ms(e->connect_timeout_ms));
	set_long(s, CURLOPT_TIMEOUT_MS, clamp_ms(e->timeout_ms));
}

/* An empty proxy keeps libcurl from looking into the environment, an empty NOPROXY likewise. */
static int set_proxy(struct setter *s, const struct ctm_transport_endpoint *e)
{
	int local = e->socket_path ? 1 : 0;

	if (!local && e->proxy) {
		set_string(s, CURLOPT_PROXY, e->proxy);
		set_string(s, CURLOPT_NOPROXY, "");
		return 0;
	}
	if (!local)
		local = ctm_local_is_url(e->url);
	if (local > 0)
		set_string(s, CURLOPT_PROXY, "");
	return local < 0 ? local : 0;
}

static int check_key(const struct ctm_transport_endpoint *e, struct ctm_transport_outcome *o)
{
	if (e->key_file)
		return ctm_secret_check(e->key_file, "key_file", o);
	/* Without a key_file the key stands in the cert_file. */
	return e->cert_file ? ctm_secret_check(e->cert_file, "cert_file", o) : 0;
}

static int result(const struct setter *s, struct ctm_transport_outcome *o)
{
	if (!s->code)
		return 0;
	if (s->code == CURLE_OUT_OF_MEMORY)
		return -ENOMEM;
	ctm_outcome_set(o, CTM_TRANSPORT_PERSON, ctm_curl_code_hresult(s->code, CTM_VERIFY_UNKNOWN),
		"libcurl can't set its option %d: %s", (int)s->option, curl_easy_strerror(s->code));
	o->curl_code = (uint32_t)s->code;
	return -EINVAL;
}

int ctm_options_set(CURL *easy, const struct ctm_transport_endpoint *endpoint,
	const char *user_agent, struct ctm_transport_outcome *o)
{
	struct setter s = {.easy = easy};
	int r;

	if (!endpoint->url) {
		ctm_outcome_set(
			o, CTM_TRANSPORT_PERSON, CTM_HR_INVALID_URL, "no url is configured");
		return -EINVAL;
	}
	r = check_key(endpoint, o);
	if (r < 0)
		return r;
	set_fixed(&s);
	set_endpoint(&s, endpoint);
	r = set_proxy(&s, endpoint);
	if (user_agent)
		set_string(&s, CURLOPT_USERAGENT, user_agent);
	return r < 0 ? r : result(&s, o);
}
