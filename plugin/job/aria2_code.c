/* SPDX-License-Identifier: MIT */
#include "aria2_code.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "hresult.h"
#include "http_status.h"

#define ARIA2_UNKNOWN_ERROR 1
#define ARIA2_IN_PROGRESS 7
#define ARIA2_FTP_COMMAND_FAILED 21

#define CHECK_NETWORK "check the network, the proxy and the server, then add the download again"
#define CHECK_URI "check that the server still has it and that the uri is right"
#define CHECK_TARGET "check the target folder's permissions and its file system"
#define TAKE_DESCRIPTION "fetch the description again, or make it anew"
#define ONCE "let the other download end, or remove it"
#define ASK_LOG "look into aria2's log (its option log)"

struct code {
	uint32_t hresult;
	const char *happened;
	const char *remedy;
};

static const struct code codes[CTM_ARIA2_CODE_LAST + 1] = {
	[0] = {CTM_S_OK, "the download is complete", "nothing is to be done"},
	[ARIA2_UNKNOWN_ERROR] = {CTM_E_FAIL, "aria2 failed without a closer cause", ASK_LOG},
	[2] = {CTM_E_WINHTTP_TIMEOUT, "the server did not answer in time", CHECK_NETWORK},
	[3] = {CTM_E_HTTP(404), "the server does not have it", CHECK_URI},
	[4] = {CTM_E_HTTP(404), "the servers do not have it, asked as often as max-file-not-found",
		CHECK_URI},
	[5] = {CTM_E_BG_NO_PROGRESS, "the download was slower than lowest-speed-limit",
		"take a faster source, or lower the limit"},
	[6] = {CTM_E_WINHTTP_CONNECTION_ERROR, "the network failed", CHECK_NETWORK},
	[ARIA2_IN_PROGRESS] = {CTM_S_OK, "aria2 ended before the download did",
		"start aria2 again: it goes on where it was, with a session or the same command"},
	[8] = {CTM_E_BG_INSUFFICIENT_RANGE_SUPPORT, "the server can't resume a download",
		"let the server answer range requests, or set always-resume=false"},
	[9] = {CTM_E_DISK_FULL, "the disk is full", "free disk space, then add the download again"},
	[10] = {CTM_E_INVALID_DATA, "the pieces differ from those of the control file",
		"remove the file and its .aria2, then add the download again"},
	[11] = {CTM_E_BUSY, "aria2 is downloading the same file already", ONCE},
	[12] = {CTM_E_BUSY, "aria2 is downloading the same torrent already", ONCE},
	[13] = {CTM_E_FILE_EXISTS, "the file exists already",
		"move the file away, or set allow-overwrite or continue"},
	[14] = {CTM_E_ALREADY_EXISTS, "the file could not be renamed",
		"move away what has the name already"},
	[15] = {CTM_E_OPEN_FAILED, "an existing file could not be opened", CHECK_TARGET},
	[16] = {CTM_E_CANNOT_MAKE, "the file could not be created or truncated",
		"check the target folder's permissions, and that the name is not too long"},
	[17] = {CTM_E_IO_DEVICE, "reading or writing a file failed",
		"check the disk: the kernel's log says more"},
	[18] = {CTM_E_PATH_NOT_FOUND, "the folder could not be created", CHECK_TARGET},
	[19] = {CTM_E_WINHTTP_NAME_NOT_RESOLVED, "the server's name could not be resolved",
		"check the name in the uri, and the name service"},
	[20] = {CTM_E_INVALID_DATA, "the metalink could not be read", TAKE_DESCRIPTION},
	[ARIA2_FTP_COMMAND_FAILED] = {CTM_E_WINHTTP_INVALID_SERVER_RESPONSE,
		"the FTP server refused a command",
		"check the credentials, the uri and the FTP server's log"},
	[22] = {CTM_E_WINHTTP_INVALID_SERVER_RESPONSE, "the server's answer is not what was asked",
		"ask the server for the uri by hand: its log and aria2's say more"},
	[23] = {CTM_E_WINHTTP_REDIRECT_FAILED, "the server redirects too often",
		"set the uri to the last place, or mend the server's redirects"},
	[24] = {CTM_E_HTTP(401), "the server did not take the credentials",
		"set credentials, or correct them (http-user and http-passwd, or netrc)"},
	[25] = {CTM_E_INVALID_DATA, "the torrent could not be read", TAKE_DESCRIPTION},
	[26] = {CTM_E_INVALID_DATA, "the torrent is damaged or not whole", TAKE_DESCRIPTION},
	[27] = {CTM_E_WINHTTP_INVALID_URL, "the magnet link could not be read",
		"copy the whole link again"},
	[28] = {CTM_E_INVALIDARG, "aria2 was given a wrong option",
		"correct the option: aria2 says which when it starts"},
	[29] = {CTM_E_HTTP(503), "the server can't serve just now",
		"wait until the server can, with retry-wait and max-tries"},
	[30] = {CTM_E_INVALID_DATA, "aria2 could not read a request by RPC",
		"look at the program that sent it"},
	[31] = {CTM_E_CANCELLED, "the download was removed",
		"add the download again if it is still wanted"},
	[32] = {CTM_E_HASH_VALUE, "the checksum differs",
		"compare the content on the server with the checksum, then download it anew"},
};

static const struct code unknown = {
	CTM_E_FAIL, "aria2 failed with a code that is not known", ASK_LOG};

static const struct code *find(uint32_t code)
{
	return code <= CTM_ARIA2_CODE_LAST ? &codes[code] : &unknown;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* A status behind "status=": three digits, and a sentence may end behind them, nothing more. */
static uint32_t status_at(const char *s)
{
	uint32_t status = 0;

	for (int i = 0; i < 3; i++) {
		if (!is_digit(s[i]))
			return 0;
		status = status * 10 + (uint32_t)(s[i] - '0');
	}
	if (s[3] && !strchr(" \t\r\n.,;)", s[3]))
		return 0;
	return ctm_http_status_find(status) ? status : 0;
}

/*
 * The last one counts: aria2 writes it at the end, and what stands before can be a text of the
 * server's or a uri, where "status=" is a part of the query and no word.
 */
static uint32_t find_status(const char *message)
{
	static const char key[] = "status=";
	uint32_t status = 0;

	for (const char *at = message; (at = strstr(at, key)); at += sizeof key - 1) {
		uint32_t here = status_at(at + sizeof key - 1);

		if (here && (at == message || strchr(" \t\r\n(", at[-1])))
			status = here;
	}
	return status;
}

/* As a word: a path may be called so too. */
static bool speaks_of_connection(const char *message)
{
	static const char word[] = "connect";

	return strncasecmp(message, word, sizeof word - 1) == 0 || strcasestr(message, " connect");
}

uint32_t ctm_aria2_hresult(uint32_t code, const char *message)
{
	uint32_t status;

	/* What an FTP server answers is no HTTP status, though aria2 writes it in the same way. */
	if (!find(code)->hresult || !message || code == ARIA2_FTP_COMMAND_FAILED)
		return find(code)->hresult;
	status = find_status(message);
	if (status)
		return CTM_E_HTTP(status);
	if (code == ARIA2_UNKNOWN_ERROR && speaks_of_connection(message))
		return CTM_E_WINHTTP_CANNOT_CONNECT;
	return find(code)->hresult;
}

const char *ctm_aria2_happened(uint32_t code)
{
	return find(code)->happened;
}

/* Where the HRESULT is the code's own, the code knows aria2's options. */
const char *ctm_aria2_remedy(uint32_t code, uint32_t hresult)
{
	const struct code *row = find(code);
	const struct ctm_http_status *status = NULL;

	if (hresult == CTM_E_WINHTTP_CANNOT_CONNECT)
		return CHECK_NETWORK;
	if (hresult != row->hresult && (hresult & ~UINT32_C(0xFFFF)) == CTM_E_HTTP(0))
		status = ctm_http_status_find(hresult & 0xFFFF);
	return status ? status->remedy : row->remedy;
}
