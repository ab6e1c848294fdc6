/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <string.h>

static const struct ctm_option *find(const struct ctm_option *options, size_t n, const char *arg)
{
	size_t len = strcspn(arg, "=");

	for (size_t i = 0; i < n; i++)
		if (strlen(options[i].name) == len && strncmp(options[i].name, arg, len) == 0)
			return &options[i];
	return NULL;
}

/* One option at argv[i]; returns how many arguments it took, 0 after a complaint. */
static int take(const struct ctm_command *command, const struct ctm_option *option, int i, int argc,
	char **argv)
{
	const char *equals = strchr(argv[i], '=');

	if (option->flag)
		*option->flag = true;
	if (!option->value) {
		if (!equals)
			return 1;
		ctm_command_usage(command, "\"%s\" takes no value", option->name);
		return 0;
	}
	if (equals) {
		*option->value = equals + 1;
		return 1;
	}
	if (option->optional)
		return 1;
	if (i + 1 >= argc) {
		ctm_command_usage(command, "\"%s\" needs a value", option->name);
		return 0;
	}
	*option->value = argv[i + 1];
	return 2;
}

int ctm_options_parse(const struct ctm_command *command, const struct ctm_option *options, size_t n,
	int *argc, char **argv)
{
	int kept = 1;
	int i = 1;

	while (i < *argc) {
		const struct ctm_option *option;
		int taken;

		if (strcmp(argv[i], "--") == 0) {
			i++;
			break;
		}
		if (argv[i][0] != '-') {
			argv[kept++] = argv[i++];
			continue;
		}
		option = find(options, n, argv[i]);
		if (!option)
			return ctm_command_usage(command, "unknown option \"%s\"", argv[i]);
		taken = take(command, option, i, *argc, argv);
		if (!taken)
			return CTM_EXIT_USAGE;
		i += taken;
	}
	while (i < *argc)
		argv[kept++] = argv[i++];
	*argc = kept;
	return 0;
}
