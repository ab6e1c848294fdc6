/* SPDX-License-Identifier: MIT */
#include "curl_code.h"

#include <string.h>

#include <criterion/criterion.h>

#include "leaks.h"

TestSuite(curl_code, .fini = ctm_test_check_leaks);

Test(curl_code, table)
{
	static const struct {
		CURLcode code;
		long verify;
		uint32_t hresult;
	} cases[] = {
		{CURLE_OK, 0, 0},
		{CURLE_UNSUPPORTED_PROTOCOL, 0, 0x80072EE6},
		{CURLE_URL_MALFORMAT, 0, 0x80072EE5},
		{CURLE_COULDNT_RESOLVE_PROXY, 0, 0x80072EE7},
		{CURLE_COULDNT_RESOLVE_HOST, 0, 0x80072EE7},
		{CURLE_COULDNT_CONNECT, 0, 0x80072EFD},
		{CURLE_WEIRD_SERVER_REPLY, 0, 0x80072F78},
		{CURLE_GOT_NOTHING, 0, 0x80072F78},
		{CURLE_PARTIAL_FILE, 0, 0x80070026},
		{CURLE_WRITE_ERROR, 0, 0x8007001D},
		{CURLE_OUT_OF_MEMORY, 0, 0x8007000E},
		{CURLE_OPERATION_TIMEDOUT, 0, 0x80072EE2},
		{CURLE_SSL_CONNECT_ERROR, 1, 0x80072F7D},
		{CURLE_TOO_MANY_REDIRECTS, 0, 0x80072F7C},
		{CURLE_SEND_ERROR, 0, 0x80072EFE},
		{CURLE_RECV_ERROR, 0, 0x80072EFE},
		{CURLE_SSL_CERTPROBLEM, 0, 0x80072F0C},
		{CURLE_SSL_CLIENTCERT, 0, 0x80072F0C},
		{CURLE_SSL_CACERT_BADFILE, 0, 0x80072F0D},
		{CURLE_PEER_FAILED_VERIFICATION, CTM_VERIFY_UNKNOWN, 0x80072F8F},
		{CURLE_PEER_FAILED_VERIFICATION, 0, 0x80072F8F},
		{CURLE_PEER_FAILED_VERIFICATION, 23, 0x80072F8F},
		{CURLE_PEER_FAILED_VERIFICATION, 1, 0x80072F06},
		{CURLE_PEER_FAILED_VERIFICATION, 62, 0x80072F06},
		{CURLE_PEER_FAILED_VERIFICATION, 9, 0x80072F05},
		{CURLE_PEER_FAILED_VERIFICATION, 10, 0x80072F05},
		{CURLE_PEER_FAILED_VERIFICATION, 18, 0x80072F0D},
		{CURLE_PEER_FAILED_VERIFICATION, 19, 0x80072F0D},
		{CURLE_PEER_FAILED_VERIFICATION, 20, 0x80072F0D},
		{CURLE_PEER_FAILED_VERIFICATION, 24, 0x80072F0D},
		{CURLE_PEER_FAILED_VERIFICATION, 79, 0x80072F0D},
		{CURLE_HTTP2, 0, 0x80004005},
		{CURLE_LOGIN_DENIED, 0, 0x80004005},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		cr_expect_eq(ctm_curl_code_hresult(cases[i].code, cases[i].verify),
			cases[i].hresult, "%d %ld", (int)cases[i].code, cases[i].verify);
}

/* As OpenSSL 3.0 and 3.2 say it. */
Test(curl_code, an_alert_about_our_certificate)
{
	cr_assert(ctm_curl_code_blames_client(CURLE_RECV_ERROR,
		"OpenSSL SSL_read: OpenSSL/3.0.19: error:0A00045C:SSL routines::tlsv13 alert "
		"certificate required, errno 0"));
	cr_assert(ctm_curl_code_blames_client(CURLE_RECV_ERROR,
		"OpenSSL SSL_read: error:0A000418:SSL routines::tlsv1 alert unknown ca, errno 0"));
	cr_assert(ctm_curl_code_blames_client(
		CURLE_SSL_CONNECT_ERROR, "SSL routines::ssl/tls alert bad certificate"));
	cr_assert_not(ctm_curl_code_blames_client(CURLE_SSL_CONNECT_ERROR,
		"error:0A000410:SSL routines::sslv3 alert handshake failure"));
	cr_assert_not(ctm_curl_code_blames_client(CURLE_PEER_FAILED_VERIFICATION,
		"SSL certificate problem: an alert certificate required"));
	cr_assert_not(ctm_curl_code_blames_client(CURLE_RECV_ERROR, "certificate"));
	cr_assert_not(ctm_curl_code_blames_client(CURLE_RECV_ERROR, ""));
}

Test(curl_code, knows_the_tls_library)
{
	const char *version = curl_version_info(CURLVERSION_NOW)->ssl_version;

	if (version && strncmp(version, "OpenSSL/", 8) == 0)
		cr_assert(ctm_curl_code_is_openssl());
	if (version && strncmp(version, "GnuTLS/", 7) == 0)
		cr_assert_not(ctm_curl_code_is_openssl());
}
