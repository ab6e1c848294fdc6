/* SPDX-License-Identifier: MIT */
/*
 * A look while somebody changes all the time what a name leads to. Inside local_path there is never
 * what is asked for, outside there is: whatever the moment, the answer "right" would be a lie, and
 * nothing outside may even be opened.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

#include <criterion/criterion.h>

#include "asked.h"
#include "files.h"

#define LOOKS 100000
#define LOOKS_LONG 5000000

TestSuite(look_race, .init = asked_init, .fini = asked_done, .timeout = 600);

struct swapper {
	pthread_t thread;
	char a[256], b[256];
	atomic_bool stop;
	atomic_ulong swaps;
};

static void *swap(void *context)
{
	struct swapper *s = context;

	while (!atomic_load(&s->stop))
		if (renameat2(AT_FDCWD, s->a, AT_FDCWD, s->b, RENAME_EXCHANGE) == 0)
			atomic_fetch_add(&s->swaps, 1);
	return NULL;
}

/* Exchanges two names below the scratch directory, over and over. */
static void begin(struct swapper *s, const char *a, const char *b)
{
	snprintf(s->a, sizeof s->a, "%s", scratch_path(a));
	snprintf(s->b, sizeof s->b, "%s", scratch_path(b));
	atomic_init(&s->stop, false);
	atomic_init(&s->swaps, 0);
	cr_assert_eq(renameat2(AT_FDCWD, s->a, AT_FDCWD, s->b, RENAME_EXCHANGE), 0);
	cr_assert_eq(pthread_create(&s->thread, NULL, swap, s), 0);
}

static void end(struct swapper *s, unsigned long looks)
{
	atomic_store(&s->stop, true);
	pthread_join(s->thread, NULL);
	cr_expect_gt(atomic_load(&s->swaps), looks / 100, "the names were hardly exchanged");
}

static unsigned long n_looks(void)
{
	return getenv("CTM_TEST_LONG") ? LOOKS_LONG : LOOKS;
}

/* From here on openat2 is what it is on kernels before 5.6. */
static void forget_openat2(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = {.len = sizeof code / sizeof *code, .filter = code};

	cr_assert_eq(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
		cr_skip_test("no seccomp here");
	cr_assert_eq(syscall(SYS_openat2, AT_FDCWD, "/", NULL, (size_t)0), -1);
	cr_assert_eq(errno, ENOSYS);
}

/* Whoever opens what is outside is seen. */
static int watch_outside(void)
{
	int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);

	cr_assert_geq(fd, 0);
	cr_assert_geq(inotify_add_watch(fd, scratch_path("outside/a"), IN_OPEN | IN_ACCESS), 0);
	return fd;
}

static void expect_never_right(const char *a, const char *b)
{
	const unsigned long looks = n_looks();
	CTM_CLEANUP_FD int watch = watch_outside();
	struct swapper swapper;
	char events[4096];
	unsigned long right = 0;

	begin(&swapper, a, b);
	for (unsigned long i = 0; i < looks; i++)
		right += asked_look() == CTM_LOOK_RIGHT;
	end(&swapper, looks);
	cr_expect_eq(right, 0, "%lu of %lu looks said that all is right", right, looks);
	cr_expect_eq(read(watch, events, sizeof events), -1, "something outside was opened");
}

/* dl/NAME is asked for, as large as the one outside is. Where it is true, it is seen to be. */
static struct ctm_file *ask_for(const char *name)
{
	struct ctm_file *file;

	scratch_make_dir("outside");
	scratch_make_dir("stage");
	scratch_write("outside/a", "12345");
	file = asked_there(name, "12345");
	cr_assert_eq(asked_look(), CTM_LOOK_RIGHT, "%s", asked.result.text);
	cr_assert_eq(unlink(file->path), 0);
	return file;
}

static void file_for_link(void)
{
	ask_for("a");
	scratch_write("dl/a", "not this one");
	cr_assert_eq(symlink(scratch_path("outside/a"), scratch_path("stage/a")), 0);
	expect_never_right("dl/a", "stage/a");
}

static void directory_for_link(void)
{
	ask_for("sub/a");
	scratch_write("dl/sub/a", "not this one");
	cr_assert_eq(symlink("../outside", scratch_path("stage/sub")), 0);
	expect_never_right("dl/sub", "stage/sub");
}

static void local_path_for_link(void)
{
	ask_for("a");
	scratch_write("dl/a", "not this one");
	cr_assert_eq(symlink(scratch_path("outside"), scratch_path("stage/dl")), 0);
	expect_never_right("dl", "stage/dl");
}

static void file_for_fifo(void)
{
	ask_for("a");
	scratch_write("dl/a", "not this one");
	cr_assert_eq(mkfifo(scratch_path("stage/a"), 0600), 0);
	expect_never_right("dl/a", "stage/a");
}

static void directory_for_file(void)
{
	ask_for("sub/a");
	scratch_write("dl/sub/a", "not this one");
	scratch_write("stage/sub", "12345");
	expect_never_right("dl/sub", "stage/sub");
}

Test(look_race, file_for_link)
{
	file_for_link();
}

Test(look_race, directory_for_link)
{
	directory_for_link();
}

Test(look_race, local_path_for_link)
{
	local_path_for_link();
}

Test(look_race, file_for_fifo)
{
	file_for_fifo();
}

Test(look_race, directory_for_file)
{
	directory_for_file();
}

Test(look_race, file_for_link_without_openat2)
{
	forget_openat2();
	file_for_link();
}

Test(look_race, directory_for_link_without_openat2)
{
	forget_openat2();
	directory_for_link();
}

Test(look_race, file_for_fifo_without_openat2)
{
	forget_openat2();
	file_for_fifo();
}

Test(look_race, directory_for_file_without_openat2)
{
	forget_openat2();
	directory_for_file();
}

/* What dl/NAME is exchanged for just before it is opened by its name alone, as a walk does it. */
static const char *before_open;

/* The C library's, but for that. */
int openat(int dir_fd, const char *name, int flags, ...)
{
	va_list ap;
	mode_t mode;

	va_start(ap, flags);
	mode = flags & O_CREAT ? (mode_t)va_arg(ap, int) : 0;
	va_end(ap);
	if (before_open && strcmp(name, "a") == 0)
		cr_assert_eq(renameat2(dir_fd, name, AT_FDCWD, before_open, RENAME_EXCHANGE), 0);
	return (int)syscall(SYS_openat, dir_fd, name, flags, mode);
}

/* A counted job walks its tree: what became another thing since it was a file is none. */
static void expect_not_counted(const char *what)
{
	struct ctm_looking l = asked_looking();
	struct ctm_totals totals = {0};
	char path[256];

	snprintf(path, sizeof path, "%s", what);
	asked_there("a", "12345");
	asked_there("b", "1");
	before_open = path;
	cr_expect(ctm_look_walk(&l, &totals) || asked.result.answer == CTM_LOOK_CANNOT_TELL);
	before_open = NULL;
	cr_expect_leq(totals.files, 1, "\"%s\" was counted", what);
	cr_expect_leq(totals.bytes, 1, "the bytes of \"%s\" were counted", what);
	ctm_close_fd(&l.root_fd);
}

Test(look_race, counted_file_for_fifo)
{
	scratch_make_dir("stage");
	cr_assert_eq(mkfifo(scratch_path("stage/fifo"), 0600), 0);
	expect_not_counted(scratch_path("stage/fifo"));
}

Test(look_race, counted_file_for_device)
{
	scratch_make_dir("stage");
	if (mknod(scratch_path("stage/null"), S_IFCHR | 0666, makedev(1, 3)) < 0)
		cr_skip_test("may not make a device");
	expect_not_counted(scratch_path("stage/null"));
}

Test(look_race, counted_file_for_link)
{
	scratch_make_dir("outside");
	scratch_make_dir("stage");
	scratch_write("outside/a", "12345");
	cr_assert_eq(symlink(scratch_path("outside/a"), scratch_path("stage/link")), 0);
	expect_not_counted(scratch_path("stage/link"));
}

Test(look_race, counted_file_for_directory)
{
	scratch_make_dir("stage/dir");
	expect_not_counted(scratch_path("stage/dir"));
}
