/* SPDX-License-Identifier: MIT */
#include "peer.h"

#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "scratch.h"

#define ARGS_MAX 24

static pid_t pid = -1;
static unsigned port;

static void read_port(const char *path)
{
	FILE *f = NULL;

	for (int i = 0; i < 2000 && !(f = fopen(path, "r")); i++)
		usleep(5000);
	cr_assert_not_null(f, "ctm-endpoint did not start");
	cr_assert_eq(fscanf(f, "%u", &port), 1);
	fclose(f);
	remove(path);
}

void peer_start(const char *answers, const char *const *args)
{
	const char *port_file = scratch_path("port");
	const char *argv[ARGS_MAX] = {"ctm-endpoint", "--record", scratch_path("record"),
		"--port-file", port_file, "--max-seconds", "60"};
	size_t n = 7;

	if (answers) {
		argv[n++] = "--answers";
		argv[n++] = scratch_write("answers", answers, 0644);
	}
	while (args && *args && n < ARGS_MAX - 1)
		argv[n++] = *args++;
	cr_assert_eq(posix_spawn(&pid, TEST_ENDPOINT, NULL, NULL, (char *const *)(uintptr_t)argv,
			     environ),
		0);
	read_port(port_file);
}

const char *peer_url(const char *scheme, const char *host)
{
	static char url[128];

	snprintf(url, sizeof url, "%s://%s:%u/notify", scheme, host, port);
	return url;
}

void peer_stop(void)
{
	int status;

	if (pid < 0)
		return;
	kill(pid, SIGTERM);
	cr_expect_eq(waitpid(pid, &status, 0), pid);
	cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0, "status 0x%x", (unsigned)status);
	pid = -1;
}

json_t *peer_records(void)
{
	json_t *records = json_array();
	FILE *f = fopen(scratch_path("record"), "r");
	json_t *one;

	cr_assert_not_null(f);
	while ((one = json_loadf(f, JSON_DISABLE_EOF_CHECK, NULL)))
		json_array_append_new(records, one);
	fclose(f);
	return records;
}

const char *peer_header(json_t *records, size_t n, const char *name)
{
	json_t *headers = json_object_get(json_array_get(records, n), "headers");

	return json_string_value(json_object_get(headers, name));
}
