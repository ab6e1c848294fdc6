/* SPDX-License-Identifier: MIT */
/*
 * nomemory - an LD_PRELOAD object that lets chosen allocations fail, and counts all of them
 *
 * $CTM_TEST_NOMEMORY names a file that is at least as large as struct plan (nomemory.py writes and
 * reads it), and that whoever runs may write; it is mapped shared, so that the count goes on over exec, fork and threads: through a
 * hook and the deliverer that it becomes. Without it, and in a program that has the name in
 * $CTM_TEST_SPARED, nothing fails. Whatever was allocated before
 * the file could be mapped is not counted.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PUBLIC __attribute__((visibility("default")))

/* As nomemory.py has it. Callers are told apart by the object that the call came from. */
struct plan {
	_Atomic uint64_t count; /* calls so far */
	_Atomic uint64_t hits;  /* that failed */
	uint64_t first;         /* the first call that fails, from 1 on; 0: none */
	uint64_t last;          /* and the last */
	char program[32];       /* that had the first hit */
	char object[96];        /* and the object that asked for the memory */
	uint64_t offset;        /* where in that */
	char kinds[65536];      /* of each call, where none is to fail: enum kind */
};

enum kind {
	KIND_OURS,
	KIND_FOREIGN, /* one of the names in $CTM_TEST_FOREIGN is in that of the object that asked */
	KIND_SHARED   /* of the program in $CTM_TEST_SHARED, which does the same for many */
};

/* What is needed before the real functions are found: dlsym() itself may allocate. */
#define EARLY_SIZE 65536u
static _Alignas(max_align_t) char early[EARLY_SIZE];
static size_t early_used;

static struct plan *plan;
static void *(*real_malloc)(size_t);
static void *(*real_calloc)(size_t, size_t);
static void *(*real_realloc)(void *, size_t);
static void *(*real_aligned_alloc)(size_t, size_t);
static int (*real_posix_memalign)(void **, size_t, size_t);
static int (*real_getpwuid_r)(uid_t, struct passwd *, char *, size_t, struct passwd **);
static int (*real_getpwnam_r)(const char *, struct passwd *, char *, size_t, struct passwd **);
static void (*real_free)(void *);

static bool is_early(const void *p)
{
	return (uintptr_t)p >= (uintptr_t)early && (uintptr_t)p < (uintptr_t)early + EARLY_SIZE;
}

/* Zeroed, and never given back. */
static void *take_early(size_t size)
{
	const size_t room =
		(size + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t);
	void *p = early + early_used;

	if (room < size || room > EARLY_SIZE - early_used)
		return NULL;
	early_used += room;
	return p;
}

/* A pointer to a function, from dlsym()'s pointer to nothing. */
static void find(void *to, const char *name)
{
	void *found = dlsym(RTLD_NEXT, name);

	memcpy(to, &found, sizeof found);
}

static void map_plan(void)
{
	const char *spared = getenv("CTM_TEST_SPARED");
	const char *name = getenv("CTM_TEST_NOMEMORY");
	const bool counts = name && (!spared || strcmp(program_invocation_short_name, spared) != 0);
	const int fd = counts ? open(name, O_RDWR | O_CLOEXEC) : -1;
	void *map = fd < 0 ? MAP_FAILED
			   : mmap(NULL, sizeof *plan, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (fd >= 0)
		close(fd);
	if (map != MAP_FAILED)
		plan = map;
}

/* Whether the real functions are known. They are found while there is one thread. */
static bool ready(void)
{
	static bool finding;

	if (real_free)
		return true;
	if (finding)
		return false;
	finding = true;
	find(&real_malloc, "malloc");
	find(&real_calloc, "calloc");
	find(&real_realloc, "realloc");
	find(&real_aligned_alloc, "aligned_alloc");
	find(&real_posix_memalign, "posix_memalign");
	find(&real_getpwuid_r, "getpwuid_r");
	find(&real_getpwnam_r, "getpwnam_r");
	find(&real_free, "free");
	map_plan();
	return true;
}

__attribute__((constructor)) static void begin(void)
{
	(void)ready();
}

static void copy(char *to, size_t size, const char *from)
{
	size_t n = strnlen(from, size - 1);

	memcpy(to, from, n);
	to[n] = '\0';
}

static void write_down(const void *caller)
{
	Dl_info info;

	copy(plan->program, sizeof plan->program, program_invocation_short_name);
	if (!dladdr(caller, &info) || !info.dli_fname)
		return;
	copy(plan->object, sizeof plan->object, info.dli_fname);
	plan->offset = (uint64_t)((uintptr_t)caller - (uintptr_t)info.dli_fbase);
}

/* Whether one of the names, with blanks between them, is in `path`. */
static bool is_named(const char *names, const char *path)
{
	char name[64];
	int n;

	for (; sscanf(names, " %63s%n", name, &n) == 1; names += n)
		if (strstr(path, name))
			return true;
	return false;
}

/* Who asked for it: so a test can tell a library's own business, of which there is much. */
static void note_caller(uint64_t n, const void *caller)
{
	const char *names = getenv("CTM_TEST_FOREIGN");
	const char *shared = getenv("CTM_TEST_SHARED");
	Dl_info info;

	if (n >= sizeof plan->kinds)
		return;
	if (shared && strcmp(program_invocation_short_name, shared) == 0)
		plan->kinds[n] = KIND_SHARED;
	if (names && dladdr(caller, &info) && info.dli_fname && is_named(names, info.dli_fname))
		plan->kinds[n] = KIND_FOREIGN;
}

/*
 * glibc's look-up of a user is let be: up to 2.36 at least it ends the process by SIGSEGV where its
 * first allocation fails (nss_database_check_reload_and_get is handed a NULL).
 */
static _Thread_local bool sheltered;

/* Whether this allocation is one that fails. */
static bool fails(const void *caller)
{
	uint64_t n;

	if (!plan || sheltered)
		return false;
	n = atomic_fetch_add(&plan->count, 1) + 1;
	if (!plan->first)
		note_caller(n, caller);
	if (!plan->first || n < plan->first || n > plan->last)
		return false;
	if (atomic_fetch_add(&plan->hits, 1) == 0)
		write_down(caller);
	errno = ENOMEM;
	return true;
}

PUBLIC int getpwuid_r(uid_t uid, struct passwd *entry, char *buf, size_t size, struct passwd **ret)
{
	int r;

	sheltered = true;
	r = real_getpwuid_r(uid, entry, buf, size, ret);
	sheltered = false;
	return r;
}

PUBLIC int getpwnam_r(
	const char *name, struct passwd *entry, char *buf, size_t size, struct passwd **ret)
{
	int r;

	sheltered = true;
	r = real_getpwnam_r(name, entry, buf, size, ret);
	sheltered = false;
	return r;
}

PUBLIC void *malloc(size_t size)
{
	if (!ready())
		return take_early(size);
	return fails(__builtin_return_address(0)) ? NULL : real_malloc(size);
}

PUBLIC void *calloc(size_t n, size_t size)
{
	if (!ready())
		return size && n > SIZE_MAX / size ? NULL : take_early(n * size);
	return fails(__builtin_return_address(0)) ? NULL : real_calloc(n, size);
}

static void *resize(void *p, size_t size, const void *caller)
{
	void *moved;

	if (p && !is_early(p))
		return fails(caller) ? NULL : real_realloc(p, size);
	moved = ready() ? fails(caller) ? NULL : real_malloc(size) : take_early(size);
	if (p && moved) {
		const size_t left = (size_t)(early + EARLY_SIZE - (char *)p);

		memcpy(moved, p, size < left ? size : left);
	}
	return moved;
}

PUBLIC void *realloc(void *p, size_t size)
{
	return resize(p, size, __builtin_return_address(0));
}

PUBLIC void *reallocarray(void *p, size_t n, size_t size)
{
	if (size && n > SIZE_MAX / size) {
		errno = ENOMEM;
		return NULL;
	}
	return resize(p, n * size, __builtin_return_address(0));
}

PUBLIC void *aligned_alloc(size_t alignment, size_t size)
{
	if (!ready() || fails(__builtin_return_address(0)))
		return NULL;
	return real_aligned_alloc(alignment, size);
}

PUBLIC void *memalign(size_t alignment, size_t size);
PUBLIC void *memalign(size_t alignment, size_t size)
{
	if (!ready() || fails(__builtin_return_address(0)))
		return NULL;
	return real_aligned_alloc(alignment, size);
}

PUBLIC int posix_memalign(void **ret, size_t alignment, size_t size)
{
	if (!ready() || fails(__builtin_return_address(0)))
		return ENOMEM;
	return real_posix_memalign(ret, alignment, size);
}

PUBLIC void free(void *p)
{
	if (p && !is_early(p) && real_free)
		real_free(p);
}
