/* SPDX-License-Identifier: MIT */
/*
 * transport.h - between aria2-ctm and a transport module
 *
 * A transport module is a shared object that speaks to CTM endpoints. It exports one symbol,
 * ctm_transport_entry(), which hands out a table of functions. It is loaded only by a process that
 * has something to send, and never unloaded. This header stands alone: a module needs nothing else
 * of aria2-ctm.
 *
 * Order of calls:
 *
 *	table = ctm_transport_entry();               check abi_major and size
 *	table->open(&host, &t)                       once a process
 *	table->submit(t, &endpoint, &message, tag)   returns at once, without any I/O that waits
 *	table->wait(t, fds, n, timeout_ms)           drives all transfers, sleeps at most timeout_ms
 *	table->next(t, &outcome)                     outcomes one by one, until it returns 0
 *	table->close(t)                              drops what is still under way
 *
 * Since minor 1 a module also asks: a question is posted as it is, and its answer handed out whole.
 *
 *	table->ask(t, &question, tag)                returns at once; wait() drives it with the rest
 *	table->next_answer(t, &answer)               answers one by one, until it returns 0
 *	table->release(t, &answer)                   lets go of the bytes of one
 *
 * A module opens as many connections as it has submissions and questions: the caller bounds those.
 * A transport belongs to one thread at a time; two transports may be used by two threads at once.
 *
 * Versions: another abi_major is refused; a larger abi_minor only adds members at the end. Every
 * struct begins with its size as the filler of it knew it, so that either side can be the older.
 *
 * Strings are UTF-8, NUL-terminated, borrowed for the call: submit() copies what it keeps.
 */
#ifndef CTM_TRANSPORT_H
#define CTM_TRANSPORT_H

#include <poll.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CTM_TRANSPORT_ABI_MAJOR 1u
#define CTM_TRANSPORT_ABI_MINOR 1u

/* The three calls of CTM's SDK. */
enum ctm_transport_method {
	CTM_TRANSPORT_SUCCESS = 1,  /* SendNotifySuccessToCTM */
	CTM_TRANSPORT_ERROR = 2,    /* SendNotifyErrorToCTM */
	CTM_TRANSPORT_PROGRESS = 3, /* SendNotifyProgressToCTM */
};

/* What the module is told about the process that loads it. */
struct ctm_transport_host {
	size_t size;
	const char *user_agent; /* e.g. "aria2-ctm/0.1.0" */
	/* A line for the log: level 0 error, 1 warning, 2 info, 3 debug. No secrets, no newline. */
	void (*log)(void *context, int level, const char *line);
	void *log_context;
};

/* Where a message goes: an [endpoint.NAME] of the configuration. NULL: not set. */
struct ctm_transport_endpoint {
	size_t size;
	const char *url;            /* http or https, already admitted by the configuration */
	const char *socket_path;    /* a Unix socket to speak HTTP over */
	const char *ca_file;        /* PEM; NULL: the system's */
	const char *cert_file;      /* PEM client certificate */
	const char *key_file;       /* PEM key of it */
	const char *token_file;     /* Authorization: Bearer <first line> */
	const char *secret_file;    /* one or two lines "whsec_<base64 of 24 to 64 bytes>" */
	const char *const *headers; /* "Name: value", n_headers of them */
	size_t n_headers;
	const char *proxy; /* NULL: the environment's, but never for this machine itself */
	uint32_t connect_timeout_ms; /* 1 and up */
	uint32_t timeout_ms;         /* the whole attempt, 1 and up */
};

/*
 * One message. The arguments of the call in its order, then what CloudEvents wants. Counts of bytes
 * travel as decimal strings, counts of files as numbers (CTM's SDK types LPCWSTR and ULONG).
 */
struct ctm_transport_message {
	size_t size;
	enum ctm_transport_method method;
	const char *endpoint;      /* szEndpoint, verbatim */
	const char *id;            /* szID, verbatim */
	const char *client_data;   /* szClientData, verbatim */
	const char *progress_type; /* szProgressType; progress only, "" allowed */
	uint64_t bytes_total;
	uint64_t bytes_transferred;
	uint32_t files_total;
	uint32_t files_transferred;
	uint32_t error_code;       /* hrErrorCode; error only */
	const char *error_message; /* szErrorMessage; error only, never NULL, never empty */
	const char *event_id; /* ce-id, Idempotency-Key, webhook-id: the same on every attempt */
	const char *source;   /* ce-source */
	int64_t time_s;       /* ce-time: seconds since 1970, UTC: when the job ended */
};

/* What an answer means for the message. */
enum ctm_transport_verdict {
	CTM_TRANSPORT_TAKEN = 0,   /* S_OK: CTM has it */
	CTM_TRANSPORT_RETRY = 1,   /* try again, on the schedule from its first step */
	CTM_TRANSPORT_PERSON = 2,  /* wants a person: on the schedule from its third step */
	CTM_TRANSPORT_REFUSED = 3, /* final: no attempt will change it */
};

struct ctm_transport_outcome {
	size_t size;
	uint64_t tag; /* as given to submit() */
	enum ctm_transport_verdict verdict;
	uint32_t hresult; /* 0 when taken; else what CTM answered, or the failure as an HRESULT */
	uint32_t http_status;   /* 0: no answer */
	uint32_t curl_code;     /* the transport's own code, 0: none */
	uint32_t retry_after_s; /* 0: not asked; else 1 to 86400 */
	char text[256];         /* for a person: what failed first; "" when taken; no newline */
};

/* Since minor 1. Posted to url as application/json; nothing else is put into it. */
struct ctm_transport_question {
	size_t size;
	const char *url; /* http or https; no proxy is used for this machine itself */
	const void *body;
	size_t body_len;
	size_t answer_max; /* bytes of the answer's body; at most 2^30, more counts as that */
	uint32_t connect_timeout_ms; /* 1 and up */
	uint32_t timeout_ms;         /* from the question to the end of the answer, 1 and up */
};

#define CTM_TRANSPORT_HR_CANNOT_CONNECT 0x80072EFDu
#define CTM_TRANSPORT_HR_TIMEOUT 0x80072EE2u
#define CTM_TRANSPORT_HR_MORE_DATA 0x800700EAu /* the body is longer than answer_max */
#define CTM_TRANSPORT_HR_OUT_OF_MEMORY 0x8007000Eu

/* Since minor 1. An answer that came whole is one whatever its status: redirects are not followed.
 */
struct ctm_transport_answer {
	size_t size;
	uint64_t tag;         /* as given to ask() */
	uint32_t hresult;     /* 0: it came whole; else the failure, the four above among others */
	uint32_t http_status; /* 0: no answer, or none that was whole */
	uint32_t curl_code;   /* the transport's own code, 0: none */
	char *body;           /* the module's, until release(); a NUL behind it; NULL: none */
	size_t body_len;
	char text[256]; /* for a person: what failed first; "" where nothing did; no newline */
};

struct ctm_transport;

struct ctm_transport_table {
	size_t size;
	uint32_t abi_major;
	uint32_t abi_minor;
	const char *name; /* "http" */

	/* 0, or a negative errno. *ret_transport is set on success. */
	int (*open)(const struct ctm_transport_host *host, struct ctm_transport **ret_transport);

	/*
	 * Starts an attempt. 0: an outcome with this tag will come, also where the endpoint's files
	 * can't be read or the URL is bad. A negative errno (-ENOMEM): nothing was started.
	 */
	int (*submit)(struct ctm_transport *t, const struct ctm_transport_endpoint *endpoint,
		const struct ctm_transport_message *message, uint64_t tag);

	/*
	 * Drives the transfers until an outcome or an answer is there, one of the n caller's
	 * descriptors is ready (its revents are set), or timeout_ms have passed (-1: no limit). 0,
	 * or a negative errno. n may be 0. A signal that is caught ends the wait early,
	 * and so does what next() and next_answer() were not asked for yet.
	 */
	int (*wait)(struct ctm_transport *t, struct pollfd *fds, size_t n, int timeout_ms);

	/* 1: *ret_outcome is filled (its size member is the caller's). 0: none is ready. */
	int (*next)(struct ctm_transport *t, struct ctm_transport_outcome *ret_outcome);

	/* NULL is allowed. */
	void (*close)(struct ctm_transport *t);

	/* Since minor 1: not there where `size` ends before them. */

	/*
	 * Asks. 0: an answer with this tag will come, also where the URL is bad. A negative errno
	 * (-ENOMEM): nothing was started.
	 */
	int (*ask)(struct ctm_transport *t, const struct ctm_transport_question *question,
		uint64_t tag);

	/*
	 * 1: *ret_answer is filled (its size member is the caller's), and is given to release()
	 * before close(). 0: none is ready.
	 */
	int (*next_answer)(struct ctm_transport *t, struct ctm_transport_answer *ret_answer);

	/* Lets go of an answer's bytes; body is NULL then. Good for one without. */
	void (*release)(struct ctm_transport *t, struct ctm_transport_answer *answer);
};

/* The one exported symbol. The table lives as long as the process. */
const struct ctm_transport_table *ctm_transport_entry(void);

#ifdef __cplusplus
}
#endif

#endif
