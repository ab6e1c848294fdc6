/* SPDX-License-Identifier: MIT */
#include "sidecar.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "told.h"

/* The file as such: what is opened, and what is said of it. */
TestSuite(sidecar, .init = test_enter, .fini = test_leave);

#define TEXT                                                                                       \
	"[job]\nid={3F2504E0-4F89-11D3-9A0C-0305E82C3301}\nkind=single\nendpoint=ctm\n"            \
	"local_path=/srv/x\n"

Test(sidecar, says_what_it_read)
{
	const struct ctm_sidecar_trust trust = {.state_owner = geteuid()};
	enum ctm_sidecar_state state = CTM_SIDECAR_REFUSED;
	struct ctm_sidecar *s = NULL;
	struct ctm_error e = CTM_ERROR_INIT;
	char expected[128];
	struct stat st;
	struct stat seen;

	test_write("s.ctm.ini", TEXT, strlen(TEXT));
	cr_assert_eq(stat("s.ctm.ini", &seen), 0);
	cr_assert_eq(ctm_sidecar_load("./s.ctm.ini", &trust, NULL, NULL, &state, &s, &st, &e), 0);
	cr_assert_eq(state, CTM_SIDECAR_GOOD);
	cr_expect_eq(st.st_ino, seen.st_ino);
	cr_expect_eq(st.st_size, (off_t)strlen(TEXT));
	snprintf(expected, sizeof expected, "%s/s.ctm.ini", test_dir);
	cr_expect_str_eq(s->file, expected);
	ctm_sidecar_free(s);
	ctm_sidecar_free(NULL);
}

Test(sidecar, refuses_what_is_no_file, .timeout = 10)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX, .sun_path = "socket.ctm.ini"};
	static const char *const names[] = {"link.ctm.ini", "fifo.ctm.ini", "dir.ctm.ini",
		"socket.ctm.ini", "dangling.ctm.ini"};
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	test_write("s.ctm.ini", TEXT, strlen(TEXT));
	cr_assert_eq(symlink("s.ctm.ini", "link.ctm.ini"), 0);
	cr_assert_eq(symlink("none", "dangling.ctm.ini"), 0);
	cr_assert_eq(mkfifo("fifo.ctm.ini", 0644), 0);
	cr_assert_eq(mkdir("dir.ctm.ini", 0755), 0);
	cr_assert_eq(bind(fd, (const struct sockaddr *)&at, sizeof at), 0);
	close(fd);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct ctm_sidecar *s = NULL;

		cr_expect_eq(test_load(names[i], &s), CTM_SIDECAR_REFUSED, "%s", names[i]);
		cr_expect_null(s);
		cr_expect_not_null(strstr(test_told, "not a regular file"), "%s", test_told);
	}
}

Test(sidecar, cannot_be_opened)
{
	const struct ctm_sidecar_trust trust = {.state_owner = geteuid()};
	enum ctm_sidecar_state state = CTM_SIDECAR_GOOD;
	struct ctm_sidecar *s = NULL;
	struct ctm_error e = CTM_ERROR_INIT;
	struct stat st;

	cr_expect_eq(
		ctm_sidecar_load("none", &trust, test_tell, NULL, &state, &s, &st, &e), -ENOENT);
	cr_expect_str_eq(e.text, "cannot open sidecar \"none\": No such file or directory");
	cr_expect_eq(state, CTM_SIDECAR_GOOD);
	cr_expect_null(s);
	if (geteuid() != 0)
		return;
	test_write("s.ctm.ini", TEXT, strlen(TEXT));
	cr_assert_eq(chmod("s.ctm.ini", 0600), 0);
	cr_assert_eq(seteuid(54321), 0);
	cr_expect_eq(ctm_sidecar_load("s.ctm.ini", &trust, test_tell, NULL, &state, &s, &st, &e),
		-EACCES);
	cr_assert_eq(seteuid(0), 0);
}

Test(sidecar, owner_and_mode_of_the_file)
{
	struct ctm_sidecar *s = NULL;

	test_write("s.ctm.ini", TEXT, strlen(TEXT));
	cr_assert_eq(chmod("s.ctm.ini", 0666), 0);
	cr_expect_eq(test_load("s.ctm.ini", &s), CTM_SIDECAR_REFUSED);
	cr_expect_str_eq(test_told, "E s.ctm.ini: mode 0666 lets everybody write; chmod o-w\n");
	if (geteuid() != 0)
		cr_skip_test("only root can give a file away");
	cr_assert_eq(chmod("s.ctm.ini", 0644), 0);
	cr_assert_eq(chown("s.ctm.ini", 54321, 0), 0);
	cr_expect_eq(test_load("s.ctm.ini", &s), CTM_SIDECAR_REFUSED);
	cr_expect_not_null(strstr(test_told, "owned by user 54321, who is not trusted"));
}

Test(sidecar, too_large)
{
	struct ctm_sidecar *s = NULL;

	test_write("s.ctm.ini", TEXT, strlen(TEXT));
	cr_assert_eq(truncate("s.ctm.ini", (INT64_C(1) << 30) + 1), 0);
	cr_expect_eq(test_load("s.ctm.ini", &s), CTM_SIDECAR_INVALID);
	cr_expect_null(s);
	cr_expect_str_eq(test_told, "E s.ctm.ini: more than 1073741824 bytes\n");
}
