/* SPDX-License-Identifier: MIT */
#include "syscalls.h"

#include <errno.h>

#ifdef CTM_HAS_SECCOMP

#include <fcntl.h>
#include <linux/netlink.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

/* Whatever their arguments are. On each machine some of them are not there. */
static const char *const harmless[] = {
	/* bytes */
	"read", "readv", "pread64", "write", "writev", "lseek", "_llseek", "close", "close_range",
	"dup", "dup3", "pipe", "pipe2", "eventfd2",
	/* the network; who may not listen gains nothing by binding, and musl's resolver binds */
	"socketpair", "connect", "bind", "getsockname", "getpeername", "getsockopt", "setsockopt",
	"shutdown", "sendto", "sendmsg", "sendmmsg", "recvfrom", "recvmsg", "recvmmsg",
	"recvmmsg_time64", "send", "recv",
	/* waiting */
	"poll", "ppoll", "ppoll_time64", "select", "_newselect", "pselect6", "pselect6_time64",
	"epoll_create", "epoll_create1", "epoll_ctl", "epoll_wait", "epoll_pwait", "epoll_pwait2",
	"nanosleep", "clock_nanosleep", "clock_nanosleep_time64", "restart_syscall",
	/* looking at files */
	"stat", "stat64", "fstat", "fstat64", "lstat", "lstat64", "newfstatat", "fstatat64",
	"statx", "statfs", "statfs64", "fstatfs", "fstatfs64", "access", "faccessat", "faccessat2",
	"readlink", "readlinkat", "getcwd", "getdents", "getdents64", "fadvise64",
	/* memory */
	"brk", "munmap", "mremap", "madvise", "mlock", "mlock2", "munlock", "mincore", "membarrier",
	/* threads */
	"futex", "futex_time64", "futex_waitv", "set_robust_list", "get_robust_list", "rseq",
	"set_tid_address", "set_thread_area", "sched_yield", "sched_getaffinity", "getcpu", "exit",
	"exit_group", "gettid",
	/* signals of its own */
	"rt_sigaction", "sigaction", "rt_sigprocmask", "sigprocmask", "rt_sigreturn", "sigreturn",
	"rt_sigpending", "sigpending", "rt_sigtimedwait", "rt_sigtimedwait_time64", "sigaltstack",
	/* time, and who and where it is */
	"clock_gettime", "clock_gettime64", "clock_getres", "clock_getres_time64", "gettimeofday",
	"time", "times", "getrandom", "getpid", "getppid", "getuid", "getuid32", "geteuid",
	"geteuid32", "getgid", "getgid32", "getegid", "getegid32", "getrlimit", "ugetrlimit",
	"getrusage", "uname", "sysinfo"};

static int allow(
	scmp_filter_ctx filter, const char *name, unsigned n, const struct scmp_arg_cmp *arguments)
{
	const int number = seccomp_syscall_resolve_name(name);
	int r;

	if (number == __NR_SCMP_ERROR)
		return 0;
	r = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, number, n, arguments);
	/* Others say that this machine has no such call, or not with its arguments apart. */
	return r == -ENOMEM ? r : 0;
}

/* As SCMP_A0() and its siblings, which leave a member out that clang misses. */
static struct scmp_arg_cmp is(unsigned argument, scmp_datum_t value)
{
	return (struct scmp_arg_cmp){
		.arg = argument, .op = SCMP_CMP_EQ, .datum_a = value, .datum_b = 0};
}

static int allow_if(scmp_filter_ctx filter, const char *name, struct scmp_arg_cmp one)
{
	return allow(filter, name, 1, &one);
}

static int allow_if_both(scmp_filter_ctx filter, const char *name, struct scmp_arg_cmp one,
	struct scmp_arg_cmp other)
{
	const struct scmp_arg_cmp both[] = {one, other};

	return allow(filter, name, 2, both);
}

/* Nothing is opened that could be written to. */
static int allow_opening(scmp_filter_ctx filter)
{
	const uint64_t mask = O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND;
	int r = allow_if(filter, "open", SCMP_A1(SCMP_CMP_MASKED_EQ, mask, O_RDONLY));

	return r < 0 ? r : allow_if(filter, "openat", SCMP_A2(SCMP_CMP_MASKED_EQ, mask, O_RDONLY));
}

/* No memory is written and run: what is run comes from files. */
static int allow_mapping(scmp_filter_ctx filter)
{
	static const char *const names[] = {"mmap", "mmap2"};
	const uint64_t mask = PROT_WRITE | PROT_EXEC;
	int r = allow_if(filter, "mprotect", SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));

	for (size_t i = 0; r == 0 && i < sizeof names / sizeof *names; i++) {
		r = allow_if(filter, names[i], SCMP_A2(SCMP_CMP_MASKED_EQ, mask, 0));
		if (r == 0)
			r = allow_if(
				filter, names[i], SCMP_A2(SCMP_CMP_MASKED_EQ, mask, PROT_WRITE));
		if (r == 0)
			r = allow_if(
				filter, names[i], SCMP_A2(SCMP_CMP_MASKED_EQ, mask, PROT_EXEC));
	}
	return r;
}

/* TCP and UDP, what getaddrinfo() asks the kernel, and where it is configured a Unix socket. */
static int allow_sockets(scmp_filter_ctx filter, bool unix_sockets)
{
	static const int families[] = {AF_INET, AF_INET6};
	static const int types[] = {SOCK_STREAM, SOCK_DGRAM};
	int r = allow_if_both(filter, "socket", is(0, AF_NETLINK), is(2, NETLINK_ROUTE));

	for (size_t i = 0; r == 0 && i < 4; i++)
		r = allow_if_both(filter, "socket", is(0, (scmp_datum_t)families[i / 2]),
			SCMP_A1(SCMP_CMP_MASKED_EQ, 0xf, (scmp_datum_t)types[i % 2]));
	if (r == 0 && unix_sockets)
		r = allow_if(filter, "socket", is(0, AF_UNIX));
	return r;
}

/* Threads, for libcurl's resolver, and no processes. clone3 hides its flags: it has to fail. */
static int allow_threads(scmp_filter_ctx filter)
{
#if defined __s390__ || defined __s390x__ || defined __CRIS__
	return allow_if(filter, "clone", SCMP_A1(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD));
#else
	return allow_if(filter, "clone", SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD));
#endif
}

/* Only what stays within this process: no owner of a descriptor, to whom signals would go. */
static int allow_some_of_many(scmp_filter_ctx filter)
{
	static const int commands[] = {
		F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_SETFD, F_GETFL, F_SETFL};
	static const char *const names[] = {"fcntl", "fcntl64"};
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof commands / sizeof *commands; i++)
		for (size_t k = 0; r == 0 && k < sizeof names / sizeof *names; k++)
			r = allow_if(filter, names[k], is(1, (scmp_datum_t)commands[i]));
	if (r == 0)
		r = allow_if(filter, "ioctl", is(1, FIONBIO));
	if (r == 0)
		r = allow_if(filter, "ioctl", is(1, FIONREAD));
	if (r == 0)
		r = allow_if(filter, "prctl", is(0, PR_SET_NAME));
	if (r == 0)
		r = allow_if_both(filter, "prlimit64", is(0, 0), is(2, 0));
	/* abort() */
	if (r == 0)
		r = allow_if(filter, "tgkill", is(0, (scmp_datum_t)getpid()));
	return r;
}

static int fill(scmp_filter_ctx filter, bool unix_sockets)
{
	int r = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(ENOSYS));

	for (size_t i = 0; r == 0 && i < sizeof harmless / sizeof *harmless; i++)
		r = allow(filter, harmless[i], 0, NULL);
	if (r == 0)
		r = allow_opening(filter);
	if (r == 0)
		r = allow_mapping(filter);
	if (r == 0)
		r = allow_sockets(filter, unix_sockets);
	if (r == 0)
		r = allow_threads(filter);
	return r < 0 ? r : allow_some_of_many(filter);
}

static int make_and_load(bool unix_sockets)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
	int r;

	if (!filter)
		return -ENOMEM;
	r = fill(filter, unix_sockets);
	if (r == 0)
		r = seccomp_load(filter);
	seccomp_release(filter);
	return r;
}

/*
 * libseccomp (up to 2.5.4 at least) can go round for ever where its memory fails. SIGPROF ends this
 * process then, and whoever started it need not wait. What the filter takes is half a millisecond.
 */
#define LIMIT_US 500000

int ctm_syscalls_restrict(bool unix_sockets)
{
	const struct itimerval limit = {.it_value.tv_usec = LIMIT_US};
	int r;

	signal(SIGPROF, SIG_DFL);
	setitimer(ITIMER_PROF, &limit, NULL);
	r = make_and_load(unix_sockets);
	/* The timer can't be stopped any more: that call is none of those that are left. */
	signal(SIGPROF, SIG_IGN);
	return r;
}

#else

int ctm_syscalls_restrict(bool unix_sockets)
{
	(void)unix_sockets;
	return -ENOTSUP;
}

#endif
