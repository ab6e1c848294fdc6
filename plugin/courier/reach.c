/* SPDX-License-Identifier: MIT */
#include "reach.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* DNS over TCP. */
#define DNS_PORT 53

int ctm_reach_add_file(struct ctm_reach *reach, const char *file)
{
	char **files;

	for (size_t i = 0; file && i < reach->n_files; i++)
		if (strcmp(reach->files[i], file) == 0)
			return 0;
	if (!file)
		return 0;
	files = reallocarray(reach->files, reach->n_files + 1, sizeof *files);
	if (!files)
		return -ENOMEM;
	reach->files = files;
	files[reach->n_files] = strdup(file);
	if (!files[reach->n_files])
		return -ENOMEM;
	reach->n_files++;
	return 0;
}

int ctm_reach_add_port(struct ctm_reach *reach, uint16_t port)
{
	uint16_t *ports;

	for (size_t i = 0; i < reach->n_ports; i++)
		if (reach->ports[i] == port)
			return 0;
	if (!port)
		return 0;
	ports = reallocarray(reach->ports, reach->n_ports + 1, sizeof *ports);
	if (!ports)
		return -ENOMEM;
	reach->ports = ports;
	ports[reach->n_ports++] = port;
	return 0;
}

void ctm_reach_allow_ports(const struct ctm_reach *reach, struct ctm_landlock *l)
{
	ctm_landlock_allow_port(l, DNS_PORT);
	for (size_t i = 0; i < reach->n_ports; i++)
		ctm_landlock_allow_port(l, reach->ports[i]);
}

void ctm_reach_done(struct ctm_reach *reach)
{
	for (size_t i = 0; i < reach->n_files; i++)
		free(reach->files[i]);
	free(reach->files);
	free(reach->ports);
	free(reach->state_dir);
	*reach = (struct ctm_reach){0};
}
