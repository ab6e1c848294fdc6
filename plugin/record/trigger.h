/* SPDX-License-Identifier: MIT */
/*
 * trigger.h - whether an event can have completed anything
 *
 *	<state>/triggers   for the local_path of each open job: how far the inbox must have grown
 *	                   before that job can be complete
 *
 * A hook that has appended its event and finds by it that nothing can have come of that goes, and
 * leaves the drain to a later one: the store is not opened, and nothing is synced. The file is
 * written by whoever holds the state's lock; hooks read it without any. It says less than the
 * truth, or the truth, never more:
 *
 *	- The inbox has a position that never goes back: `base` + bytes of its current file. A job
 *	  that lacks m files when all is read up to a position can't be complete before that has
 *	  grown by the m smallest records that there are. That is its trigger, and it stays good
 *	  however many events are drained since, of that job or of others.
 *	- Where the inbox has grown by that much, but by other jobs' records too, those below its
 *	  local_path are counted since then: fewer than m do not complete it either.
 *	- What makes a job need less (its list, an answer of aria2, a registration) goes through a
 *	  transaction: before its commit the triggers of all jobs that it touched become 0, "drain
 *	  always", after it they become what they are then.
 *	- A file of the inbox that is not known to be the current one, another boot, a header that
 *	  does not add up, a file that is not there: drain.
 *
 * Order: a hook appends first and reads the triggers then; whoever holds the lock writes them first
 * and looks at the inbox once more after letting go. So one of the two sees the other.
 */
#ifndef CTM_TRIGGER_H
#define CTM_TRIGGER_H

#include "inbox.h"
#include "state.h"

/*
 * For a hook. Whether the event, which ends at that place of the inbox, asks for a drain: always
 * but for those that can only make files evident, and cannot complete a job.
 */
bool ctm_trigger_is_pulled(const struct ctm_state *state, const struct ctm_event *event,
	const struct ctm_inbox_place *place);

#endif
