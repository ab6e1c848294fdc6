/* SPDX-License-Identifier: MIT */
/*
 * deliverer.h - one deliverer at work, for deliver.c which lets it go on and wait
 *
 * A step does everything that can be done without waiting: it collects what has come, looks at the
 * store, reads sidecars, catches up, ends what is over, and starts looks and attempts.
 */
#ifndef CTM_DELIVERER_H
#define CTM_DELIVERER_H

#include "catch_up.h"
#include "deliver.h"
#include "queue.h"
#include "send.h"
#include "verify.h"

struct ctm_deliverer {
	struct ctm_state *state;
	enum ctm_deliver_mode mode;
	struct ctm_queue queue;
	struct ctm_verifier *verifier;
	struct ctm_sender *sender;
	struct ctm_catcher *asker;
	struct ctm_catcher *hasher;
	int fifo_fd;
	bool scanned;               /* at least once */
	uint64_t unclaimed;         /* how many events were ever kept, as last read, */
	uint64_t unclaimed_scanned; /* and when sidecars were last looked for */
	uint64_t rescan_ms;         /* by ctm_clock_boot_ms(); UINT64_MAX: not asked for */
	uint64_t changed_ms;        /* when sidecars last were seen to have changed */
	bool questions;             /* there is something to ask aria2 */
	uint64_t deadline_ms;       /* by ctm_clock_boot_ms(): no job's time is over before that */
	bool asked;                 /* aria2, for all downloads, since something was last ended, */
	bool hashed;                /* and missed files were looked for */
	uint64_t asking_ms;         /* by ctm_clock_boot_ms(): since when aria2 is asked, */
	bool asking_told;           /* and that it takes too long was logged */
	uint64_t hashing_ms;        /* by ctm_clock_boot_ms(): since when files are hashed */
	bool expired;               /* what is past its deadline was looked for */
	bool fails;                 /* since then no step has succeeded */
	uint64_t failing_since_ms;  /* by ctm_clock_boot_ms() */
};

/*
 * 0 or negative errno in *e: then it is tried again, or left to the next one. What one part failed
 * for keeps no other from being done, unless it is the store.
 */
int ctm_deliverer_step(struct ctm_deliverer *d, struct ctm_error *e);

/* Whether aria2 is asked, or files are hashed. */
bool ctm_deliverer_is_catching_up(const struct ctm_deliverer *d);

/*
 * When the first job can end by its deadline, by ctm_clock_boot_ms(): what is caught up with is
 * waited for so long at most. UINT64_MAX: none can.
 */
uint64_t ctm_deliverer_expires_ms(const struct ctm_deliverer *d);

/* How long it stays for what is not due yet. */
uint64_t ctm_deliverer_linger_ms(const struct ctm_deliverer *d);

#endif
