/* SPDX-License-Identifier: MIT */
/*
 * What aria2 is to be asked, and what it was seen to have.
 */
#include <errno.h>

#include "pack.h"
#include "store_keys.h"
#include "store_records.h"

/* Lengths of keys: letter, gid, type; letter, gid. */
#define QUESTION_LEN 13
#define KNOWN_LEN 9

static struct ctm_key question_key(const struct ctm_event *event)
{
	struct ctm_key key = ctm_key(CTM_TABLE_QUESTION);

	ctm_key_u64(&key, event->gid);
	ctm_key_u32(&key, event->type);
	return key;
}

/* When the event of the question that is there was; 0: there is none. */
static int get_time(struct ctm_txn *txn, const struct ctm_key *key, int64_t *ret_wall_ms)
{
	struct ctm_question question;
	MDB_val v;
	int r = ctm_txn_get(txn, key, &v);

	*ret_wall_ms = 0;
	if (r == 0)
		r = ctm_record_unpack_question(&v, &question);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	*ret_wall_ms = question.event.wall_ms;
	ctm_event_done(&question.event);
	return 0;
}

int ctm_store_question_put(
	struct ctm_txn *txn, const struct ctm_event *event, const struct ctm_stamp *now)
{
	const struct ctm_question question = {.event = *event, .since = *now};
	struct ctm_key key = question_key(event);
	struct ctm_buf b = CTM_BUF_INIT(CTM_RECORD_LIMIT);
	int64_t known_ms;
	int r = get_time(txn, &key, &known_ms);

	if (r < 0 || (known_ms && event->wall_ms <= known_ms))
		return r;
	ctm_record_pack_question(&b, &question);
	return ctm_txn_put_buf(txn, &key, &b);
}

int ctm_store_question_delete(struct ctm_txn *txn, const struct ctm_event *event)
{
	struct ctm_key key = question_key(event);
	int64_t known_ms;
	int r = get_time(txn, &key, &known_ms);

	return r < 0 || known_ms > event->wall_ms ? r : ctm_txn_delete(txn, &key);
}

int ctm_store_question_any(struct ctm_txn *txn, bool *ret_any)
{
	struct ctm_key key = ctm_key(CTM_TABLE_QUESTION);
	int r = ctm_txn_next(txn, &key, 1, false, NULL);

	if (r < 0 && r != -ENOENT)
		return r;
	*ret_any = r == 0;
	return 0;
}

int ctm_store_question_each(struct ctm_txn *txn, ctm_store_question_visitor *visit, void *context)
{
	struct ctm_key key = ctm_key(CTM_TABLE_QUESTION);
	int r = 0;

	while (r == 0) {
		struct ctm_question question;
		MDB_val v;

		r = ctm_txn_next(txn, &key, 1, false, &v);
		if (r == 0 && key.len != QUESTION_LEN)
			r = -EBADMSG;
		if (r == 0)
			r = ctm_record_unpack_question(&v, &question);
		if (r < 0)
			break;
		r = visit(txn, &question, context);
		ctm_event_done(&question.event);
	}
	return r == -ENOENT ? 0 : r;
}

static struct ctm_key known_key(uint64_t gid)
{
	struct ctm_key key = ctm_key(CTM_TABLE_KNOWN);

	ctm_key_u64(&key, gid);
	return key;
}

int ctm_store_known_get(struct ctm_txn *txn, uint64_t gid, struct ctm_known *ret_known)
{
	struct ctm_key key = known_key(gid);
	MDB_val v;
	int r = ctm_txn_get(txn, &key, &v);

	if (r == -ENOENT) {
		*ret_known = (struct ctm_known){0};
		return 0;
	}
	return r < 0 ? r : ctm_record_unpack_known(&v, ret_known);
}

int ctm_store_known_put(struct ctm_txn *txn, uint64_t gid, const struct ctm_known *known)
{
	struct ctm_key key = known_key(gid);
	struct ctm_buf b = CTM_BUF_INIT(CTM_RECORD_LIMIT);

	ctm_record_pack_known(&b, known);
	return ctm_txn_put_buf(txn, &key, &b);
}

int ctm_store_known_delete(struct ctm_txn *txn, uint64_t gid)
{
	struct ctm_key key = known_key(gid);

	return ctm_txn_delete(txn, &key);
}

int ctm_store_known_each(struct ctm_txn *txn, ctm_store_known_visitor *visit, void *context)
{
	struct ctm_key key = ctm_key(CTM_TABLE_KNOWN);
	int r = 0;

	while (r == 0) {
		struct ctm_known known;
		MDB_val v;

		r = ctm_txn_next(txn, &key, 1, false, &v);
		if (r == 0 && key.len != KNOWN_LEN)
			r = -EBADMSG;
		if (r == 0)
			r = ctm_record_unpack_known(&v, &known);
		if (r == 0)
			r = visit(txn, ctm_get_u64(key.data + 1), &known, context);
	}
	return r == -ENOENT ? 0 : r;
}
