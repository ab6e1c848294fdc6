/* SPDX-License-Identifier: MIT */
/*
 * aria2ctm.h - for programs that embed libaria2ctm
 *
 * The entry through which a download manager reports its events, which the hook commands that aria2
 * calls use as well; and CTM's three calls for a provider that keeps its jobs itself, in the shape
 * of CTM's SDK (LPCWSTR is NUL-terminated UTF-16 in native byte order, ULONG 32 bits unsigned,
 * HRESULT 32 bits signed) and in UTF-8. C11; or C++11 and later, where `struct aria2ctm_event`
 * needs its `struct`, because the function has the same name.
 *
 * Nothing here sends anything itself: messages and events are recorded in the state directory that
 * the configuration names ($ARIA2_CTM_CONF, else the user's, else the system's), and the program
 * `deliver` is started to send. The state directory must belong to the user that the process runs
 * as. The configuration is read anew by each call; what is wrong with it, or with a call, is said
 * in its log.
 *
 * Threads: all functions can be called from any thread, any number at once. None may be called from
 * a signal handler.
 *
 * The process is left alone: no signal's disposition, no environment, directory, umask or user is
 * changed, no thread is started. Descriptors that are opened are close-on-exec and closed on
 * return. `deliver` is a child that is gone on return: a handler of SIGCHLD is called for it, may
 * even reap it, and SIGCHLD may be ignored.
 *
 * Ownership: arguments are borrowed for the call, structs are the caller's, nothing that one side
 * allocates is freed by the other. errno means nothing after a call.
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

/*
 * Structs say their size, so that one side can be newer than the other: members are only ever added
 * at the end, and a library that knows more takes what the caller has not as 0.
 */

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
 * Records an event, and folds what waits into the jobs if nobody else is doing so. Never sends, and
 * never waits for what others do: it takes a few file operations, a commit to the store where it is
 * the one who folds, and a start of `deliver` where something is to be verified or sent.
 *
 * 0: recorded, and not lost from here on. Negative errno: not recorded, *ret_error (NULL allowed)
 * says why: -EINVAL an argument or the configuration is wrong, -EPERM the state directory is
 * another user's, -ENOSPC, -EIO, -ENOMEM. The same event may be reported again.
 */
ARIA2CTM_API int aria2ctm_event(
	const struct aria2ctm_event *event, struct aria2ctm_error *ret_error);

/*
 * SendNotifySuccessToCTM, SendNotifyErrorToCTM, SendNotifyProgressToCTM (Configuration Manager
 * SDK): what is said to CTM about a job of the caller's own, one that has no sidecar here. A job
 * has one final word, success or error; progress may come before it, and begins the job here: one
 * that gets no final word ends with ERROR_TIMEOUT after `[state] give_up`.
 *
 * Arguments, none of them NULL but szProgressType:
 *
 * - szEndpoint: names an [endpoint.NAME] of the configuration, or is a URL that one admits
 * - szID: the GUID that DownloadContent returned, with braces or without, in any case
 * - szClientData: szNotifyData of DownloadContent, sent back verbatim; "" allowed
 * - szBytesTotal, szBytesTransferred: bytes, in decimal, "0" to "18446744073709551615"
 * - ulFilesTotal, ulFilesTransferred: files, 0 to 4294967295
 * - hrErrorCode: a failure, so with its first bit set
 * - szErrorMessage: not empty; control characters arrive as "\n" or "\x1b", and what is longer than
 *   1536 bytes ends in "..."
 * - szProgressType: DownloadingManifest, ProcessingManifest, CreatingDirectories,
 *   PreparingDownload or DownloadingData; NULL or "" for a mere progress of bytes
 *
 * Transferred equals total in a success. In progress a total that is not known yet is 0. A text is
 * at most 65536 bytes of UTF-8.
 *
 * Each call stores its message and waits for what becomes of it: for CTM's answer at most as long
 * as the endpoint's `timeout` and 5 s more, before that at most 10 s for the state's lock.
 *
 * What they return is an HRESULT; all but S_OK are negative, as CTM's are:
 *
 * - S_OK (0): CTM took it. For progress also: it was not sent, because the job has ended or newer
 *   progress has taken its place.
 * - ERROR_IO_PENDING (0x800703E5): it is stored and not delivered yet. A final word is tried again
 *   on the schedule of `[retry]`, also if this process ends; do not repeat the call. Progress is
 *   tried once.
 *
 * and with these nothing is stored:
 *
 * - E_INVALIDARG (0x80070057): an argument is NULL, malformed or out of range, not Unicode, or
 *   transferred differs from total in a success; a URL that no endpoint admits
 * - ERROR_NOT_FOUND (0x80070490): no such endpoint
 * - ERROR_ALREADY_EXISTS (0x800700B7): the GUID is that of a job that is followed here by its
 *   sidecar, that was begun by a call with another endpoint or other client data, or that has ended
 *   with a final word that is not the same in each argument
 * - ERROR_INVALID_DATA (0x8007000D): the configuration is wrong or cannot be read
 * - E_ACCESSDENIED (0x80070005): the state directory is another user's
 * - ERROR_BUSY (0x800700AA): another process held the state's lock for those 10 s
 * - E_OUTOFMEMORY (0x8007000E), ERROR_DISK_FULL (0x80070070), ERROR_IO_DEVICE (0x8007045D), E_FAIL
 *   (0x80004005): the store could not be written
 *
 * Anything else is why it was not taken: CTM's final refusal, what the one attempt of progress met,
 * or the last failure of a final word whose schedule is over; E_FAIL where CTM refused with a code
 * that is none of a failure. A final word is kept as dead then, and `aria2-ctm retry` sends it
 * again.
 *
 * The same call of a final word again, with the same arguments, sends nothing new: it waits for the
 * message that is stored, and returns what became of that.
 */
ARIA2CTM_API int32_t SendNotifySuccessToCTM(const char16_t *szEndpoint, const char16_t *szID,
	const char16_t *szClientData, const char16_t *szBytesTotal,
	const char16_t *szBytesTransferred, uint32_t ulFilesTotal, uint32_t ulFilesTransferred);

ARIA2CTM_API int32_t SendNotifyErrorToCTM(const char16_t *szEndpoint, const char16_t *szID,
	const char16_t *szClientData, int32_t hrErrorCode, const char16_t *szErrorMessage);

ARIA2CTM_API int32_t SendNotifyProgressToCTM(const char16_t *szProgressType,
	const char16_t *szEndpoint, const char16_t *szID, const char16_t *szClientData,
	const char16_t *szBytesTotal, const char16_t *szBytesTransferred, uint32_t ulFilesTotal,
	uint32_t ulFilesTransferred);

/* The same three with the same arguments in UTF-8. */
ARIA2CTM_API int32_t aria2ctm_send_notify_success(const char *endpoint, const char *id,
	const char *client_data, const char *bytes_total, const char *bytes_transferred,
	uint32_t files_total, uint32_t files_transferred);

ARIA2CTM_API int32_t aria2ctm_send_notify_error(const char *endpoint, const char *id,
	const char *client_data, int32_t error_code, const char *error_message);

ARIA2CTM_API int32_t aria2ctm_send_notify_progress(const char *progress_type, const char *endpoint,
	const char *id, const char *client_data, const char *bytes_total,
	const char *bytes_transferred, uint32_t files_total, uint32_t files_transferred);

#ifdef __cplusplus
}
#endif

#endif
