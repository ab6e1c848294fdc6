/* SPDX-License-Identifier: MIT */
#include "remark.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define LIMIT 1000u

struct ctm_remark {
	enum ctm_log_level level;
	uint32_t job;
	uint64_t gid;
	uint32_t hresult;
	char *id; /* NULL: not resolved, or gone */
	char *endpoint;
	char text[CTM_ERROR_TEXT];
};

void ctm_remarks_add(struct ctm_remarks *remarks, enum ctm_log_level level, uint32_t job,
	uint64_t gid, uint32_t hresult, const char *format, ...)
{
	struct ctm_remark *remark;
	va_list args;

	if (!ctm_log_wants(level) || remarks->n == LIMIT)
		return;
	/* Rare, and few: grown one by one. */
	remark = reallocarray(remarks->items, remarks->n + 1, sizeof *remark);
	if (!remark)
		return;
	remarks->items = remark;
	remark += remarks->n++;
	*remark = (struct ctm_remark){.level = level, .job = job, .gid = gid, .hresult = hresult};
	va_start(args, format);
	(void)vsnprintf(remark->text, sizeof remark->text, format, args);
	va_end(args);
}

int ctm_remarks_resolve(struct ctm_txn *txn, struct ctm_remarks *remarks)
{
	for (size_t i = 0; i < remarks->n; i++) {
		struct ctm_remark *remark = &remarks->items[i];
		struct ctm_job_text text;
		int r = ctm_store_text_get(txn, remark->job, &text);

		if (r == -ENOENT)
			continue;
		if (r < 0)
			return r;
		free(remark->id);
		free(remark->endpoint);
		remark->id = text.id;
		remark->endpoint = text.endpoint;
		text.id = text.endpoint = NULL;
		ctm_job_text_done(&text);
	}
	return 0;
}

void ctm_remarks_log(const struct ctm_remarks *remarks)
{
	for (size_t i = 0; i < remarks->n; i++) {
		const struct ctm_remark *remark = &remarks->items[i];
		const struct ctm_log_subject subject = {
			.job = remark->id,
			.endpoint = remark->endpoint,
			.gid = remark->gid,
			.hresult = remark->hresult,
		};

		ctm_log(remark->level, &subject, "%s", remark->text);
	}
}

void ctm_remarks_clear(struct ctm_remarks *remarks)
{
	for (size_t i = 0; i < remarks->n; i++) {
		free(remarks->items[i].id);
		free(remarks->items[i].endpoint);
	}
	remarks->n = 0;
}

void ctm_remarks_done(struct ctm_remarks *remarks)
{
	ctm_remarks_clear(remarks);
	free(remarks->items);
	remarks->items = NULL;
}
