/* SPDX-License-Identifier: MIT */
/*
 * ctm-fault: one fault at one system call of a program, and of all that it starts. See --help.
 *
 *	ctm-fault --list calls -- on-download-complete 00…01 1 /dl/f     what there is to strike
 *	ctm-fault --at 17 --kill before -- on-download-complete …         dead instead of the 17th
 *	ctm-fault --calls fsync --at 2 --error EIO -- deliver             the second fsync fails
 *	ctm-fault --full --under /state --at 3 --on --error ENOSPC -- …   full from the third on
 *
 * It is made for thousands of points: a hook is listed, or struck, in a few milliseconds. Programs
 * are followed through fork, vfork, threads and exec, and it ends when the last of them has ended.
 * tests/support/faults.py is the way to it from a test.
 */
#include "options.h"
#include "trace.h"

int main(int argc, char **argv)
{
	struct fault_plan plan;
	int status;

	fault_options_parse(argc, argv, &plan);
	status = fault_trace(&plan);
	if (plan.list && fclose(plan.list) != 0)
		return FAULT_NOT_RUN;
	if (plan.report != stderr && fclose(plan.report) != 0)
		return FAULT_NOT_RUN;
	return status;
}
