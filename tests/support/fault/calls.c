/* SPDX-License-Identifier: MIT */
#include "calls.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

#define CALL(name, where, traits)                                                                  \
	{                                                                                          \
		SYS_##name, #name, FAULT_##where, traits                                           \
	}

static const struct fault_call calls[] = {
	CALL(accept4, FD, 0),
	CALL(bind, FD, 0),
	CALL(brk, NOWHERE, 0),
	CALL(chdir, PATH, 0),
	CALL(clock_nanosleep, NOWHERE, 0),
	CALL(clone, NOWHERE, 0),
	CALL(clone3, NOWHERE, 0),
	CALL(close, FD, 0),
	CALL(close_range, NOWHERE, 0),
	CALL(connect, FD, 0),
	CALL(dup, FD, 0),
	CALL(dup3, FD, 0),
	CALL(epoll_create1, NOWHERE, 0),
	CALL(epoll_ctl, FD, 0),
	CALL(epoll_pwait, FD, 0),
	CALL(eventfd2, NOWHERE, 0),
	CALL(execve, PATH, 0),
	CALL(exit, NOWHERE, 0),
	CALL(exit_group, NOWHERE, 0),
	CALL(faccessat, AT, 0),
	CALL(faccessat2, AT, 0),
	CALL(fallocate, FD, FAULT_WRITES),
	CALL(fchmod, FD, 0),
	CALL(fcntl, FD, 0),
	CALL(fdatasync, FD, FAULT_WRITES),
	CALL(flock, FD, 0),
	CALL(fstat, FD, 0),
	CALL(fstatfs, FD, 0),
	CALL(fsync, FD, FAULT_WRITES),
	CALL(ftruncate, FD, FAULT_WRITES),
	CALL(futex, NOWHERE, 0),
	CALL(getdents64, FD, 0),
	CALL(getegid, NOWHERE, 0),
	CALL(geteuid, NOWHERE, 0),
	CALL(getgid, NOWHERE, 0),
	CALL(getpid, NOWHERE, 0),
	CALL(getrandom, NOWHERE, 0),
	CALL(getsockname, FD, 0),
	CALL(getsockopt, FD, 0),
	CALL(gettid, NOWHERE, 0),
	CALL(getuid, NOWHERE, 0),
	CALL(ioctl, FD, 0),
	CALL(linkat, AT_2, FAULT_WRITES),
	CALL(lseek, FD, 0),
	CALL(madvise, NOWHERE, 0),
	CALL(mkdirat, AT, FAULT_WRITES),
	CALL(mknodat, AT, FAULT_WRITES),
	CALL(mmap, NOWHERE, 0),
	CALL(mprotect, NOWHERE, 0),
	CALL(mremap, NOWHERE, 0),
	CALL(msync, NOWHERE, 0),
	CALL(munmap, NOWHERE, 0),
	CALL(newfstatat, AT, 0),
	CALL(openat, AT, FAULT_OPENS),
	CALL(openat2, AT, 0),
	CALL(pipe2, NOWHERE, 0),
	CALL(ppoll, NOWHERE, 0),
	CALL(prctl, NOWHERE, 0),
	CALL(pread64, FD, FAULT_HAS_COUNT),
	CALL(preadv, FD, 0),
	CALL(prlimit64, NOWHERE, 0),
	CALL(pwrite64, FD, FAULT_HAS_COUNT | FAULT_WRITES | FAULT_APPENDS),
	CALL(pwritev, FD, FAULT_HAS_COUNT | FAULT_WRITES),
	CALL(read, FD, FAULT_HAS_COUNT),
	CALL(readlinkat, AT, 0),
	CALL(readv, FD, FAULT_HAS_COUNT),
	CALL(recvfrom, FD, FAULT_HAS_COUNT),
	CALL(recvmsg, FD, 0),
	CALL(renameat, AT_2, FAULT_WRITES),
	CALL(renameat2, AT_2, FAULT_WRITES),
	CALL(rseq, NOWHERE, 0),
	CALL(rt_sigaction, NOWHERE, 0),
	CALL(rt_sigpending, NOWHERE, 0),
	CALL(rt_sigprocmask, NOWHERE, 0),
	CALL(rt_sigtimedwait, NOWHERE, 0),
	CALL(sendmmsg, FD, 0),
	CALL(sendmsg, FD, 0),
	CALL(sendto, FD, FAULT_HAS_COUNT),
	CALL(set_robust_list, NOWHERE, 0),
	CALL(set_tid_address, NOWHERE, 0),
	CALL(setsid, NOWHERE, 0),
	CALL(setsockopt, FD, 0),
	CALL(shutdown, FD, 0),
	CALL(sigaltstack, NOWHERE, 0),
	CALL(socket, NOWHERE, 0),
	CALL(socketpair, NOWHERE, 0),
	CALL(statfs, PATH, 0),
	CALL(statx, AT, 0),
	CALL(symlinkat, NOWHERE, FAULT_WRITES),
	CALL(syncfs, FD, FAULT_WRITES),
	CALL(sysinfo, NOWHERE, 0),
	CALL(tgkill, NOWHERE, 0),
	CALL(umask, NOWHERE, 0),
	CALL(uname, NOWHERE, 0),
	CALL(unlinkat, AT, 0),
	CALL(utimensat, AT, 0),
	CALL(wait4, NOWHERE, 0),
	CALL(write, FD, FAULT_HAS_COUNT | FAULT_WRITES | FAULT_APPENDS),
	CALL(writev, FD, FAULT_HAS_COUNT | FAULT_WRITES),
#ifdef SYS_open /* what newer architectures never had */
	CALL(access, PATH, 0),
	CALL(arch_prctl, NOWHERE, 0),
	CALL(dup2, FD, 0),
	CALL(epoll_wait, FD, 0),
	CALL(fork, NOWHERE, 0),
	CALL(lstat, PATH, 0),
	CALL(mkdir, PATH, FAULT_WRITES),
	CALL(mknod, PATH, FAULT_WRITES),
	CALL(open, PATH, FAULT_OPENS),
	CALL(pipe, NOWHERE, 0),
	CALL(poll, NOWHERE, 0),
	CALL(readlink, PATH, 0),
	CALL(rename, PATH, FAULT_WRITES),
	CALL(rmdir, PATH, 0),
	CALL(select, NOWHERE, 0),
	CALL(stat, PATH, 0),
	CALL(unlink, PATH, 0),
	CALL(vfork, NOWHERE, 0),
#endif
};

static const struct {
	const char *name;
	int number;
} errors[] = {
	{"EACCES", EACCES},
	{"EAGAIN", EAGAIN},
	{"EBADF", EBADF},
	{"ECONNREFUSED", ECONNREFUSED},
	{"ECONNRESET", ECONNRESET},
	{"EDQUOT", EDQUOT},
	{"EFBIG", EFBIG},
	{"EINTR", EINTR},
	{"EINVAL", EINVAL},
	{"EIO", EIO},
	{"EMFILE", EMFILE},
	{"ENFILE", ENFILE},
	{"ENOBUFS", ENOBUFS},
	{"ENOENT", ENOENT},
	{"ENOLCK", ENOLCK},
	{"ENOMEM", ENOMEM},
	{"ENOSPC", ENOSPC},
	{"ENOSYS", ENOSYS},
	{"ENXIO", ENXIO},
	{"EPERM", EPERM},
	{"EPIPE", EPIPE},
	{"EROFS", EROFS},
	{"ESTALE", ESTALE},
	{"ETIMEDOUT", ETIMEDOUT},
};

const struct fault_call *fault_call_find(uint64_t number)
{
	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
		if (calls[i].number == number)
			return &calls[i];
	return NULL;
}

const char *fault_call_name(uint64_t number, char *buf, size_t size)
{
	const struct fault_call *call = fault_call_find(number);

	if (call)
		return call->name;
	snprintf(buf, size, "call-%llu", (unsigned long long)number);
	return buf;
}

bool fault_call_is_in(uint64_t number, const char *list)
{
	char buf[32];
	const char *name = fault_call_name(number, buf, sizeof buf);
	const size_t len = strlen(name);

	for (const char *at = list; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL)
		if (strncmp(at, name, len) == 0 && (at[len] == ',' || at[len] == '\0'))
			return true;
	return false;
}

int fault_errno(const char *name)
{
	for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
		if (strcmp(errors[i].name, name) == 0)
			return errors[i].number;
	return 0;
}
