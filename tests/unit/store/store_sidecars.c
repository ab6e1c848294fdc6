/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shelf.h"

TestSuite(store_sidecars, .init = shelf_init, .fini = shelf_done);

static void put(struct ctm_txn *txn, const char *path, enum ctm_sidecar_fate fate)
{
	char id[] = "{1}";
	char endpoint[] = "ctm";
	char complaint[] = "bad";
	const struct ctm_sidecar_record record = {
		.path = (char *)(uintptr_t)path,
		.fate = fate,
		.mtime_ns = 1,
		.size = 2,
		.inode = 3,
		.job = 4,
		.first_s = 5,
		.id = id,
		.endpoint = endpoint,
		.complaint = complaint,
	};

	cr_assert_eq(ctm_store_sidecar_put(txn, &record), 0);
}

static int fate_of(struct ctm_txn *txn, const char *path)
{
	struct ctm_sidecar_record record;
	int r = ctm_store_sidecar_get(txn, path, &record);

	if (r < 0)
		return r;
	cr_expect_str_eq(record.path, path);
	r = (int)record.fate;
	ctm_sidecar_record_done(&record);
	cr_expect_null(record.path);
	return r;
}

SHELF_TEST(store_sidecars, put_get_delete)
{
	struct ctm_sidecar_record record;

	cr_expect_eq(fate_of(txn, "/jobs/a.ctm.ini"), -ENOENT);
	put(txn, "/jobs/a.ctm.ini", CTM_FATE_NOT_WHOLE);
	put(txn, "/jobs/a.ctm.ini", CTM_FATE_REGISTERED);
	put(txn, "/jobs/b.ctm.ini", CTM_FATE_INVALID);
	cr_assert_eq(ctm_store_sidecar_get(txn, "/jobs/a.ctm.ini", &record), 0);
	cr_expect(record.fate == CTM_FATE_REGISTERED && record.mtime_ns == 1 && record.size == 2 &&
		  record.inode == 3 && record.job == 4 && record.first_s == 5);
	cr_expect_str_eq(record.id, "{1}");
	cr_expect_str_eq(record.complaint, "bad");
	ctm_sidecar_record_done(&record);
	cr_expect_eq(ctm_store_sidecar_delete(txn, "/jobs/a.ctm.ini"), 0);
	cr_expect_eq(ctm_store_sidecar_delete(txn, "/jobs/a.ctm.ini"), 0);
	cr_expect_eq(fate_of(txn, "/jobs/a.ctm.ini"), -ENOENT);
	cr_expect_eq(fate_of(txn, "/jobs/b.ctm.ini"), CTM_FATE_INVALID);
}

static bool same_volume(const struct ctm_volume *a, const struct ctm_volume *b)
{
	return a->boot == b->boot && a->device == b->device && a->type == b->type &&
	       a->directory == b->directory && a->mount_len == b->mount_len;
}

/* Where a sidecar is goes with its record; an older version wrote none. */
SHELF_TEST(store_sidecars, volumes)
{
	const struct ctm_volume put_in = {
		.boot = 1, .device = 2, .type = 3, .directory = 4, .mount_len = 5};
	const struct ctm_volume unknown = {0};
	struct ctm_volume out = put_in;

	put(txn, "/jobs/a.ctm.ini", CTM_FATE_REGISTERED);
	cr_expect_eq(ctm_store_volume_get(txn, "/jobs/a.ctm.ini", &out), 0);
	cr_expect(same_volume(&out, &unknown));
	cr_expect_eq(ctm_store_volume_put(txn, "/jobs/a.ctm.ini", &put_in), 0);
	cr_expect_eq(ctm_store_volume_get(txn, "/jobs/a.ctm.ini", &out), 0);
	cr_expect(same_volume(&out, &put_in));
	cr_expect_eq(ctm_store_sidecar_delete(txn, "/jobs/a.ctm.ini"), 0);
	cr_expect_eq(ctm_store_volume_get(txn, "/jobs/a.ctm.ini", &out), 0);
	cr_expect(same_volume(&out, &unknown));
}

/* Long paths, of which the key holds the hash and the end. */
SHELF_TEST(store_sidecars, long_paths)
{
	char paths[3][600];

	for (int i = 0; i < 3; i++) {
		memset(paths[i], 'x', sizeof paths[i]);
		paths[i][0] = '/';
		paths[i][sizeof paths[i] - 1] = '\0';
	}
	paths[1][5] = 'y';
	paths[2][597] = 'y';
	put(txn, paths[0], CTM_FATE_INVALID);
	cr_expect_eq(fate_of(txn, paths[1]), -ENOENT);
	put(txn, paths[1], CTM_FATE_REFUSED);
	put(txn, paths[2], CTM_FATE_DUPLICATE);
	cr_expect_eq(fate_of(txn, paths[0]), CTM_FATE_INVALID);
	cr_expect_eq(fate_of(txn, paths[1]), CTM_FATE_REFUSED);
	cr_expect_eq(fate_of(txn, paths[2]), CTM_FATE_DUPLICATE);
}

static int count(struct ctm_txn *txn, const struct ctm_sidecar_record *record, void *context)
{
	uint32_t *n = context;

	++*n;
	return *n == 4 ? 6 : ctm_store_sidecar_delete(txn, record->path);
}

SHELF_TEST(store_sidecars, each)
{
	uint32_t n = 0;

	cr_expect_eq(ctm_store_sidecar_each(txn, count, &n), 0);
	for (int i = 0; i < 6; i++) {
		char path[64];

		snprintf(path, sizeof path, "/jobs/%d.ctm.ini", i);
		put(txn, path, CTM_FATE_REGISTERED);
	}
	cr_expect_eq(ctm_store_sidecar_each(txn, count, &n), 6, "the visitor ends it");
	n = 10;
	cr_expect_eq(ctm_store_sidecar_each(txn, count, &n), 0, "the list may change");
	cr_expect_eq(n, 13);
}

static int count_bad(struct ctm_txn *txn, const struct ctm_sidecar_record *record, void *context)
{
	(void)txn;
	cr_expect_neq(record->fate, CTM_FATE_REGISTERED);
	++*(uint32_t *)context;
	return 0;
}

/* Those that are no job, and not the others. */
SHELF_TEST(store_sidecars, each_bad)
{
	uint32_t n = 0;

	for (unsigned fate = CTM_FATE_REGISTERED; fate <= CTM_FATE_DUPLICATE; fate++) {
		for (int i = 0; i < 3; i++) {
			char path[64];

			snprintf(path, sizeof path, "/jobs/%u-%d.ctm.ini", fate, i);
			put(txn, path, (enum ctm_sidecar_fate)fate);
		}
	}
	cr_expect_eq(ctm_store_sidecar_each_bad(txn, count_bad, &n), 0);
	cr_expect_eq(n, 12);
}
