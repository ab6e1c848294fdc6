/* SPDX-License-Identifier: MIT */
/*
 * landlock.h - a process gives up files, ports and signals for good, as far as the kernel can
 *
 *	ctm_landlock_begin(&l, rights, ...)  what is handled is denied, unless it is allowed:
 *	ctm_landlock_allow(&l, path, rights)
 *	ctm_landlock_allow_port(&l, port)
 *	ctm_landlock_enforce(&l)             for this thread and whatever it starts
 *	ctm_landlock_done(&l)
 *
 * By raw system calls, since the kernel is often newer than the headers. What a kernel does not
 * know is left out; errors stick, and are told by ctm_landlock_enforce(). Landlock is in the kernel
 * since 5.13 (version 1); ports are since 6.7 (version 4), signals and abstract sockets since 6.12
 * (version 6).
 */
#ifndef CTM_LANDLOCK_H
#define CTM_LANDLOCK_H

#include <stdbool.h>
#include <stdint.h>

#define CTM_LANDLOCK_EXECUTE (UINT64_C(1) << 0)
#define CTM_LANDLOCK_WRITE_FILE (UINT64_C(1) << 1)
#define CTM_LANDLOCK_READ_FILE (UINT64_C(1) << 2)
#define CTM_LANDLOCK_READ_DIR (UINT64_C(1) << 3)
#define CTM_LANDLOCK_REMOVE_FILE (UINT64_C(1) << 5)
#define CTM_LANDLOCK_MAKE_FILE (UINT64_C(1) << 8)
#define CTM_LANDLOCK_MAKE_FIFO (UINT64_C(1) << 10)
#define CTM_LANDLOCK_TRUNCATE (UINT64_C(1) << 14)
#define CTM_LANDLOCK_IOCTL_DEVICE (UINT64_C(1) << 15)
#define CTM_LANDLOCK_READ (CTM_LANDLOCK_READ_FILE | CTM_LANDLOCK_READ_DIR)
/* All that there is of files, the newest included. */
#define CTM_LANDLOCK_ALL ((UINT64_C(1) << 16) - 1)

#define CTM_LANDLOCK_WITH_PORTS 4
#define CTM_LANDLOCK_WITH_SCOPES 6

struct ctm_landlock {
	int version; /* the kernel's */
	int fd;
	uint64_t rights; /* handled, of those that the kernel knows */
	bool ports;      /* connecting is handled */
	int error;
};

/* The kernel's version, 1 and up; -ENOSYS: it has none; -EOPNOTSUPP: not at this boot. */
int ctm_landlock_version(void);

/*
 * Handles these rights of files. Where `alone` is set: also binding to TCP ports, signals and
 * abstract Unix sockets of others; `ports`: also connecting to TCP ports.
 */
void ctm_landlock_begin(struct ctm_landlock *l, uint64_t rights, bool alone, bool ports);

/* The file, or all below the directory. One that is not there, or can't be seen, is passed over. */
void ctm_landlock_allow(struct ctm_landlock *l, const char *path, uint64_t rights);

void ctm_landlock_allow_port(struct ctm_landlock *l, uint16_t port);

/* 0 or negative errno; nothing was given up then. no_new_privs must be set. */
int ctm_landlock_enforce(struct ctm_landlock *l);

void ctm_landlock_done(struct ctm_landlock *l);

#endif
