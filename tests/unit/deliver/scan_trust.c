/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "scan.h"
#include "world.h"

TestSuite(scan_trust, .init = world_init, .fini = world_done);

static char **owners(const char *first, const char *second)
{
	char **names = calloc(2, sizeof *names);

	cr_assert_not_null(names);
	names[0] = strdup(first);
	names[1] = strdup(second);
	return names;
}

Test(scan_trust, nobody_named)
{
	struct ctm_sidecar_trust trust;

	cr_assert_eq(ctm_scan_trust(world.state, &trust, NULL), 0);
	cr_expect_eq(trust.state_owner, geteuid());
	cr_expect_eq(trust.n_owners, 0);
	cr_expect_not(trust.beside);
	cr_expect_not(trust.at_once);
	cr_expect_eq(trust.in_trusted_dir, geteuid() == 0, "the directory is ours");
	ctm_scan_trust_done(&trust);
	ctm_scan_trust_done(&trust);
}

Test(scan_trust, names)
{
	struct ctm_sidecar_trust trust;

	world.config->owners = owners("root", "nobody");
	world.config->n_owners = 2;
	cr_assert_eq(ctm_scan_trust(world.state, &trust, NULL), 0);
	cr_assert_eq(trust.n_owners, 2);
	cr_expect_eq(trust.owners[0], 0);
	cr_expect_eq(trust.owners[1], 65534);
	ctm_scan_trust_done(&trust);
}

Test(scan_trust, no_such_user)
{
	struct ctm_sidecar_trust trust;
	struct ctm_error e = CTM_ERROR_INIT;

	world.config->owners = owners("root", "no-such-user-here");
	world.config->n_owners = 2;
	cr_expect_eq(ctm_scan_trust(world.state, &trust, &e), -ENOENT);
	cr_expect_not_null(strstr(e.text, "\"no-such-user-here\""), "%s", e.text);
}

Test(scan_trust, directory)
{
	struct ctm_sidecar_trust trust;

	cr_assert_eq(rmdir(scratch_path("state/jobs")), 0);
	cr_assert_eq(ctm_scan_trust(world.state, &trust, NULL), 0);
	cr_expect_not(trust.in_trusted_dir, "there is none");
	ctm_scan_trust_done(&trust);
	if (geteuid() != 0)
		return;
	cr_assert_eq(chmod(scratch_make_dir("state/jobs"), 0777), 0);
	cr_assert_eq(ctm_scan_trust(world.state, &trust, NULL), 0);
	cr_expect_not(trust.in_trusted_dir, "everybody may write to it");
	ctm_scan_trust_done(&trust);
	cr_assert_eq(chmod(scratch_make_dir("state/jobs"), 0755), 0);
	cr_assert_eq(chown(scratch_make_dir("state/jobs"), 65534, 65534), 0);
	cr_assert_eq(ctm_scan_trust(world.state, &trust, NULL), 0);
	cr_expect_not(trust.in_trusted_dir, "it is somebody else's");
	ctm_scan_trust_done(&trust);
}

/* A directory that root owns vouches for what stands in it, and for nothing else. */
Test(scan_trust, named)
{
	struct ctm_sidecar_trust trust = {.in_trusted_dir = true};

	ctm_scan_trust_named(world.config, scratch_path("state/jobs/a.ctm.ini"), &trust);
	cr_expect(trust.in_trusted_dir);
	cr_expect(trust.at_once);
	ctm_scan_trust_named(world.config, scratch_path("state/jobs/../jobs/a.ctm.ini"), &trust);
	cr_expect(trust.in_trusted_dir);
	ctm_scan_trust_named(world.config, scratch_path("state/jobs/sub/a.ctm.ini"), &trust);
	cr_expect_not(trust.in_trusted_dir, "below it");
	trust.in_trusted_dir = true;
	ctm_scan_trust_named(world.config, scratch_path("dl/a.ctm.ini"), &trust);
	cr_expect_not(trust.in_trusted_dir, "elsewhere");
	ctm_scan_trust_named(world.config, scratch_path("state/jobs/a.ctm.ini"), &trust);
	cr_expect_not(trust.in_trusted_dir, "what is not given is not taken");
}
