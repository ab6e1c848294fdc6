/* SPDX-License-Identifier: MIT */
#include "http_status.h"

#include <stddef.h>

#define SET_NEW_PLACE "set the uri to the new place"
#define NO_CONTENT "put the content back on the server, or take its new uri"
#define OVERLOADED "wait, or ask who runs the server: it is overloaded or in maintenance"
#define ASK_SERVER "ask who runs the server, its log says more"
#define ASK_GATEWAY "ask who runs the server or the proxy: one behind it fails"
#define ASK_REQUEST "ask who runs the server why it refuses, its log says more"

/* The first row that fits counts: a class stands behind its members. */
static const struct ctm_http_status statuses[] = {
	{100, 199, "informational", false, "the server sent an interim answer, and no other",
		"look at the server and at proxies before it: this is no answer to a request"},
	{200, 200, "OK", false, "the server did as it was asked", "nothing is to be done"},
	{206, 206, "Partial Content", false, "the server sent the part that was asked for",
		"nothing is to be done"},
	{200, 299, "success", false, "the server did as it was asked", "nothing is to be done"},
	{301, 301, "Moved Permanently", false, "the content has moved for good", SET_NEW_PLACE},
	{302, 302, "Found", false, "the content is at another place for now", SET_NEW_PLACE},
	{303, 303, "See Other", false, "the answer is at another place", SET_NEW_PLACE},
	{304, 304, "Not Modified", false, "the content is what the client has already",
		"do without conditional requests where no older file is left"},
	{307, 307, "Temporary Redirect", false, "the content is at another place for now",
		SET_NEW_PLACE},
	{308, 308, "Permanent Redirect", false, "the content has moved for good", SET_NEW_PLACE},
	{300, 399, "redirection", false, "the server points to another place", SET_NEW_PLACE},
	{400, 400, "Bad Request", false, "the server can't read the request",
		"check the uri, its query and the headers that are added"},
	{401, 401, "Unauthorized", false, "the server wants credentials",
		"set credentials, or correct them"},
	{403, 403, "Forbidden", false, "the server does not admit this client",
		"give the client or its account permission on the server"},
	{404, 404, "Not Found", false, "the content is not there", NO_CONTENT},
	{405, 405, "Method Not Allowed", false, "the server does not take this kind of request",
		"check that the uri is the one that was meant"},
	{406, 406, "Not Acceptable", false, "the server has no form that the client accepts",
		"check the headers that are added"},
	{407, 407, "Proxy Authentication Required", false, "the proxy wants credentials",
		"set the proxy's credentials, or correct them"},
	{408, 408, "Request Timeout", true, "the server waited too long for the request",
		"check the network between client and server"},
	{409, 409, "Conflict", false, "the request contradicts the server's state", ASK_REQUEST},
	{410, 410, "Gone", false, "the content was removed for good",
		"distribute the content anew, or take its new uri"},
	{411, 411, "Length Required", false, "the server wants a length with the request",
		ASK_REQUEST},
	{412, 412, "Precondition Failed", false, "the content changed since it was last seen",
		"remove what is left of the file and download it anew"},
	{413, 413, "Content Too Large", false, "the request is too large for the server",
		"raise the limit on the server, or on a proxy before it"},
	{414, 414, "URI Too Long", false, "the uri is too long for the server",
		"take a shorter uri"},
	{415, 415, "Unsupported Media Type", false, "the server does not take this kind of content",
		"check that the uri is the one that was meant"},
	{416, 416, "Range Not Satisfiable", false, "the server has no such part of the content",
		"remove what is left of the file and download it anew: its size has changed"},
	{421, 421, "Misdirected Request", false, "this server does not answer for that name",
		"check the uri's host name and the proxy"},
	{422, 422, "Unprocessable Content", false, "the server refuses what the request holds",
		ASK_REQUEST},
	{423, 423, "Locked", false, "the content is locked", ASK_REQUEST},
	{425, 425, "Too Early", true, "the server does not want the request yet",
		"wait, it is tried again"},
	{426, 426, "Upgrade Required", false, "the server wants another protocol",
		"take https, or a newer version of HTTP"},
	{428, 428, "Precondition Required", false, "the server wants a conditional request",
		ASK_REQUEST},
	{429, 429, "Too Many Requests", true, "the server is asked too often",
		"use fewer connections, or raise the server's limit"},
	{431, 431, "Request Header Fields Too Large", false,
		"the request's headers are too large for the server",
		"add fewer headers, or raise the limit on the server"},
	{451, 451, "Unavailable For Legal Reasons", false, "the server may not give the content",
		"take another source"},
	{400, 499, "client error", false, "the server refuses the request", ASK_REQUEST},
	{500, 500, "Internal Server Error", true, "the server failed", ASK_SERVER},
	{501, 501, "Not Implemented", true, "the server can't do what it was asked", ASK_SERVER},
	{502, 502, "Bad Gateway", true, "the server behind the gateway gave a bad answer",
		ASK_GATEWAY},
	{503, 503, "Service Unavailable", true, "the server can't serve just now", OVERLOADED},
	{504, 504, "Gateway Timeout", true, "the server behind the gateway gave no answer in time",
		ASK_GATEWAY},
	{505, 505, "HTTP Version Not Supported", true, "the server does not speak this HTTP",
		ASK_SERVER},
	{507, 507, "Insufficient Storage", true, "the server's disk is full",
		"free space on the server"},
	{511, 511, "Network Authentication Required", true, "the network wants a login first",
		"log in to the network, or take the client past its portal"},
	{500, 599, "server error", true, "the server failed", ASK_SERVER},
};

const struct ctm_http_status *ctm_http_status_find(uint32_t status)
{
	for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
		if (status >= statuses[i].first && status <= statuses[i].last)
			return &statuses[i];
	return NULL;
}
