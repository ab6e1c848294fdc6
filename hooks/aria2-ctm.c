/* SPDX-License-Identifier: MIT */
/*
 * aria2-ctm: the command for people
 */
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command.h"
#include "files.h"
#include "rpc_memory.h"
#include "run_aria2.h"
#include "say.h"

static const struct ctm_command *const commands[] = {
	&ctm_command_run,
	&ctm_command_add,
	&ctm_command_status,
	&ctm_command_check,
	&ctm_command_flush,
	&ctm_command_retry,
	&ctm_command_cancel,
	&ctm_command_fail_job,
	&ctm_command_suspend,
	&ctm_command_resume,
	&ctm_command_set,
	&ctm_command_forget,
	&ctm_command_send,
	&ctm_command_explain,
};

#define N_COMMANDS (sizeof commands / sizeof *commands)

static void print_overview(FILE *to)
{
	fprintf(to,
		"usage: aria2-ctm COMMAND [ARGUMENTS]\n"
		"aria2 as an alternate content provider: one truthful final word per CTM job.\n\n");
	for (size_t i = 0; i < N_COMMANDS; i++)
		fprintf(to, "  %-8s %s\n", commands[i]->name, commands[i]->summary);
	fprintf(to,
		"\n\"aria2-ctm COMMAND --help\" says more. A JOB is a GUID, the start of one, or a\n"
		"content_id. Exit status: 0 done, 1 failed, 2 wrong usage.\n");
}

static const struct ctm_command *find(const char *name)
{
	for (size_t i = 0; i < N_COMMANDS; i++)
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	return NULL;
}

static bool wants_help(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], "--help") == 0)
			return true;
	return false;
}

static void print_help(const struct ctm_command *command)
{
	printf("usage: aria2-ctm %s %s\n%s.\n\n%s", command->name, command->arguments,
		command->summary, command->help);
}

/* A reader that has read enough and gone (`| head`) is no reason to complain. */
static bool reader_is_gone(void)
{
	struct pollfd p = {.fd = STDOUT_FILENO};

	return poll(&p, 1, 0) > 0 && p.revents & POLLERR;
}

/* What was printed must have gone where it was to go: a full disk says so only now. */
static int flush_output(int status)
{
	const bool written = fflush(stdout) == 0 && !ferror(stdout);

	if (written || status != CTM_EXIT_DONE || reader_is_gone())
		return status;
	fprintf(stderr, "aria2-ctm: cannot write all to standard output\n");
	return CTM_EXIT_FAILED;
}

int main(int argc, char **argv)
{
	const struct ctm_command *command;

	ctm_files_null_stdio(false);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a limit of file sizes is met like a full disk */
	signal(SIGCHLD, SIG_DFL);
	setlocale(LC_CTYPE, "");
	ctm_rpc_memory_watch();
	ctm_aria2_keep_mask(umask(077));
	if (argc < 2) {
		print_overview(stderr);
		return CTM_EXIT_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0) {
		print_overview(stdout);
		return CTM_EXIT_DONE;
	}
	if (strcmp(argv[1], "--version") == 0) {
		puts("aria2-ctm " CTM_VERSION);
		return CTM_EXIT_DONE;
	}
	command = find(argv[1]);
	if (!command) {
		ctm_say(stderr, "aria2-ctm: there is no command \"%s\"", argv[1]);
		fputc('\n', stderr);
		print_overview(stderr);
		return CTM_EXIT_USAGE;
	}
	if (wants_help(argc - 1, argv + 1)) {
		print_help(command);
		return CTM_EXIT_DONE;
	}
	return flush_output(command->run(command, argc - 1, argv + 1));
}
