/* SPDX-License-Identifier: MIT */
#include "explain.h"

#include <stddef.h>

#include "hresult.h"
#include "http_status.h"

#define NO CTM_TRANSIENT_NO
#define YES CTM_TRANSIENT_YES
#define NEITHER CTM_TRANSIENT_NEITHER

#define CHECK_NETWORK "check the network, the firewall and the proxy between the two machines"
#define CHECK_SERVER "check that the server is up; it is tried again"
#define CHECK_LOG "look into the log for what failed first"
#define CHECK_DISK "check the disk: the kernel's log says more"
#define RENEW_CERTIFICATE "renew the server's certificate, and check this machine's clock"
#define TRUST "have its authority trusted on this machine, or name it (ca_file)"

static const struct {
	uint32_t hresult;
	enum ctm_transient transient;
	const char *meaning;
	const char *remedy;
} rows[] = {
	{CTM_S_OK, NEITHER, "success", "nothing is to be done"},
	{CTM_E_ABORT, NO, "the operation was aborted", "ask who aborted it, then start it again"},
	{CTM_E_FAIL, NO, "a failure without a closer cause", CHECK_LOG},
	{CTM_E_FILE_NOT_FOUND, NO, "a file is missing",
		"download it again; check that nothing moves or removes files"},
	{CTM_E_PATH_NOT_FOUND, NO, "a folder is missing",
		"create the folder, and check the permissions above it"},
	{CTM_E_ACCESSDENIED, NO, "permission is missing",
		"give the user that aria2 runs as permission"},
	{CTM_E_INVALID_DATA, NO, "a manifest, metalink or message is malformed",
		"make it anew; aria2-ctm check says what is wrong with a sidecar"},
	{CTM_E_OUTOFMEMORY, YES, "memory is short", "free memory, or raise the service's limit"},
	{CTM_E_WRITE_FAULT, NO, "data could not be written", CHECK_DISK},
	{CTM_E_SHARING_VIOLATION, YES, "the file is in use", "close what holds the file open"},
	{CTM_E_HANDLE_EOF, YES, "the transfer ended too early", CHECK_NETWORK},
	{CTM_E_FILE_EXISTS, NO, "the target exists already",
		"move the target away, or let aria2 go on with it (continue)"},
	{CTM_E_CANNOT_MAKE, NO, "the file or folder can't be created",
		"check the folder's permissions and the length of the name"},
	{CTM_E_INVALIDARG, NO, "an argument is wrong",
		"correct the call, its sidecar or the option"},
	{CTM_E_OPEN_FAILED, NO, "the file can't be opened", "check the permissions of the file"},
	{CTM_E_DISK_FULL, NO, "the disk is full", "free disk space, then start the download again"},
	{CTM_E_BUSY, YES, "it is in use, by another download or program",
		"let the other one end; it is looked at again"},
	{CTM_E_ALREADY_EXISTS, NO, "it exists already", "take another name, or remove the old one"},
	{CTM_E_DIRECTORY, NO, "it is not the kind of file that it has to be",
		"move away what stands in its place, then download it again"},
	{CTM_E_IO_PENDING, NEITHER, "the message is stored and not delivered yet",
		"wait: it is sent on the schedule, and aria2-ctm status shows it"},
	{CTM_E_IO_DEVICE, NO, "a device failed to read or write", CHECK_DISK},
	{CTM_E_NOT_FOUND, NO, "there is no such job",
		"check the job's id; it may have ended long ago"},
	{CTM_E_CANCELLED, NO, "it was cancelled", "start it again if it is still wanted"},
	{CTM_E_FILE_CORRUPT, NO, "the file's size is not that of the manifest",
		"compare the content on the server with the manifest"},
	{CTM_E_TIMEOUT, NO, "the job did not end within its time-out",
		"find out what slowed it down, or give it more time"},
	{CTM_E_RPC_SERVER_UNAVAILABLE, YES, "the client's service does not answer, or restarts",
		"see that the service runs; it is tried again"},
	{CTM_E_WINHTTP_TIMEOUT, YES, "the server did not answer in time", CHECK_SERVER},
	{CTM_E_WINHTTP_INVALID_URL, NO, "the url can't be read", "correct the url"},
	{CTM_E_WINHTTP_UNRECOGNIZED_SCHEME, NO, "the url's scheme is not known",
		"take http or https"},
	{CTM_E_WINHTTP_NAME_NOT_RESOLVED, YES, "the server's name could not be resolved",
		"check the name in the url, and the name service"},
	{CTM_E_WINHTTP_CANNOT_CONNECT, YES, "the server refuses connections or can't be reached",
		CHECK_NETWORK},
	{CTM_E_WINHTTP_CONNECTION_ERROR, YES, "the connection broke", CHECK_NETWORK},
	{CTM_E_WINHTTP_SECURE_CERT_DATE_INVALID, NO,
		"the server's certificate is not valid yet, or no more", RENEW_CERTIFICATE},
	{CTM_E_WINHTTP_SECURE_CERT_CN_INVALID, NO, "the server's certificate is for another name",
		"take the name that the certificate has, or have it made for this one"},
	{CTM_E_WINHTTP_CLIENT_AUTH_CERT_NEEDED, NO, "the server wants a client's certificate",
		"set one that it accepts (cert_file, key_file)"},
	{CTM_E_WINHTTP_SECURE_INVALID_CA, NO,
		"the server's certificate is from an unknown authority", TRUST},
	{CTM_E_WINHTTP_INVALID_SERVER_RESPONSE, YES, "the server's answer can't be read",
		"check that an HTTP server answers there, and what a proxy does on the way"},
	{CTM_E_WINHTTP_REDIRECT_FAILED, NO, "the redirects can't be followed",
		"set the url to the last place"},
	{CTM_E_WINHTTP_SECURE_CHANNEL_ERROR, NO, "client and server found no way to speak TLS",
		"check that the port speaks TLS, and the versions on both sides"},
	{CTM_E_WINHTTP_SECURE_FAILURE, NO, "the server's certificate could not be verified", TRUST},
	{CTM_E_HASH_VALUE, NO, "the content's hash differs",
		"look for stray files in its folder, then distribute it anew"},
	{CTM_E_BG_MISSING_FILE_SIZE, NO, "the server does not tell the file's size",
		"have the server send Content-Length"},
	{CTM_E_BG_INSUFFICIENT_HTTP_SUPPORT, NO, "the server's HTTP is not enough to resume",
		"take a server or a proxy that speaks HTTP/1.1 in full"},
	{CTM_E_BG_INSUFFICIENT_RANGE_SUPPORT, NO, "the server does not answer range requests",
		"let the server and proxies before it answer range requests"},
	{CTM_E_BG_TOO_LARGE, NO, "the content is too large",
		"raise the limit, or split the content"},
	{CTM_E_BG_NO_PROGRESS, YES, "the transfer stalled",
		"check the network and the server's load; it is tried again"},
};

static bool explain_http(uint32_t status, struct ctm_explanation *ret)
{
	const struct ctm_http_status *row = ctm_http_status_find(status);

	if (row)
		*ret = (struct ctm_explanation){
			row->transient ? YES : NO, row->meaning, row->remedy};
	return row;
}

bool ctm_explain_hresult(uint32_t hresult, struct ctm_explanation *ret)
{
	if ((hresult & ~UINT32_C(0xFFFF)) == CTM_E_HTTP(0))
		return explain_http(hresult & 0xFFFF, ret);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (rows[i].hresult == hresult) {
			*ret = (struct ctm_explanation){
				rows[i].transient, rows[i].meaning, rows[i].remedy};
			return true;
		}
	}
	return false;
}
