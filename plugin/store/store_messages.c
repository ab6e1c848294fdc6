/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "pack.h"
#include "store_keys.h"
#include "store_records.h"

static struct ctm_key message_key(enum ctm_table table, uint32_t job)
{
	struct ctm_key key = ctm_key(table);

	ctm_key_u32(&key, job);
	return key;
}

static int put(struct ctm_txn *txn, enum ctm_table table, const struct ctm_message *message)
{
	struct ctm_key key = message_key(table, message->job);
	struct ctm_buf b = CTM_BUF_INIT(CTM_RECORD_LIMIT);

	ctm_record_pack_message(&b, message);
	return ctm_txn_put_buf(txn, &key, &b);
}

static int get(
	struct ctm_txn *txn, enum ctm_table table, uint32_t job, struct ctm_message *ret_message)
{
	struct ctm_key key = message_key(table, job);
	MDB_val v;
	int r = ctm_txn_get(txn, &key, &v);

	return r < 0 ? r : ctm_record_unpack_message(&v, job, ret_message);
}

int ctm_store_message_put(struct ctm_txn *txn, const struct ctm_message *message)
{
	return put(txn, CTM_TABLE_MESSAGE, message);
}

int ctm_store_message_get(struct ctm_txn *txn, uint32_t job, struct ctm_message *ret_message)
{
	return get(txn, CTM_TABLE_MESSAGE, job, ret_message);
}

int ctm_store_message_from(struct ctm_txn *txn, uint32_t job, uint32_t *ret_job)
{
	struct ctm_key key = message_key(CTM_TABLE_MESSAGE, job);
	int r = ctm_txn_next(txn, &key, 1, true, NULL);

	if (r == 0 && key.len != 5)
		r = -EBADMSG;
	if (r == 0)
		*ret_job = ctm_get_u32(key.data + 1);
	return r;
}

int ctm_store_progress_put(struct ctm_txn *txn, const struct ctm_message *message)
{
	return put(txn, CTM_TABLE_PROGRESS, message);
}

int ctm_store_progress_get(struct ctm_txn *txn, uint32_t job, struct ctm_message *ret_message)
{
	return get(txn, CTM_TABLE_PROGRESS, job, ret_message);
}

int ctm_store_progress_delete(struct ctm_txn *txn, uint32_t job)
{
	struct ctm_key key = message_key(CTM_TABLE_PROGRESS, job);

	return ctm_txn_delete(txn, &key);
}

static struct ctm_key work_key(enum ctm_work work, uint32_t job)
{
	struct ctm_key key = ctm_key(CTM_TABLE_WORK);

	ctm_key_u32(&key, work);
	ctm_key_u32(&key, job);
	return key;
}

int ctm_store_work_add(struct ctm_txn *txn, enum ctm_work work, uint32_t job)
{
	struct ctm_key key = work_key(work, job);

	return ctm_txn_put(txn, &key, "", 0);
}

int ctm_store_work_delete(struct ctm_txn *txn, enum ctm_work work, uint32_t job)
{
	struct ctm_key key = work_key(work, job);

	return ctm_txn_delete(txn, &key);
}

int ctm_store_work_each(struct ctm_txn *txn, ctm_store_work_visitor *visit, void *context)
{
	struct ctm_key key = ctm_key(CTM_TABLE_WORK);
	int r = 0;

	while (r == 0) {
		r = ctm_txn_next(txn, &key, 1, false, NULL);
		if (r < 0)
			return r == -ENOENT ? 0 : r;
		r = visit(txn, (enum ctm_work)ctm_get_u32(key.data + 1), ctm_get_u32(key.data + 5),
			context);
	}
	return r;
}
