/* SPDX-License-Identifier: MIT */
#include "sidecar_read.h"

#include <grp.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "leaks.h"

TestSuite(sidecar_trust, .fini = ctm_test_check_leaks);

#define STATE_OWNER 54321u /* nobody of that number is in the user database */
#define ADMIN 54322u
#define STRANGER 54323u

static bool judge(uid_t uid, gid_t gid, mode_t mode, const struct ctm_sidecar_trust *trust)
{
	const struct stat st = {.st_uid = uid, .st_gid = gid, .st_mode = mode};
	struct ctm_complaints c = {.file = "s"};
	const bool trusted = ctm_sidecar_is_trusted(&st, trust, &c);

	cr_expect_eq(c.errors, trusted ? 0 : 1);
	return trusted;
}

Test(sidecar_trust, owners)
{
	static const uid_t owners[] = {ADMIN};
	const struct ctm_sidecar_trust plain = {.state_owner = STATE_OWNER};
	const struct ctm_sidecar_trust named = {
		.state_owner = STATE_OWNER, .owners = owners, .n_owners = 1};
	const struct ctm_sidecar_trust trusted = {.state_owner = STATE_OWNER,
		.owners = owners,
		.n_owners = 1,
		.in_trusted_dir = true};

	cr_expect(judge(0, 0, S_IFREG | 0644, &plain));
	cr_expect(judge(STATE_OWNER, 0, S_IFREG | 0600, &plain));
	cr_expect_not(judge(ADMIN, 0, S_IFREG | 0600, &plain));
	cr_expect(judge(0, 0, S_IFREG | 0644, &named));
	cr_expect(judge(ADMIN, 0, S_IFREG | 0644, &named));
	cr_expect_not(judge(STATE_OWNER, 0, S_IFREG | 0644, &named));
	cr_expect_not(judge(STRANGER, 0, S_IFREG | 0644, &named));
	cr_expect(judge(STRANGER, 0, S_IFREG | 0644, &trusted));
	cr_expect_not(judge(STRANGER, 0, S_IFREG | 0646, &trusted));
}

Test(sidecar_trust, beside)
{
	static const uid_t owners[] = {ADMIN, STATE_OWNER};
	const struct ctm_sidecar_trust plain = {.state_owner = STATE_OWNER, .beside = true};
	const struct ctm_sidecar_trust named = {.state_owner = STATE_OWNER,
		.owners = owners,
		.n_owners = 2,
		.beside = true,
		.in_trusted_dir = true};

	cr_expect(judge(0, 0, S_IFREG | 0644, &plain));
	cr_expect_not(judge(STATE_OWNER, 0, S_IFREG | 0644, &plain));
	cr_expect(judge(ADMIN, 0, S_IFREG | 0644, &named));
	cr_expect_not(judge(STATE_OWNER, 0, S_IFREG | 0644, &named));
	cr_expect_not(judge(STRANGER, 0, S_IFREG | 0644, &named));
	cr_expect_not(judge(0, getegid(), S_IFREG | 0664, &plain));
}

Test(sidecar_trust, modes)
{
	const struct ctm_sidecar_trust trust = {.state_owner = geteuid()};
	const struct ctm_sidecar_trust other = {.state_owner = STATE_OWNER};

	cr_expect(judge(0, getegid(), S_IFREG | 0664, &trust));
	cr_expect_not(judge(0, STRANGER, S_IFREG | 0664, &trust));
	cr_expect_not(judge(0, 0, S_IFREG | 0664, &other));
	cr_expect_not(judge(0, 0, S_IFREG | 0602, &trust));
	cr_expect_not(judge(0, 0, S_IFREG | 0666, &trust));
	cr_expect_not(judge(0, 0, S_IFDIR | 0755, &trust));
	cr_expect_not(judge(0, 0, S_IFIFO | 0644, &trust));
	cr_expect_not(judge(0, 0, S_IFLNK | 0777, &trust));
}

/* A state owner without an entry in the user database has the groups that the process has. */
Test(sidecar_trust, groups_of_the_process)
{
	const struct ctm_sidecar_trust trust = {.state_owner = STATE_OWNER};
	const gid_t groups[] = {ADMIN, STRANGER};

	if (geteuid() != 0)
		cr_skip_test("only root can become another user");
	cr_assert_eq(setgroups(2, groups), 0);
	cr_assert_eq(setegid(ADMIN + 10), 0);
	cr_assert_eq(seteuid(STATE_OWNER), 0);
	cr_expect(judge(0, STRANGER, S_IFREG | 0664, &trust));
	cr_expect(judge(0, ADMIN + 10, S_IFREG | 0664, &trust));
	cr_expect_not(judge(0, ADMIN + 11, S_IFREG | 0664, &trust));
}
