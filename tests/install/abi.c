/* SPDX-License-Identifier: MIT */
/* The shape of aria2ctm.h on a machine with 64-bit pointers, as C and as C++: compiled, not run. */
#include <aria2ctm.h>

#ifdef __cplusplus
#define PIN(what, value) static_assert((what) == (value), #what)
#else
#define PIN(what, value) _Static_assert((what) == (value), #what)
#endif

#ifdef __LP64__
PIN(sizeof(struct aria2ctm_error), 528);
PIN(offsetof(struct aria2ctm_error, size), 0);
PIN(offsetof(struct aria2ctm_error, code), 8);
PIN(offsetof(struct aria2ctm_error, text), 12);

PIN(sizeof(struct aria2ctm_event), 40);
PIN(offsetof(struct aria2ctm_event, size), 0);
PIN(offsetof(struct aria2ctm_event, type), 8);
PIN(offsetof(struct aria2ctm_event, flags), 12);
PIN(offsetof(struct aria2ctm_event, gid), 16);
PIN(offsetof(struct aria2ctm_event, n_files), 24);
PIN(offsetof(struct aria2ctm_event, path), 32);
#endif

PIN(sizeof(enum aria2ctm_event_type), 4);
PIN(ARIA2CTM_DOWNLOAD_START, 1);
PIN(ARIA2CTM_DOWNLOAD_PAUSE, 2);
PIN(ARIA2CTM_DOWNLOAD_STOP, 3);
PIN(ARIA2CTM_DOWNLOAD_COMPLETE, 4);
PIN(ARIA2CTM_DOWNLOAD_ERROR, 5);
PIN(ARIA2CTM_BT_DOWNLOAD_COMPLETE, 6);
PIN(ARIA2CTM_PROCESS_IS_OURS, 1u);

/* The prototypes: one that differs does not convert. */
int (*const event)(const struct aria2ctm_event *, struct aria2ctm_error *) = aria2ctm_event;
int32_t (*const success)(const char16_t *, const char16_t *, const char16_t *, const char16_t *,
	const char16_t *, uint32_t, uint32_t) = SendNotifySuccessToCTM;
int32_t (*const failure)(const char16_t *, const char16_t *, const char16_t *, int32_t,
	const char16_t *) = SendNotifyErrorToCTM;
int32_t (*const progress)(const char16_t *, const char16_t *, const char16_t *, const char16_t *,
	const char16_t *, const char16_t *, uint32_t, uint32_t) = SendNotifyProgressToCTM;
int32_t (*const success_utf8)(const char *, const char *, const char *, const char *, const char *,
	uint32_t, uint32_t) = aria2ctm_send_notify_success;
int32_t (*const failure_utf8)(const char *, const char *, const char *, int32_t,
	const char *) = aria2ctm_send_notify_error;
int32_t (*const progress_utf8)(const char *, const char *, const char *, const char *, const char *,
	const char *, uint32_t, uint32_t) = aria2ctm_send_notify_progress;
