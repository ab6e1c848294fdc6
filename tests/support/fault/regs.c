/* SPDX-License-Identifier: MIT */
#include "regs.h"

#include <elf.h>
#include <errno.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>

static int get_info(pid_t tid, struct __ptrace_syscall_info *info)
{
	memset(info, 0, sizeof *info);
	return ptrace(PTRACE_GET_SYSCALL_INFO, tid, sizeof *info, info) < 0 ? -1 : 0;
}

int fault_regs_entry(pid_t tid, struct fault_entry *ret_entry)
{
	struct __ptrace_syscall_info info;

	if (get_info(tid, &info) < 0 || info.op != PTRACE_SYSCALL_INFO_ENTRY)
		return -1;
	ret_entry->number = info.entry.nr;
	for (int i = 0; i < 6; i++)
		ret_entry->args[i] = info.entry.args[i];
	ret_entry->at = info.instruction_pointer;
	return 0;
}

int fault_regs_result(pid_t tid, int64_t *ret_result)
{
	struct __ptrace_syscall_info info;

	if (get_info(tid, &info) < 0 || info.op != PTRACE_SYSCALL_INFO_EXIT)
		return -1;
	*ret_result = info.exit.rval;
	return 0;
}

static int get_regs(pid_t tid, struct user_regs_struct *regs)
{
	struct iovec iov = {.iov_base = regs, .iov_len = sizeof *regs};

	return ptrace(PTRACE_GETREGSET, tid, NT_PRSTATUS, &iov) < 0 ? -1 : 0;
}

static int set_regs(pid_t tid, struct user_regs_struct *regs)
{
	struct iovec iov = {.iov_base = regs, .iov_len = sizeof *regs};

	return ptrace(PTRACE_SETREGSET, tid, NT_PRSTATUS, &iov) < 0 ? -1 : 0;
}

#if defined(__x86_64__)

#define RESULT(regs) (regs).rax
#define COUNT(regs) (regs).rdx

int fault_regs_skip(pid_t tid)
{
	struct user_regs_struct regs;

	if (get_regs(tid, &regs) < 0)
		return -1;
	regs.orig_rax = (unsigned long long)-1;
	return set_regs(tid, &regs);
}

#elif defined(__aarch64__)

#define RESULT(regs) (regs).regs[0]
#define COUNT(regs) (regs).regs[2]

int fault_regs_skip(pid_t tid)
{
	int none = -1;
	struct iovec iov = {.iov_base = &none, .iov_len = sizeof none};

	return ptrace(PTRACE_SETREGSET, tid, NT_ARM_SYSTEM_CALL, &iov) < 0 ? -1 : 0;
}

#else
#error "ctm-fault does not know this architecture"
#endif

int fault_regs_set_result(pid_t tid, int64_t result)
{
	struct user_regs_struct regs;

	if (get_regs(tid, &regs) < 0)
		return -1;
	RESULT(regs) = (unsigned long long)result;
	return set_regs(tid, &regs);
}

int fault_regs_set_count(pid_t tid, uint64_t count)
{
	struct user_regs_struct regs;

	if (get_regs(tid, &regs) < 0)
		return -1;
	COUNT(regs) = count;
	return set_regs(tid, &regs);
}
