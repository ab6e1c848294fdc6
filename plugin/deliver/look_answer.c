/* SPDX-License-Identifier: MIT */
/*
 * What a look has found so far: the first thing that is not right gives it its text.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hresult.h"
#include "look_internal.h"

void ctm_look_request_drop_files(struct ctm_look_request *request)
{
	for (size_t i = 0; i < request->n_files; i++)
		ctm_file_done(&request->files[i]);
	free(request->files);
	request->files = NULL;
	request->n_files = request->cap_files = 0;
}

void ctm_look_request_done(struct ctm_look_request *request)
{
	ctm_look_request_drop_files(request);
	free(request->id);
	free(request->local_path);
	free(request->sidecar.path);
	*request = (struct ctm_look_request){0};
}

void ctm_look_result_done(struct ctm_look_result *result)
{
	for (size_t i = 0; i < result->n_findings; i++)
		free(result->findings[i].text);
	free(result->findings);
	free(result->seen);
	*result = (struct ctm_look_result){0};
}

bool ctm_look_has_fault(const struct ctm_look_result *result)
{
	bool has = result->all_wrong;

	for (size_t i = 0; i < result->n_findings && !has; i++)
		has = result->findings[i].hresult == CTM_E_WRITE_FAULT;
	return has;
}

static void say_first(struct ctm_look_result *result, uint32_t hresult, const char *text)
{
	if (result->text[0])
		return;
	result->hresult = hresult;
	snprintf(result->text, sizeof result->text, "%s", text);
}

/* 0, -ENOBUFS: there are enough, or -ENOMEM. */
static int add_finding(
	struct ctm_look_result *result, uint32_t file, uint32_t hresult, const char *text)
{
	struct ctm_look_finding *findings;
	char *copy;

	if (result->n_findings == CTM_LOOK_FINDINGS)
		return -ENOBUFS;
	findings = reallocarray(result->findings, result->n_findings + 1, sizeof *findings);
	if (!findings)
		return -ENOMEM;
	result->findings = findings;
	copy = strdup(text);
	if (!copy)
		return -ENOMEM;
	findings[result->n_findings++] =
		(struct ctm_look_finding){.file = file, .hresult = hresult, .text = copy};
	return 0;
}

void ctm_look_wrong(struct ctm_looking *l, const struct ctm_file *file, uint32_t hresult,
	const char *format, ...)
{
	struct ctm_look_result *result = l->result;
	char text[sizeof result->text];
	va_list ap;
	int r;

	va_start(ap, format);
	vsnprintf(text, sizeof text, format, ap);
	va_end(ap);
	r = add_finding(result, file->number, hresult, text);
	if (r < 0 && hresult != CTM_E_WRITE_FAULT) {
		if (r == -ENOMEM)
			ctm_look_cannot_tell(l, CTM_E_OUTOFMEMORY, r, "no memory");
		return;
	}
	result->all_wrong |= r < 0;
	/* What is wrong is said before what can't be told; what is so with all files, before all.
	 */
	if (result->answer != CTM_LOOK_WRONG || r < 0)
		result->text[0] = '\0';
	result->answer = CTM_LOOK_WRONG;
	say_first(result, hresult, text);
}

bool ctm_look_is_short(struct ctm_looking *l, int error)
{
	if (error != -ENOMEM && error != -EMFILE && error != -ENFILE)
		return false;
	l->result->error = error;
	if (l->result->answer == CTM_LOOK_RIGHT)
		l->result->answer = CTM_LOOK_CANNOT_TELL;
	return true;
}

void ctm_look_cannot_tell(
	struct ctm_looking *l, uint32_t hresult, int error, const char *format, ...)
{
	char text[sizeof l->result->text];
	va_list ap;

	if (ctm_look_is_short(l, error))
		hresult = CTM_E_OUTOFMEMORY;
	if (l->result->answer == CTM_LOOK_RIGHT)
		l->result->answer = CTM_LOOK_CANNOT_TELL;
	va_start(ap, format);
	vsnprintf(text, sizeof text, format, ap);
	va_end(ap);
	say_first(l->result, hresult, text);
}

void ctm_look_all_wrong(struct ctm_looking *l, uint32_t hresult, const char *format, ...)
{
	char text[sizeof l->result->text];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof text, format, ap);
	va_end(ap);
	for (size_t i = 0; i < l->request->n_files; i++)
		ctm_look_wrong(l, &l->request->files[i], hresult, "%s", text);
}
