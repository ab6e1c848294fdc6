/* SPDX-License-Identifier: MIT */
/*
 * What a look has found so far: the first thing that is not right gives it its text.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "hresult.h"
#include "look_internal.h"

void ctm_look_request_done(struct ctm_look_request *request)
{
	for (size_t i = 0; i < request->n_files; i++)
		ctm_file_done(&request->files[i]);
	free(request->files);
	free(request->id);
	free(request->local_path);
	*request = (struct ctm_look_request){0};
}

void ctm_look_result_done(struct ctm_look_result *result)
{
	free(result->findings);
	*result = (struct ctm_look_result){0};
}

CTM_PRINTF(3, 0)
static void say_first(
	struct ctm_look_result *result, uint32_t hresult, const char *format, va_list ap)
{
	if (result->text[0])
		return;
	result->hresult = hresult;
	vsnprintf(result->text, sizeof result->text, format, ap);
}

void ctm_look_wrong(struct ctm_looking *l, const struct ctm_file *file, uint32_t hresult,
	const char *format, ...)
{
	struct ctm_look_result *result = l->result;
	struct ctm_look_finding *findings;
	va_list ap;

	if (result->n_findings == CTM_LOOK_FINDINGS)
		return;
	findings = reallocarray(result->findings, result->n_findings + 1, sizeof *findings);
	if (!findings) {
		ctm_look_cannot_tell(l, CTM_E_OUTOFMEMORY, "no memory");
		return;
	}
	result->findings = findings;
	findings[result->n_findings++] =
		(struct ctm_look_finding){.file = file->number, .hresult = hresult};
	result->answer = CTM_LOOK_WRONG;
	va_start(ap, format);
	say_first(result, hresult, format, ap);
	va_end(ap);
}

void ctm_look_cannot_tell(struct ctm_looking *l, uint32_t hresult, const char *format, ...)
{
	va_list ap;

	if (l->result->answer == CTM_LOOK_RIGHT)
		l->result->answer = CTM_LOOK_CANNOT_TELL;
	va_start(ap, format);
	say_first(l->result, hresult, format, ap);
	va_end(ap);
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
