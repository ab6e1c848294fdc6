/* SPDX-License-Identifier: MIT */
/* The disk is full where an outcome is to be stored, and is not later. */
#include "deliver.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "sent.h"
#include "sides.h"
#include "world.h"

TestSuite(send_full, .init = world_init, .fini = world_done, .timeout = 60);

#define MESSAGES 20u

static uint64_t full_ms; /* so long the disk is full, once something was sent */
static uint64_t since_ms;
static unsigned failed;

static bool was_sent(void)
{
	const char *log = getenv("CTM_FAKE_LOG");
	struct stat st;

	return log && stat(log, &st) == 0 && st.st_size;
}

/* In the place of libc's: the store calls it in each commit. */
__attribute__((visibility("default"))) int fdatasync(int fd)
{
	if (full_ms && !since_ms && was_sent())
		since_ms = ctm_clock_boot_ms();
	if (!since_ms || ctm_clock_boot_ms() - since_ms >= full_ms)
		return (int)syscall(SYS_fdatasync, fd);
	failed++;
	errno = ENOSPC;
	return -1;
}

static int run(enum ctm_deliver_mode mode)
{
	struct ctm_error e = CTM_ERROR_INIT;

	return ctm_deliver_run(world.state, mode, &e);
}

static void make(void)
{
	for (unsigned i = 1; i <= MESSAGES; i++)
		sent_make(i, "ctm");
	world_scanned();
	sent_verdict(CTM_TRANSPORT_TAKEN);
}

/* What was answered is stored when there is room again: none is sent twice. */
Test(send_full, for_seconds)
{
	make();
	world.config->linger_s = 60;
	full_ms = 1500;
	cr_expect_eq(run(CTM_DELIVER_LINGER), 0);
	cr_expect(failed && failed <= 8, "%u", failed);
	cr_expect_eq(sent_count(), MESSAGES);
	for (uint32_t i = 1; i <= MESSAGES; i++)
		cr_expect_eq(world_message(i).state, CTM_MESSAGE_SENT, "job %u", i);
}

/* A deliverer goes when it has tried for as long as it lingers, not after so many tries. */
Test(send_full, for_good)
{
	make();
	world.config->linger_s = 2;
	full_ms = UINT64_MAX;
	cr_expect_eq(run(CTM_DELIVER_LINGER), -ENOSPC);
	cr_expect_geq(ctm_clock_boot_ms() - since_ms, 2000);
	cr_expect_leq(failed, 8, "%u", failed);
}
