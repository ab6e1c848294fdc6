/* SPDX-License-Identifier: MIT */
#include "explain.h"

#include <stddef.h>

#include "hresult.h"

#define CHECK_NETWORK "check the network, the firewall and the proxy between the two machines"
#define CHECK_NAME "check the name, and the name service"
#define CHECK_URL "correct the url"
#define CHECK_TLS "check that the port speaks TLS, and the versions on both sides"
#define CHECK_CLIENT "check cert_file and key_file: readable, a pair, accepted by the server"
#define CHECK_BUILD "install a complete libcurl of one version"
#define CHECK_MEMORY "free memory, or raise the service's limit"
#define ASK_SERVER "ask who runs the server, its log says more"
#define REPORT "report it: the program does not use libcurl in this way"

static const struct ctm_curl_name names[] = {
	{0, CTM_S_OK, "OK", "success", "nothing is to be done"},
	{1, CTM_E_WINHTTP_UNRECOGNIZED_SCHEME, "UNSUPPORTED_PROTOCOL",
		"the url's scheme is not known to this libcurl", "take http or https"},
	{2, CTM_E_FAIL, "FAILED_INIT", "libcurl could not start", CHECK_BUILD},
	{3, CTM_E_WINHTTP_INVALID_URL, "URL_MALFORMAT", "the url can't be read", CHECK_URL},
	{4, CTM_E_FAIL, "NOT_BUILT_IN", "this libcurl was built without what is needed",
		CHECK_BUILD},
	{5, CTM_E_WINHTTP_NAME_NOT_RESOLVED, "COULDNT_RESOLVE_PROXY",
		"the proxy's name could not be resolved", CHECK_NAME},
	{6, CTM_E_WINHTTP_NAME_NOT_RESOLVED, "COULDNT_RESOLVE_HOST",
		"the server's name could not be resolved", CHECK_NAME},
	{7, CTM_E_WINHTTP_CANNOT_CONNECT, "COULDNT_CONNECT",
		"the server or the proxy refuses connections or can't be reached", CHECK_NETWORK},
	{8, CTM_E_WINHTTP_INVALID_SERVER_RESPONSE, "WEIRD_SERVER_REPLY",
		"the server's answer can't be read", "check that an HTTP server answers there"},
	{9, CTM_E_FAIL, "REMOTE_ACCESS_DENIED", "the server denies access to it",
		"check the url and the credentials"},
	{16, CTM_E_FAIL, "HTTP2", "the server broke the rules of HTTP/2", ASK_SERVER},
	{18, CTM_E_HANDLE_EOF, "PARTIAL_FILE", "the transfer ended too early", CHECK_NETWORK},
	{21, CTM_E_FAIL, "QUOTE_ERROR", "the server refused a command", ASK_SERVER},
	{22, CTM_E_FAIL, "HTTP_RETURNED_ERROR", "the server answered with status 400 or above",
		"look up that status instead"},
	{23, CTM_E_WRITE_FAULT, "WRITE_ERROR", "what was received could not be kept",
		"check the disk, and that the answer is not too large"},
	{25, CTM_E_FAIL, "UPLOAD_FAILED", "the server refused what was sent", ASK_SERVER},
	{26, CTM_E_FAIL, "READ_ERROR", "what is to be sent could not be read",
		"check the files that are to be sent"},
	{27, CTM_E_OUTOFMEMORY, "OUT_OF_MEMORY", "memory is short", CHECK_MEMORY},
	{28, CTM_E_WINHTTP_TIMEOUT, "OPERATION_TIMEDOUT", "there was no answer in time",
		"check that the server is up, or raise timeout or connect_timeout"},
	{33, CTM_E_FAIL, "RANGE_ERROR", "the server does not answer range requests",
		"let the server and proxies before it answer range requests"},
	{34, CTM_E_FAIL, "HTTP_POST_ERROR", "the request could not be made", REPORT},
	{35, CTM_E_WINHTTP_SECURE_CHANNEL_ERROR, "SSL_CONNECT_ERROR",
		"client and server found no way to speak TLS", CHECK_TLS},
	{36, CTM_E_FAIL, "BAD_DOWNLOAD_RESUME", "the transfer can't go on where it stopped",
		"start it from the beginning"},
	{37, CTM_E_FAIL, "FILE_COULDNT_READ_FILE", "a file of a file: url can't be read",
		CHECK_URL},
	{42, CTM_E_FAIL, "ABORTED_BY_CALLBACK", "the program stopped the transfer",
		"look into the log for why"},
	{43, CTM_E_FAIL, "BAD_FUNCTION_ARGUMENT", "libcurl was called wrongly", REPORT},
	{45, CTM_E_FAIL, "INTERFACE_FAILED", "the network interface can't be used",
		"check the interface's name and its address"},
	{47, CTM_E_WINHTTP_REDIRECT_FAILED, "TOO_MANY_REDIRECTS", "the server redirects too often",
		"set the url to the last place"},
	{48, CTM_E_FAIL, "UNKNOWN_OPTION", "this libcurl does not know an option", CHECK_BUILD},
	{49, CTM_E_FAIL, "SETOPT_OPTION_SYNTAX", "an option's value can't be read", REPORT},
	{52, CTM_E_WINHTTP_INVALID_SERVER_RESPONSE, "GOT_NOTHING",
		"the server closed the connection without an answer", ASK_SERVER},
	{53, CTM_E_FAIL, "SSL_ENGINE_NOTFOUND", "the TLS engine is not there", CHECK_BUILD},
	{54, CTM_E_FAIL, "SSL_ENGINE_SETFAILED", "the TLS engine can't be chosen", CHECK_BUILD},
	{55, CTM_E_WINHTTP_CONNECTION_ERROR, "SEND_ERROR", "the connection broke while sending",
		CHECK_NETWORK},
	{56, CTM_E_WINHTTP_CONNECTION_ERROR, "RECV_ERROR", "the connection broke while receiving",
		CHECK_NETWORK},
	{58, CTM_E_WINHTTP_CLIENT_AUTH_CERT_NEEDED, "SSL_CERTPROBLEM",
		"our own certificate can't be used", CHECK_CLIENT},
	{59, CTM_E_FAIL, "SSL_CIPHER", "the ciphers that are asked for can't be used", CHECK_TLS},
	{60, CTM_E_WINHTTP_SECURE_FAILURE, "PEER_FAILED_VERIFICATION",
		"the server's certificate could not be verified",
		"check its authority (ca_file), its dates, its name and this machine's clock"},
	{61, CTM_E_FAIL, "BAD_CONTENT_ENCODING", "the answer's encoding can't be read", ASK_SERVER},
	{63, CTM_E_FAIL, "FILESIZE_EXCEEDED", "the answer is larger than allowed", ASK_SERVER},
	{64, CTM_E_FAIL, "USE_SSL_FAILED", "the server does not encrypt as is asked for",
		CHECK_TLS},
	{65, CTM_E_FAIL, "SEND_FAIL_REWIND", "what was sent could not be sent once more", REPORT},
	{66, CTM_E_FAIL, "SSL_ENGINE_INITFAILED", "the TLS engine could not start", CHECK_BUILD},
	{67, CTM_E_FAIL, "LOGIN_DENIED", "the server did not take the credentials",
		"correct the credentials"},
	{70, CTM_E_FAIL, "REMOTE_DISK_FULL", "the server's disk is full",
		"free space on the server"},
	{73, CTM_E_FAIL, "REMOTE_FILE_EXISTS", "the server has the file already", ASK_SERVER},
	{77, CTM_E_WINHTTP_SECURE_INVALID_CA, "SSL_CACERT_BADFILE",
		"the file of trusted certificates can't be read",
		"check that ca_file is there, readable, and holds certificates"},
	{78, CTM_E_FAIL, "REMOTE_FILE_NOT_FOUND", "the server does not have it", CHECK_URL},
	{80, CTM_E_FAIL, "SSL_SHUTDOWN_FAILED", "the connection was not ended as TLS demands",
		CHECK_NETWORK},
	{81, CTM_E_FAIL, "AGAIN", "the connection is not ready", REPORT},
	{82, CTM_E_FAIL, "SSL_CRL_BADFILE", "the list of revoked certificates can't be read",
		"check that the list is there, and readable"},
	{83, CTM_E_FAIL, "SSL_ISSUER_ERROR", "the certificate has another issuer", ASK_SERVER},
	{88, CTM_E_FAIL, "CHUNK_FAILED", "the program stopped at a part of the transfer", REPORT},
	{89, CTM_E_FAIL, "NO_CONNECTION_AVAILABLE", "no connection is free", REPORT},
	{90, CTM_E_FAIL, "SSL_PINNEDPUBKEYNOTMATCH", "the server's key is not the pinned one",
		ASK_SERVER},
	{91, CTM_E_FAIL, "SSL_INVALIDCERTSTATUS", "the certificate's status is not good",
		ASK_SERVER},
	{92, CTM_E_FAIL, "HTTP2_STREAM", "the server broke off a stream of HTTP/2", ASK_SERVER},
	{93, CTM_E_FAIL, "RECURSIVE_API_CALL", "libcurl was called from within itself", REPORT},
	{94, CTM_E_FAIL, "AUTH_ERROR", "the login could not be carried out",
		"correct the credentials"},
	{95, CTM_E_FAIL, "HTTP3", "the server broke the rules of HTTP/3", ASK_SERVER},
	{96, CTM_E_FAIL, "QUIC_CONNECT_ERROR", "no connection over QUIC", CHECK_NETWORK},
	{97, CTM_E_FAIL, "PROXY", "the proxy could not be agreed with",
		"check the proxy's settings"},
	{98, CTM_E_WINHTTP_CLIENT_AUTH_CERT_NEEDED, "SSL_CLIENTCERT",
		"the server wants a client's certificate", CHECK_CLIENT},
};

const struct ctm_curl_name *ctm_explain_curl(uint32_t code)
{
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (names[i].code == code)
			return &names[i];
	return NULL;
}
