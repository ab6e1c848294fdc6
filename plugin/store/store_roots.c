/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "hash.h"
#include "pack.h"
#include "store_keys.h"

static struct ctm_key root_key(const char *local_path, uint32_t job)
{
	struct ctm_key key = ctm_key(CTM_TABLE_ROOT);

	ctm_key_u64(&key, ctm_hash(local_path, strlen(local_path)));
	ctm_key_u32(&key, job);
	return key;
}

int ctm_store_root_add(struct ctm_txn *txn, uint32_t job, const char *local_path)
{
	struct ctm_key key = root_key(local_path, job);

	return ctm_txn_put(txn, &key, "", 0);
}

int ctm_store_root_delete(struct ctm_txn *txn, uint32_t job, const char *local_path)
{
	struct ctm_key key = root_key(local_path, job);

	return ctm_txn_delete(txn, &key);
}

/* The jobs whose root hashes to that. */
static int visit_roots(
	struct ctm_txn *txn, uint64_t hash, ctm_store_job_visitor *visit, void *context)
{
	struct ctm_key key = ctm_key(CTM_TABLE_ROOT);
	int r = 0;

	ctm_key_u64(&key, hash);
	while (r == 0) {
		struct ctm_job job;

		r = ctm_txn_next(txn, &key, 9, false, NULL);
		if (r == 0)
			r = ctm_store_job_get(txn, ctm_get_u32(key.data + 9), &job);
		if (r < 0)
			return r == -ENOENT ? 0 : r;
		r = visit(txn, &job, context);
	}
	return r;
}

int ctm_store_root_each(
	struct ctm_txn *txn, const char *path, ctm_store_job_visitor *visit, void *context)
{
	struct ctm_key any = ctm_key(CTM_TABLE_ROOT);
	uint64_t hash = CTM_HASH_INIT;
	int r = ctm_txn_next(txn, &any, 1, false, NULL);

	/* Most machines have no such job: the walk over the ancestors is then not worth its while.
	 */
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	r = visit_roots(txn, ctm_hash("/", 1), visit, context);
	for (const char *p = path; r == 0 && *p;) {
		size_t len = 1 + strcspn(p + 1, "/");

		if (!p[len])
			break;
		hash = ctm_hash_add(hash, p, len);
		p += len;
		r = visit_roots(txn, hash, visit, context);
	}
	return r;
}

static struct ctm_key ended_key(const char *local_path, size_t len)
{
	struct ctm_key key = ctm_key(CTM_TABLE_ENDED);

	ctm_key_u64(&key, ctm_hash(local_path, len));
	return key;
}

int ctm_store_ended_put(struct ctm_txn *txn, const char *local_path, int64_t ended_ms)
{
	struct ctm_key key = ended_key(local_path, strlen(local_path));

	return ctm_txn_put_u64(txn, &key, (uint64_t)ended_ms);
}

int ctm_store_ended_get(
	struct ctm_txn *txn, const char *local_path, size_t len, int64_t *ret_ended_ms)
{
	struct ctm_key key = ended_key(local_path, len);
	uint64_t value;
	int r = ctm_txn_get_u64(txn, &key, &value);

	if (r == 0)
		*ret_ended_ms = (int64_t)value;
	return r;
}
