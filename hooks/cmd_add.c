/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "add.h"
#include "command.h"
#include "files.h"
#include "options.h"

/* The registration is committed by now: the input file never names a job that nobody knows. */
static int write_input(const struct ctm_buf *input, const char *file, struct ctm_error *e)
{
	int r;

	if (file) {
		r = ctm_files_replace(file, input->data ? input->data : "", input->len, 0600);
		return r < 0 ? ctm_error_set(e, r, "cannot write \"%s\": %s", file, strerror(-r))
			     : 0;
	}
	r = ctm_files_write(STDOUT_FILENO, input->data, input->len);
	return r < 0 ? ctm_error_set(e, r, "cannot write the input file: %s", strerror(-r)) : 0;
}

/* What stands there is replaced whole, and so is a file or nothing. */
static int check_file(const char *file, struct ctm_error *e)
{
	struct stat st;

	if (!file || lstat(file, &st) < 0 || S_ISREG(st.st_mode))
		return 0;
	return ctm_error_set(e, -EINVAL,
		"\"%s\" is no regular file, and would be replaced by one: for standard output "
		"write --input alone",
		file);
}

static int run(const struct ctm_command *command, int argc, char **argv)
{
	struct ctm_added added = CTM_ADDED_INIT;
	struct ctm_error e = CTM_ERROR_INIT;
	struct ctm_session session;
	const char *file = NULL;
	bool with_input = false;
	const struct ctm_option options[] = {
		{.name = "--input", .value = &file, .flag = &with_input, .optional = true},
	};
	int r = ctm_options_parse(command, options, 1, &argc, argv);

	if (r)
		return r;
	if (argc < 2)
		return ctm_command_usage(command, "no SIDECAR is named");
	r = check_file(file, &e);
	if (r < 0)
		return ctm_command_fail(&e, r);
	r = ctm_session_open(&session, CTM_STATE_CREATE, &(struct ctm_enclosing){.file = file});
	if (r)
		return r;
	r = ctm_add(&session, argv + 1, argc - 1, with_input, &added, &e);
	if (r == 0 && with_input)
		r = ctm_add_input(&session, &added, &e);
	if (r == 0 && with_input && !added.bad)
		r = write_input(&added.input, file, &e);
	session.state->work |= added.jobs.n > 0;
	ctm_session_close(&session);
	ctm_added_done(&added);
	if (r < 0)
		return ctm_command_fail(&e, r);
	return added.bad ? CTM_EXIT_FAILED : CTM_EXIT_DONE;
}

const struct ctm_command ctm_command_add = {
	.name = "add",
	.arguments = "[--input[=FILE]] SIDECAR...",
	.summary = "register jobs, or update known ones",
	.help = "  --input[=FILE]  write an aria2 input file (uri, gid, dir, out, checksum, options) for the\n"
		"                  files that are still missing, to standard output or whole to FILE; then\n"
		"                  each file is tied to its download by a gid\n\n"
		"The sidecar is taken at once and need not be in [sidecar] dir. A bad one, also one whose\n"
		"endpoint is not configured, is complained of, is not registered, and stops no other; but no\n"
		"input file is written then, and the exit status is 1.\n",
	.run = run,
};
