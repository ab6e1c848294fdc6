/* SPDX-License-Identifier: MIT */
/* What is written down of libcurl's codes by number agrees with its header and with curl_code.c. */
#include "explain.h"

#include <criterion/criterion.h>

#include "curl_code.h"
#include "leaks.h"

#define CODE(symbol) [CURLE_##symbol] = #symbol

TestSuite(explain_curl, .fini = ctm_test_check_leaks);

static const char *const symbols[] = {
	CODE(OK),
	CODE(UNSUPPORTED_PROTOCOL),
	CODE(FAILED_INIT),
	CODE(URL_MALFORMAT),
	CODE(NOT_BUILT_IN),
	CODE(COULDNT_RESOLVE_PROXY),
	CODE(COULDNT_RESOLVE_HOST),
	CODE(COULDNT_CONNECT),
	CODE(WEIRD_SERVER_REPLY),
	CODE(REMOTE_ACCESS_DENIED),
	CODE(HTTP2),
	CODE(PARTIAL_FILE),
	CODE(QUOTE_ERROR),
	CODE(HTTP_RETURNED_ERROR),
	CODE(WRITE_ERROR),
	CODE(UPLOAD_FAILED),
	CODE(READ_ERROR),
	CODE(OUT_OF_MEMORY),
	CODE(OPERATION_TIMEDOUT),
	CODE(RANGE_ERROR),
	CODE(HTTP_POST_ERROR),
	CODE(SSL_CONNECT_ERROR),
	CODE(BAD_DOWNLOAD_RESUME),
	CODE(FILE_COULDNT_READ_FILE),
	CODE(ABORTED_BY_CALLBACK),
	CODE(BAD_FUNCTION_ARGUMENT),
	CODE(INTERFACE_FAILED),
	CODE(TOO_MANY_REDIRECTS),
	CODE(UNKNOWN_OPTION),
	CODE(SETOPT_OPTION_SYNTAX),
	CODE(GOT_NOTHING),
	CODE(SSL_ENGINE_NOTFOUND),
	CODE(SSL_ENGINE_SETFAILED),
	CODE(SEND_ERROR),
	CODE(RECV_ERROR),
	CODE(SSL_CERTPROBLEM),
	CODE(SSL_CIPHER),
	CODE(PEER_FAILED_VERIFICATION),
	CODE(BAD_CONTENT_ENCODING),
	CODE(FILESIZE_EXCEEDED),
	CODE(USE_SSL_FAILED),
	CODE(SEND_FAIL_REWIND),
	CODE(SSL_ENGINE_INITFAILED),
	CODE(LOGIN_DENIED),
	CODE(REMOTE_DISK_FULL),
	CODE(REMOTE_FILE_EXISTS),
	CODE(SSL_CACERT_BADFILE),
	CODE(REMOTE_FILE_NOT_FOUND),
	CODE(SSL_SHUTDOWN_FAILED),
	CODE(AGAIN),
	CODE(SSL_CRL_BADFILE),
	CODE(SSL_ISSUER_ERROR),
	CODE(CHUNK_FAILED),
	CODE(NO_CONNECTION_AVAILABLE),
	CODE(SSL_PINNEDPUBKEYNOTMATCH),
	CODE(SSL_INVALIDCERTSTATUS),
	CODE(HTTP2_STREAM),
	CODE(RECURSIVE_API_CALL),
	CODE(AUTH_ERROR),
	CODE(HTTP3),
	CODE(QUIC_CONNECT_ERROR),
	CODE(PROXY),
	CODE(SSL_CLIENTCERT),
};

#define N_SYMBOLS (sizeof symbols / sizeof *symbols)

Test(explain_curl, numbers_are_libcurl_s)
{
	for (uint32_t code = 0; code < 1000; code++) {
		const struct ctm_curl_name *name = ctm_explain_curl(code);
		const char *symbol = code < N_SYMBOLS ? symbols[code] : NULL;

		cr_assert_eq(!name, !symbol, "%u", code);
		if (!name)
			continue;
		cr_expect_eq(name->code, code);
		cr_expect_str_eq(name->symbol, symbol);
		cr_expect_eq(name->hresult,
			ctm_curl_code_hresult((CURLcode)code, CTM_VERIFY_UNKNOWN), "%s", symbol);
	}
}

Test(explain_curl, none_that_matters_is_missing)
{
	for (uint32_t code = 0; code < 1000; code++) {
		if (ctm_curl_code_hresult((CURLcode)code, CTM_VERIFY_UNKNOWN) != 0x80004005)
			cr_expect_not_null(ctm_explain_curl(code), "%u", code);
	}
}
