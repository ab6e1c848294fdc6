/* SPDX-License-Identifier: MIT */
/* Each in a child of its own: who has become another user can't go back. */
#include "owner.h"

#include <dlfcn.h>
#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "leaks.h"

TestSuite(owner, .fini = ctm_test_check_leaks);

#define NOBODY 65534

/* What the user database answers, if it can't be asked. */
static int lookup_error;

int getpwuid_r(uid_t uid, struct passwd *entry, char *space, size_t size, struct passwd **found)
{
	int (*next)(uid_t, struct passwd *, char *, size_t, struct passwd **);

	*(void **)&next = dlsym(RTLD_NEXT, "getpwuid_r");
	*found = NULL;
	return lookup_error ? lookup_error : next(uid, entry, space, size, found);
}

/* Runs it in a child. */
static void expect_in_child(bool (*holds)(void), const char *what)
{
	int status;
	pid_t child = fork();

	if (child == 0)
		_exit(holds() ? 0 : 1);
	cr_assert_eq(waitpid(child, &status, 0), child);
	cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%s", what);
}

/* Whether root's supplementary groups are gone: those that were set, and group 0. */
static bool has_no_group_of_root(void)
{
	gid_t groups[64];
	int n = getgroups(64, groups);

	for (int i = 0; i < n; i++)
		if (groups[i] == 0 || groups[i] == 4242)
			return false;
	return n >= 0;
}

static bool has_groups_of_root(void)
{
	const gid_t groups[] = {0, 4242};

	return setgroups(2, groups) == 0 && !has_no_group_of_root();
}

static bool becomes_nobody(void)
{
	uid_t real;
	uid_t effective;
	uid_t saved;
	struct ctm_error e = CTM_ERROR_INIT;
	const struct passwd *entry = getpwuid(NOBODY);

	if (!has_groups_of_root() || ctm_owner_become(NOBODY, NOBODY, "/state", &e) < 0 ||
		getresuid(&real, &effective, &saved) < 0)
		return false;
	return real == NOBODY && effective == NOBODY && saved == NOBODY &&
	       getegid() == (entry ? entry->pw_gid : NOBODY) && setuid(0) < 0 && setgid(0) < 0 &&
	       has_no_group_of_root();
}

/* One that the user database does not know. */
static bool becomes_a_number(void)
{
	return has_groups_of_root() && ctm_owner_become(4242421, 4242422, "/state", NULL) == 0 &&
	       getuid() == 4242421 && getgid() == 4242422 && getgroups(0, NULL) == 0 &&
	       setuid(0) < 0;
}

/* Some C libraries, and modules of them, say so of a user that is not there. */
static bool becomes_a_number_that_is_not_found(void)
{
	lookup_error = ENOENT;
	return becomes_a_number();
}

/* Whether nothing of root's was given up, and the complaint says who, where, and that. */
static bool stayed_root(const struct ctm_error *e, const char *what)
{
	return geteuid() == 0 && getegid() == 0 && !has_no_group_of_root() &&
	       strstr(e->text, "uid 4242421") && strstr(e->text, "\"/srv/state\"") &&
	       strstr(e->text, what);
}

/* As where a container's volume is 4242421:0: root's group is no group of that user. */
static bool leaves_the_group_of_root(void)
{
	struct ctm_error e = CTM_ERROR_INIT;

	return has_groups_of_root() && ctm_owner_become(4242421, 0, "/srv/state", &e) == -EPERM &&
	       stayed_root(&e, "chgrp 4242421");
}

/* Who can't be looked up may have groups: the user is not taken for one without. */
static bool says_that_it_could_not_ask(void)
{
	static const int errors[] = {EIO, EMFILE, ERANGE, ENOMEM};

	for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
		struct ctm_error e = CTM_ERROR_INIT;

		lookup_error = errors[i];
		if (!has_groups_of_root() ||
			ctm_owner_become(4242421, 4242422, "/srv/state", &e) != -errors[i] ||
			!stayed_root(&e, strerror(errors[i])))
			return false;
	}
	return true;
}

/* Root without its capabilities, as in a container that took them: it can't become anybody. */
static bool says_that_it_could_not(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0}};
	struct ctm_error e = CTM_ERROR_INIT;

	return syscall(SYS_capset, &header, none) == 0 &&
	       ctm_owner_become(NOBODY, NOBODY, "/srv/state", &e) == -EPERM && geteuid() == 0 &&
	       strstr(e.text, "cannot become user ") && strstr(e.text, "\"/srv/state\"") &&
	       strstr(e.text, strerror(EPERM));
}

static bool is_refused(void)
{
	struct ctm_error e = CTM_ERROR_INIT;

	if (setgid(NOBODY) < 0 || setuid(NOBODY) < 0)
		return false;
	return ctm_owner_become(4242421, 4242422, "/srv/state", &e) == -EPERM &&
	       getuid() == NOBODY && strstr(e.text, "\"/srv/state\"") &&
	       strstr(e.text, "uid 4242421") && strstr(e.text, "this is user ");
}

static bool is_refused_to_become_root(void)
{
	struct ctm_error e = CTM_ERROR_INIT;

	return setuid(NOBODY) == 0 && ctm_owner_become(0, 0, "/srv/state", &e) == -EPERM &&
	       strstr(e.text, "belongs to user root");
}

Test(owner, already)
{
	const gid_t gid = getegid();

	cr_expect_eq(ctm_owner_become(geteuid(), 12345, "/state", NULL), 0);
	cr_expect_eq(getegid(), gid, "it stays as it is");
}

Test(owner, root_becomes)
{
	if (geteuid() != 0)
		cr_skip_test("needs root");
	expect_in_child(becomes_nobody, "a user that the system knows, for good");
	expect_in_child(becomes_a_number, "one that it does not know");
	expect_in_child(becomes_a_number_that_is_not_found, "in whatever way it is not known");
	expect_in_child(leaves_the_group_of_root, "but never with root's group");
	expect_in_child(says_that_it_could_not_ask, "and nobody, where that is not to be known");
	expect_in_child(says_that_it_could_not, "or a failure, never root's own work on it");
	cr_expect_eq(geteuid(), 0);
}

Test(owner, others_do_not)
{
	if (geteuid() != 0)
		cr_skip_test("needs root to become somebody else");
	expect_in_child(is_refused, "both names are said");
	expect_in_child(is_refused_to_become_root, "not even for root's own state");
}
