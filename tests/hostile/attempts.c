/* SPDX-License-Identifier: MIT */
#include "attempts.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *in(const char *variable, const char *name)
{
	static char path[4096];
	const char *dir = getenv(variable);

	snprintf(path, sizeof path, "%s/%s", dir ? dir : "/nowhere", name);
	return path;
}

/* Whether it can be opened so. */
static bool opens(const char *path, int flags)
{
	const int fd = open(path, flags | O_CLOEXEC, 0600);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static const char *of_parent(const char *name)
{
	static char path[64];

	snprintf(path, sizeof path, "/proc/%ld/%s", (long)getppid(), name);
	return path;
}

static bool read_store(void)
{
	return opens(in("CTM_INTRUDER_STATE", "store.mdb"), O_RDONLY);
}

static bool write_store(void)
{
	return opens(in("CTM_INTRUDER_STATE", "store.mdb"), O_RDWR);
}

static bool truncate_store(void)
{
	/* To the size that it has. */
	struct stat st;
	const char *path = in("CTM_INTRUDER_STATE", "store.mdb");

	return stat(path, &st) == 0 && truncate(path, st.st_size) == 0;
}

static bool list_state(void)
{
	DIR *dir = opendir(in("CTM_INTRUDER_STATE", ""));

	if (dir)
		closedir(dir);
	return dir;
}

static bool create_in_state(void)
{
	return opens(in("CTM_INTRUDER_STATE", "jobs/intruder"), O_WRONLY | O_CREAT);
}

static bool create_elsewhere(void)
{
	return opens(in("CTM_INTRUDER_HOME", "intruder"), O_WRONLY | O_CREAT);
}

static bool make_directory(void)
{
	return mkdir(in("CTM_INTRUDER_HOME", "intruder-dir"), 0700) == 0;
}

static bool make_link(void)
{
	return symlink("/", in("CTM_INTRUDER_HOME", "intruder-link")) == 0;
}

static bool remove_file(void)
{
	return unlink(in("CTM_INTRUDER_HOME", "removable")) == 0;
}

static bool change_mode(void)
{
	return chmod(in("CTM_INTRUDER_HOME", "secret"), 0644) == 0;
}

static bool read_home(void)
{
	return opens(in("CTM_INTRUDER_HOME", "secret"), O_RDONLY);
}

static bool read_parent_memory(void)
{
	return opens(of_parent("mem"), O_RDONLY);
}

static bool read_parent_environment(void)
{
	return opens(of_parent("environ"), O_RDONLY);
}

static bool peek_at_parent(void)
{
	char byte;
	struct iovec ours = {&byte, 1};
	struct iovec theirs = {(void *)(uintptr_t)&environ, 1};

	return syscall(SYS_process_vm_readv, getppid(), &ours, 1, &theirs, 1, 0) == 1;
}

static bool trace_parent(void)
{
	if (ptrace(PTRACE_SEIZE, getppid(), NULL, NULL) < 0)
		return false;
	ptrace(PTRACE_DETACH, getppid(), NULL, NULL);
	return true;
}

static bool signal_parent(void)
{
	return kill(getppid(), 0) == 0;
}

static bool signal_parent_otherwise(void)
{
	return syscall(SYS_tgkill, getppid(), getppid(), 0) == 0;
}

static bool fork_itself(void)
{
	const pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	if (pid > 0)
		waitpid(pid, NULL, 0);
	return pid > 0;
}

static bool spawn_shell(void)
{
	char *argv[] = {(char *)(uintptr_t) "sh", (char *)(uintptr_t) "-c",
		(char *)(uintptr_t) "exit 0", NULL};
	pid_t pid;
	int status = 0;

	if (posix_spawn(&pid, "/bin/sh", NULL, NULL, argv, environ) != 0)
		return false;
	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool connects(uint16_t port)
{
	const struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	const bool done =
		fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof address) == 0;

	if (fd >= 0)
		close(fd);
	return done;
}

static bool connect_elsewhere(void)
{
	const char *port = getenv("CTM_INTRUDER_PORT");

	return port && connects((uint16_t)atoi(port));
}

static bool listen_at_port(void)
{
	const struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	const bool done = fd >= 0 &&
			  bind(fd, (const struct sockaddr *)&address, sizeof address) == 0 &&
			  listen(fd, 1) == 0;

	if (fd >= 0)
		close(fd);
	return done;
}

static bool makes_socket(int family, int type)
{
	const int fd = socket(family, type | SOCK_CLOEXEC, 0);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static bool unix_socket(void)
{
	return makes_socket(AF_UNIX, SOCK_STREAM);
}

static bool packet_socket(void)
{
	return makes_socket(AF_PACKET, SOCK_RAW);
}

static bool raw_socket(void)
{
	const int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, 1);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static bool mount_something(void)
{
	const char *where = in("CTM_INTRUDER_HOME", "mountpoint");

	if (mount("none", where, "tmpfs", 0, NULL) < 0)
		return false;
	umount2(where, MNT_DETACH);
	return true;
}

static bool leave_namespace(void)
{
	return unshare(CLONE_FILES | CLONE_NEWNS) == 0;
}

static bool change_user(void)
{
	const bool done = setfsuid(65534) == (int)geteuid() && setfsuid((uid_t)-1) == 65534;

	setfsuid(geteuid());
	return done;
}

static bool use_keys(void)
{
	return syscall(SYS_keyctl, 0 /* get the id of */, -4 /* the user's keyring */, 1) > 0;
}

static bool load_bpf(void)
{
	return syscall(SYS_bpf, -1, NULL, 0) < 0 && errno == EINVAL;
}

static bool use_io_uring(void)
{
	char parameters[120] = {0};
	const long fd = syscall(SYS_io_uring_setup, 1, parameters);

	if (fd >= 0)
		close((int)fd);
	return fd >= 0;
}

static bool map_writable_code(void)
{
	void *page = mmap(
		NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED)
		return false;
	munmap(page, 4096);
	return true;
}

static bool make_anonymous_file(void)
{
	const int fd = (int)syscall(SYS_memfd_create, "intruder", 0);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static bool be_dumpable(void)
{
	prctl(PR_SET_DUMPABLE, 1);
	return prctl(PR_GET_DUMPABLE) == 1;
}

static bool allow_cores(void)
{
	const struct rlimit limit = {.rlim_cur = 1, .rlim_max = 1};
	struct rlimit now = {0};

	setrlimit(RLIMIT_CORE, &limit);
	getrlimit(RLIMIT_CORE, &now);
	return now.rlim_max > 0;
}

/* Beside the socket to its parent and what the module opened. */
static bool inherit_descriptors(void)
{
	for (int fd = 4; fd < 256; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			return true;
	return false;
}

static bool replace_itself(void)
{
	execl("/bin/true", "true", (char *)NULL);
	return false;
}

static const struct {
	const char *name;
	bool (*works)(void);
} tries[] = {
	{"fds", inherit_descriptors},
	{"rstore", read_store},
	{"wstore", write_store},
	{"tstore", truncate_store},
	{"lstate", list_state},
	{"cstate", create_in_state},
	{"create", create_elsewhere},
	{"mkdir", make_directory},
	{"link", make_link},
	{"rm", remove_file},
	{"chmod", change_mode},
	{"rhome", read_home},
	{"pmem", read_parent_memory},
	{"penv", read_parent_environment},
	{"peek", peek_at_parent},
	{"ptrace", trace_parent},
	{"kill", signal_parent},
	{"tgkill", signal_parent_otherwise},
	{"fork", fork_itself},
	{"spawn", spawn_shell},
	{"conn", connect_elsewhere},
	{"listen", listen_at_port},
	{"unix", unix_socket},
	{"packet", packet_socket},
	{"raw", raw_socket},
	{"mount", mount_something},
	{"unsh", leave_namespace},
	{"setuid", change_user},
	{"keyctl", use_keys},
	{"bpf", load_bpf},
	{"uring", use_io_uring},
	{"wx", map_writable_code},
	{"memfd", make_anonymous_file},
	{"dump", be_dumpable},
	{"core", allow_cores},
	/* The last: where it works, nobody is left to say so. */
	{"exec", replace_itself},
};

void attempts_make(char *text, size_t size)
{
	for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
		const size_t len = strlen(text);

		if (getenv("CTM_INTRUDER_STAYS") && tries[i].works == replace_itself)
			continue;
		if (tries[i].works())
			snprintf(text + len, size - len, " %s", tries[i].name);
	}
}
