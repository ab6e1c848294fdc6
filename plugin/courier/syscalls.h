/* SPDX-License-Identifier: MIT */
/*
 * syscalls.h - the system calls that speaking to the network takes, and no others
 *
 * What is not on the list fails with ENOSYS, never with a signal: another libc, or a later one,
 * must do without a call rather than end.
 */
#ifndef CTM_SYSCALLS_H
#define CTM_SYSCALLS_H

#include <stdbool.h>

/*
 * 0; -ENOTSUP: this program was built without libseccomp; other negative errno: this kernel has no
 * such filters (-EINVAL, -ENOSYS), or no memory. unix_sockets: whether new ones may be made. The
 * process ends by SIGPROF if it takes half a second of CPU time, and ignores that signal afterwards.
 */
int ctm_syscalls_restrict(bool unix_sockets);

#endif
