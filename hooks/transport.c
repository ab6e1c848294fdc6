/* SPDX-License-Identifier: MIT */
/*
 * transport: the process that speaks to the network for `deliver` and `aria2-ctm`
 *
 * Started by those, never by people, with one end of a socketpair as descriptor 3. It has nothing
 * else of theirs: not the store, no lock, no log. It ends with whoever started it. Exit status: 0
 * the other end was closed, 1 something failed, 2 wrong usage.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "courier_wire.h"
#include "files.h"
#include "serve.h"

enum {
	DONE = 0,
	FAILED = 1,
	WRONG_USAGE = 2
};

static int is_socket(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode);
}

int main(int argc, char **argv)
{
	int r;

	(void)argv;
	if (argc != 1 || !is_socket(CTM_WIRE_FD)) {
		fprintf(stderr,
			"usage: transport\nStarted by deliver and aria2-ctm, with a socket as "
			"descriptor %d, to speak to the network for them.\n",
			CTM_WIRE_FD);
		return WRONG_USAGE;
	}
	/* A call that hangs must not keep us when nobody is there any more. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* The store's library does not close its file on exec, and who knows what else. */
	ctm_files_close_above(CTM_WIRE_FD);
	umask(077);
	r = ctm_serve(CTM_WIRE_FD);
	/* Nothing is left to be done, and the libraries' own clean-up is not worth its time. */
	_exit(r < 0 ? FAILED : DONE);
}
