/* SPDX-License-Identifier: MIT */
#include "curl_code.h"

#include <string.h>

#include "hresult.h"

static const struct {
	CURLcode code;
	uint32_t hresult;
} codes[] = {
	{CURLE_OK, 0},
	{CURLE_UNSUPPORTED_PROTOCOL, CTM_HR_UNRECOGNIZED_SCHEME},
	{CURLE_URL_MALFORMAT, CTM_HR_INVALID_URL},
	{CURLE_COULDNT_RESOLVE_PROXY, CTM_HR_NAME_NOT_RESOLVED},
	{CURLE_COULDNT_RESOLVE_HOST, CTM_HR_NAME_NOT_RESOLVED},
	{CURLE_COULDNT_CONNECT, CTM_HR_CANNOT_CONNECT},
	{CURLE_WEIRD_SERVER_REPLY, CTM_HR_INVALID_SERVER_RESPONSE},
	{CURLE_GOT_NOTHING, CTM_HR_INVALID_SERVER_RESPONSE},
	{CURLE_PARTIAL_FILE, CTM_HR_HANDLE_EOF},
	{CURLE_WRITE_ERROR, CTM_HR_WRITE_FAULT},
	{CURLE_OUT_OF_MEMORY, CTM_HR_OUT_OF_MEMORY},
	{CURLE_OPERATION_TIMEDOUT, CTM_HR_TIMEOUT},
	{CURLE_SSL_CONNECT_ERROR, CTM_HR_SECURE_CHANNEL},
	{CURLE_TOO_MANY_REDIRECTS, CTM_HR_REDIRECT_FAILED},
	{CURLE_SEND_ERROR, CTM_HR_CONNECTION_ERROR},
	{CURLE_RECV_ERROR, CTM_HR_CONNECTION_ERROR},
	{CURLE_SSL_CERTPROBLEM, CTM_HR_CLIENT_CERT_NEEDED},
	{CURLE_SSL_CLIENTCERT, CTM_HR_CLIENT_CERT_NEEDED},
	{CURLE_PEER_FAILED_VERIFICATION, CTM_HR_SECURE_FAILURE},
	{CURLE_SSL_CACERT_BADFILE, CTM_HR_INVALID_CA},
};

/*
 * X509_V_ERR_… of openssl/x509_vfy.h. libcurl compares the name by itself once the chain was found
 * good, and leaves the 1 (unspecified) that it sets before the handshake where that fails.
 */
static const struct {
	long result;
	uint32_t hresult;
} verify_results[] = {
	{1, CTM_HR_CERT_CN_INVALID}, {2, CTM_HR_INVALID_CA}, /* unable to get issuer certificate */
	{9, CTM_HR_CERT_DATE_INVALID},                       /* not yet valid */
	{10, CTM_HR_CERT_DATE_INVALID},                      /* has expired */
	{18, CTM_HR_INVALID_CA},                             /* self-signed leaf */
	{19, CTM_HR_INVALID_CA},      /* self-signed certificate in the chain */
	{20, CTM_HR_INVALID_CA},      /* unable to get local issuer certificate */
	{21, CTM_HR_INVALID_CA},      /* unable to verify leaf signature */
	{24, CTM_HR_INVALID_CA},      /* invalid CA certificate, until OpenSSL 1.1.1 */
	{27, CTM_HR_INVALID_CA},      /* not trusted */
	{62, CTM_HR_CERT_CN_INVALID}, /* host name mismatch */
	{64, CTM_HR_CERT_CN_INVALID}, /* IP address mismatch */
	{79, CTM_HR_INVALID_CA},      /* invalid CA certificate, since OpenSSL 3.0 */
};

uint32_t ctm_curl_code_hresult(CURLcode code, long verify_result)
{
	if (code == CURLE_PEER_FAILED_VERIFICATION) {
		for (size_t i = 0; i < sizeof verify_results / sizeof *verify_results; i++) {
			if (verify_results[i].result == verify_result)
				return verify_results[i].hresult;
		}
	}
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
		if (codes[i].code == code)
			return codes[i].hresult;
	}
	return CTM_HR_FAIL;
}

/*
 * An alert about a certificate comes from the peer, and is about ours. Under TLS 1.3 it comes when
 * the handshake is over for us: libcurl has only OpenSSL's words for it then ("tlsv13 alert
 * certificate required", "tlsv1 alert unknown ca").
 */
bool ctm_curl_code_blames_client(CURLcode code, const char *text)
{
	const char *alert = strstr(text, " alert ");

	if (code != CURLE_RECV_ERROR && code != CURLE_SEND_ERROR && code != CURLE_SSL_CONNECT_ERROR)
		return false;
	return alert && (strstr(alert, "certificate") || strstr(alert, "unknown ca"));
}

/* A name in brackets is a library that was built in but is not the one in use. */
bool ctm_curl_code_is_openssl(void)
{
	static const char *const names[] = {"OpenSSL/", "LibreSSL/", "BoringSSL", "AWS-LC"};
	const char *version = curl_version_info(CURLVERSION_NOW)->ssl_version;

	for (size_t i = 0; version && i < sizeof names / sizeof *names; i++) {
		const char *at = strstr(version, names[i]);

		if (at && (at == version || at[-1] != '('))
			return true;
	}
	return false;
}
