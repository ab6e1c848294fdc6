/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "guid.h"
#include "pack.h"
#include "store_keys.h"
#include "store_records.h"

static struct ctm_key key_of(enum ctm_table table, uint32_t number)
{
	struct ctm_key key = ctm_key(table);

	ctm_key_u32(&key, number);
	return key;
}

static int key_of_guid(const char *id, struct ctm_key *ret_key)
{
	char text[CTM_GUID_KEY];
	int r = ctm_guid_key(id, text);

	if (r < 0)
		return r;
	*ret_key = ctm_key(CTM_TABLE_GUID);
	ctm_key_text(ret_key, text);
	return 0;
}

int ctm_store_job_put(struct ctm_txn *txn, const struct ctm_job *job)
{
	struct ctm_key key = key_of(CTM_TABLE_JOB, job->number);
	struct ctm_buf b = CTM_BUF_INIT(CTM_RECORD_LIMIT);

	int r;

	ctm_record_pack_job(&b, job);
	r = ctm_txn_put_buf(txn, &key, &b);
	return r < 0 || !txn->watcher ? r : txn->watcher(job->number, txn->watching);
}

int ctm_store_text_put(struct ctm_txn *txn, uint32_t number, const struct ctm_job_text *text)
{
	struct ctm_key key = key_of(CTM_TABLE_TEXT, number);
	struct ctm_buf b = CTM_BUF_INIT(CTM_RECORD_LIMIT);

	ctm_record_pack_text(&b, text);
	return ctm_txn_put_buf(txn, &key, &b);
}

int ctm_store_job_add(struct ctm_txn *txn, struct ctm_job *job, const struct ctm_job_text *text)
{
	struct ctm_key guid;
	unsigned char raw[4];
	uint64_t number;
	int r = key_of_guid(text->id, &guid);

	if (r == 0)
		r = ctm_store_setting_get(txn, CTM_SETTING_NEXT_JOB, &number);
	if (r < 0)
		return r;
	if (number >= UINT32_MAX)
		return -EOVERFLOW;
	job->number = (uint32_t)number + 1;
	ctm_put_u32(raw, job->number);
	r = ctm_store_setting_put(txn, CTM_SETTING_NEXT_JOB, number + 1);
	if (r == 0)
		r = ctm_txn_put(txn, &guid, raw, sizeof raw);
	if (r == 0)
		r = ctm_store_text_put(txn, job->number, text);
	return r < 0 ? r : ctm_store_job_put(txn, job);
}

int ctm_store_job_get(struct ctm_txn *txn, uint32_t number, struct ctm_job *ret_job)
{
	struct ctm_key key = key_of(CTM_TABLE_JOB, number);
	MDB_val v;
	int r = ctm_txn_get(txn, &key, &v);

	return r < 0 ? r : ctm_record_unpack_job(&v, number, ret_job);
}

int ctm_store_text_get(struct ctm_txn *txn, uint32_t number, struct ctm_job_text *ret_text)
{
	struct ctm_key key = key_of(CTM_TABLE_TEXT, number);
	MDB_val v;
	int r = ctm_txn_get(txn, &key, &v);

	return r < 0 ? r : ctm_record_unpack_text(&v, ret_text);
}

int ctm_store_job_find(struct ctm_txn *txn, const char *id, uint32_t *ret_number)
{
	struct ctm_key key;
	MDB_val v;
	int r = key_of_guid(id, &key);

	if (r == 0)
		r = ctm_txn_get(txn, &key, &v);
	if (r < 0)
		return r;
	if (v.mv_size != 4)
		return -EBADMSG;
	*ret_number = ctm_get_u32(v.mv_data);
	return 0;
}

int ctm_store_job_each(struct ctm_txn *txn, ctm_store_job_visitor *visit, void *context)
{
	struct ctm_key key = ctm_key(CTM_TABLE_JOB);
	struct ctm_job job;
	MDB_val v;
	int r = 0;

	while (r == 0) {
		r = ctm_txn_next(txn, &key, 1, false, &v);
		if (r == 0 && key.len != 5)
			r = -EBADMSG;
		if (r == 0)
			r = ctm_record_unpack_job(&v, ctm_get_u32(key.data + 1), &job);
		if (r < 0)
			break;
		r = visit(txn, &job, context);
	}
	return r == -ENOENT ? 0 : r;
}

/* What leads to the job from its text: the GUID and the root. */
static int delete_ways(struct ctm_txn *txn, uint32_t number)
{
	struct ctm_job_text text;
	struct ctm_key guid;
	int r = ctm_store_text_get(txn, number, &text);

	if (r < 0)
		return r;
	r = key_of_guid(text.id, &guid);
	if (r == 0)
		r = ctm_txn_delete(txn, &guid);
	if (r == 0)
		r = ctm_store_root_delete(txn, number, text.local_path);
	ctm_job_text_done(&text);
	return r;
}

int ctm_store_job_delete(struct ctm_txn *txn, uint32_t number)
{
	static const enum ctm_table tables[] = {
		CTM_TABLE_JOB, CTM_TABLE_TEXT, CTM_TABLE_MESSAGE, CTM_TABLE_PROGRESS};
	static const enum ctm_work works[] = {CTM_WORK_VERIFY, CTM_WORK_SEND, CTM_WORK_PROGRESS};
	int r = delete_ways(txn, number);

	if (r == 0)
		r = ctm_store_file_delete_all(txn, number);
	for (size_t i = 0; r == 0 && i < sizeof works / sizeof *works; i++)
		r = ctm_store_work_delete(txn, works[i], number);
	for (size_t i = 0; r == 0 && i < sizeof tables / sizeof *tables; i++) {
		struct ctm_key key = key_of(tables[i], number);

		r = ctm_txn_delete(txn, &key);
	}
	return r;
}
