/* SPDX-License-Identifier: MIT */
/*
 * curl_code.h - what a failure of libcurl is called among HRESULTs
 */
#ifndef CTM_HTTP_CURL_CODE_H
#define CTM_HTTP_CURL_CODE_H

#include <stdbool.h>
#include <stdint.h>

#include <curl/curl.h>

/* What stands in verify_result where libcurl's TLS is not OpenSSL, whose numbers alone we know. */
#define CTM_VERIFY_UNKNOWN (-1L)

/*
 * verify_result is CURLINFO_SSL_VERIFYRESULT, looked at where the peer's certificate failed.
 * 0 for CURLE_OK.
 */
uint32_t ctm_curl_code_hresult(CURLcode code, long verify_result);

/* True if the peer wants a certificate from us, or one other than ours. text: CURLOPT_ERRORBUFFER.
 */
bool ctm_curl_code_blames_client(CURLcode code, const char *text);

/* True if this libcurl's TLS is OpenSSL or one of its descendants. */
bool ctm_curl_code_is_openssl(void);

#endif
