/* SPDX-License-Identifier: MIT */
#include "asked.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <criterion/criterion.h>

#include "clock.h"

struct asked asked;

void asked_init(void)
{
	scratch_init();
	asked.request = (struct ctm_look_request){
		.kind = CTM_KIND_LISTED,
		.id = strdup("{00000000-0000-0000-0000-000000000001}"),
		.local_path = strdup(scratch_make_dir("dl")),
		.created_ms = ctm_clock_wall_ms(),
		.boot = ctm_clock_now().boot,
	};
}

void asked_done(void)
{
	ctm_look_request_done(&asked.request);
	ctm_look_result_done(&asked.result);
	scratch_done();
}

struct ctm_file *asked_file(const char *name)
{
	struct ctm_look_request *request = &asked.request;
	struct ctm_file *file;

	/* The room doubles: sanitizers move a list each time that it grows. */
	if (!(request->n_files & (request->n_files - 1))) {
		size_t room = request->n_files ? 2 * request->n_files : 1;

		request->files = reallocarray(request->files, room, sizeof *request->files);
		cr_assert_not_null(request->files);
	}
	file = &request->files[request->n_files++];
	*file = (struct ctm_file){
		.job = 1,
		.number = (uint32_t)request->n_files,
		.count = 1,
		.evident = true,
		.since_ms = request->created_ms + 1,
	};
	cr_assert_geq(asprintf(&file->path, "%s/%s", request->local_path, name), 0);
	return file;
}

struct ctm_file *asked_there(const char *name, const char *text)
{
	struct ctm_file *file = asked_file(name);
	const char *slash = strrchr(name, '/');
	char below[256];

	snprintf(below, sizeof below, "dl/%.*s", slash ? (int)(slash - name) : 0, name);
	scratch_make_dir(below);
	snprintf(below, sizeof below, "dl/%s", name);
	scratch_write(below, text);
	file->has_size = true;
	file->size = strlen(text);
	file->since_ms = ctm_clock_wall_ms();
	return file;
}

enum ctm_look_answer asked_look(void)
{
	ctm_look_result_done(&asked.result);
	ctm_look(&asked.request, &asked.result);
	return asked.result.answer;
}

uint32_t asked_finding(uint32_t number)
{
	for (size_t i = 0; i < asked.result.n_findings; i++)
		if (asked.result.findings[i].file == number)
			return asked.result.findings[i].hresult;
	return 0;
}

struct ctm_looking asked_looking(void)
{
	struct ctm_looking l = {
		.request = &asked.request,
		.result = &asked.result,
		.root_fd = open(asked.request.local_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC),
	};
	struct stat st;

	cr_assert_geq(l.root_fd, 0);
	cr_assert_eq(fstat(l.root_fd, &st), 0);
	l.root_device = st.st_dev;
	return l;
}
