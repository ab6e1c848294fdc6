/* SPDX-License-Identifier: MIT */
/*
 * aria2ctm.h - for programs that embed libaria2ctm
 *
 * CTM's call in the shape of its SDK (LPCWSTR is NUL-terminated UTF-16 in native byte order, ULONG
 * 32 bits unsigned, HRESULT 32 bits signed), and the entry through which a download manager reports
 * its events. The hook commands that aria2 calls use the same entry.
 *
 * Nothing here sends anything itself: messages and events are recorded in the state directory that
 * the configuration names ($ARIA2_CTM_CONF, else the user's, else the system's), and the program
 * `deliver` is started to send. The state directory must belong to the user that the process runs
 * as. All functions can be called from any thread. They do not touch the process: no signal
 * handler, no environment, no directory, no descriptor is changed; descriptors that they open are
 * close-on-exec and closed on return. Arguments are borrowed for the call.
 */
#ifndef ARIA2CTM_H
#define ARIA2CTM_H

#include <stddef.h>
#include <stdint.h>
#ifndef __cplusplus
#include <uchar.h>
#endif

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__) && !defined(ARIA2CTM_API)
#define ARIA2CTM_API __attribute__((visibility("default")))
#endif

/* What a call has to say when it fails; for a person. */
struct aria2ctm_error {
	size_t size;    /* sizeof(struct aria2ctm_error), set by the caller */
	int code;       /* a negative errno */
	char text[512]; /* NUL-terminated, no newline at its end */
};

/* aria2's six events, one for each --on-* option. */
enum aria2ctm_event_type {
	ARIA2CTM_DOWNLOAD_START = 1,
	ARIA2CTM_DOWNLOAD_PAUSE = 2,
	ARIA2CTM_DOWNLOAD_STOP = 3,
	ARIA2CTM_DOWNLOAD_COMPLETE = 4,
	ARIA2CTM_DOWNLOAD_ERROR = 5,
	ARIA2CTM_BT_DOWNLOAD_COMPLETE = 6,
};

/*
 * Flag: the process is a hook command of ours. As root it may become the owner of the state
 * directory, and where something is to be sent it becomes the deliverer, by exec, instead of
 * starting one.
 */
#define ARIA2CTM_PROCESS_IS_OURS 1u

struct aria2ctm_event {
	size_t size; /* sizeof(struct aria2ctm_event), set by the caller */
	enum aria2ctm_event_type type;
	unsigned flags;   /* 0, or ARIA2CTM_ values */
	uint64_t gid;     /* of the download, not 0 */
	uint32_t n_files; /* selected files of the download; 0: metadata only */
	const char *path; /* the first of them, as the file system has it; may be "" */
};

/*
 * Records an event, and folds what waits into the jobs if nobody else is doing so. Never waits for
 * another process, never sends.
 *
 * 0: recorded. Negative errno: not recorded, *ret_error (NULL allowed) says why: -EINVAL an
 * argument or the configuration is wrong, -EPERM the state directory is another user's, -ENOSPC,
 * -EIO, -ENOMEM.
 */
ARIA2CTM_API int aria2ctm_event(
	const struct aria2ctm_event *event, struct aria2ctm_error *ret_error);

/*
 * SendNotifySuccessToCTM (Configuration Manager SDK): the final word for a job of the caller's own.
 *
 * szEndpoint      names an [endpoint.NAME] of the configuration, or is a URL that one admits
 * szID            the GUID that DownloadContent returned
 * szClientData    sent back verbatim; "" allowed
 * szBytesTotal, szBytesTransferred     decimal, 0 to 2^64-1, equal
 * ulFilesTotal, ulFilesTransferred     equal
 *
 * Waits for the answer, up to the endpoint's time-out. Returns an HRESULT:
 *	S_OK (0)                            CTM took it
 *	E_INVALIDARG (0x80070057)           an argument is null or malformed, or transferred differs
 *from total; nothing was stored ERROR_IO_PENDING (0x800703E5)       stored and not yet delivered:
 *it will be tried again, and is not lost ERROR_NOT_FOUND (0x80070490)        no such endpoint;
 *nothing was stored ERROR_ALREADY_EXISTS (0x800700B7)   the GUID is that of a job that is followed
 *here, or that has ended otherwise; nothing was stored anything else                       the
 *failure: of the store, or CTM's final refusal A repeated call with the GUID of a success that is
 *stored already sends nothing new: it waits for that message and returns what became of it.
 */
#ifndef __cplusplus
ARIA2CTM_API int32_t SendNotifySuccessToCTM(const char16_t *szEndpoint, const char16_t *szID,
	const char16_t *szClientData, const char16_t *szBytesTotal,
	const char16_t *szBytesTransferred, uint32_t ulFilesTotal, uint32_t ulFilesTransferred);
#else
ARIA2CTM_API int32_t SendNotifySuccessToCTM(const char16_t *, const char16_t *, const char16_t *,
	const char16_t *, const char16_t *, uint32_t, uint32_t);
#endif

#ifdef __cplusplus
}
#endif

#endif
