/* SPDX-License-Identifier: MIT */
#include "tracees.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "calls.h"
#include "trace.h"

#define MOST 256

static struct fault_tracee tracees[MOST];

struct fault_tracee *fault_tracee_of(pid_t tid)
{
	struct fault_tracee *free_place = NULL;

	for (size_t i = 0; i < MOST; i++) {
		if (tracees[i].tid == tid)
			return &tracees[i];
		if (!tracees[i].tid && !free_place)
			free_place = &tracees[i];
	}
	if (!free_place) {
		fprintf(stderr, "ctm-fault: more than %d threads\n", MOST);
		exit(FAULT_NOT_RUN);
	}
	*free_place = (struct fault_tracee){.tid = tid};
	return free_place;
}

void fault_tracee_gone(pid_t tid)
{
	for (size_t i = 0; i < MOST; i++)
		if (tracees[i].tid == tid)
			tracees[i].tid = 0;
}

/* What /proc says of a thread by a link; "" where it leads nowhere. */
static void read_link(char *to, size_t size, pid_t tid, const char *name)
{
	char link[64];
	ssize_t n;

	snprintf(link, sizeof link, "/proc/%d/%s", (int)tid, name);
	n = readlink(link, to, size - 1);
	to[n < 0 ? 0 : n] = '\0';
}

static void read_fd(char *to, size_t size, pid_t tid, int fd)
{
	char name[32];

	snprintf(name, sizeof name, "fd/%d", fd);
	read_link(to, size, tid, name);
}

/* Only glibc's has a name of its own; musl's is its libc, whose calls are the program's. */
static void find_loader(struct fault_tracee *tracee)
{
	char name[64];
	char line[512];
	FILE *maps;

	tracee->loader_from = tracee->loader_to = 0;
	snprintf(name, sizeof name, "/proc/%d/maps", (int)tracee->tid);
	maps = fopen(name, "re");
	while (maps && fgets(line, sizeof line, maps)) {
		uint64_t from;
		uint64_t to;

		if (!strstr(line, "/ld-linux") ||
			sscanf(line, "%" SCNx64 "-%" SCNx64, &from, &to) != 2)
			continue;
		if (!tracee->loader_from)
			tracee->loader_from = from;
		tracee->loader_to = to;
	}
	if (maps)
		fclose(maps);
}

void fault_tracee_learn(struct fault_tracee *tracee, bool starting)
{
	char path[PATH_MAX];
	const char *slash;

	read_link(path, sizeof path, tracee->tid, "exe");
	slash = strrchr(path, '/');
	snprintf(tracee->program, sizeof tracee->program, "%.60s", slash ? slash + 1 : "?");
	find_loader(tracee);
	tracee->starting = starting && tracee->loader_from;
}

/* A string of the thread's, cut where its page ends or it is too long. */
static void read_string(pid_t tid, uint64_t at, char *to, size_t size)
{
	const size_t page = 4096;
	size_t len = 0;

	while (len < size - 1) {
		size_t part = page - (at + len) % page;
		struct iovec here;
		struct iovec there;
		ssize_t n;

		if (part > size - 1 - len)
			part = size - 1 - len;
		here = (struct iovec){.iov_base = to + len, .iov_len = part};
		there = (struct iovec){.iov_base = (void *)(uintptr_t)(at + len), .iov_len = part};
		n = process_vm_readv(tid, &here, 1, &there, 1, 0);
		if (n <= 0)
			break;
		if (memchr(to + len, '\0', (size_t)n))
			return;
		len += (size_t)n;
	}
	to[len] = '\0';
}

static void join(pid_t tid, int dir_fd, uint64_t at, char *ret_path)
{
	char name[PATH_MAX];
	char dir[PATH_MAX] = "";

	read_string(tid, at, name, sizeof name);
	if (name[0] != '/' && dir_fd == AT_FDCWD)
		read_link(dir, sizeof dir, tid, "cwd");
	else if (name[0] != '/')
		read_fd(dir, sizeof dir, tid, dir_fd);
	snprintf(ret_path, PATH_MAX * 2, "%s%s%s", dir, dir[0] && name[0] ? "/" : "", name);
}

void fault_tracee_path(const struct fault_tracee *tracee, char ret_path[PATH_MAX * 2])
{
	const struct fault_call *call = fault_call_find(tracee->entry.number);
	const uint64_t *args = tracee->entry.args;

	ret_path[0] = '\0';
	switch (call ? call->where : FAULT_NOWHERE) {
	case FAULT_NOWHERE:
		break;
	case FAULT_FD:
		read_fd(ret_path, PATH_MAX, tracee->tid, (int)args[0]);
		break;
	case FAULT_PATH:
		join(tracee->tid, AT_FDCWD, args[0], ret_path);
		break;
	case FAULT_AT:
		join(tracee->tid, (int)args[0], args[1], ret_path);
		break;
	case FAULT_AT_2:
		join(tracee->tid, (int)args[2], args[3], ret_path);
		break;
	}
}
