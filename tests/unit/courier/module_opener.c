/* SPDX-License-Identifier: MIT */
/*
 * Loads the transport module that stands beside this program, says what came of it, and exits with
 * 0 where it was opened, else with the errno. The tests put copies of it beside fixtures.
 */
#include <stdio.h>

#include "module.h"

int main(void)
{
	const struct ctm_transport_table *table;
	struct ctm_transport *transport;
	struct ctm_error e = CTM_ERROR_INIT;
	int r = ctm_module_open(NULL, NULL, &table, &transport, &e);

	if (r == 0) {
		printf("opened %s%s\n", table->name,
			ctm_module_can_ask(table) ? " that answers" : "");
		table->close(transport);
	} else {
		printf("%s\n", e.text);
	}
	return -r;
}
