/* SPDX-License-Identifier: MIT */
/*
 * flush_beside.h - a flush that finds another deliverer at work
 */
#ifndef CTM_FLUSH_BESIDE_H
#define CTM_FLUSH_BESIDE_H

#include "state.h"

/*
 * Catches up with what was missed, which a deliverer of hooks need not, and lets the other one,
 * which was woken, deliver for as long as an attempt may take; delivers itself once that one has
 * gone. Asking and hashing are waited for. As long as they hang, on a dead disk, a timer calls no
 * other flush: what falls due meanwhile is delivered all the same. 0 or negative errno in *e;
 * -EAGAIN: the other one is still there, and so is what is due.
 */
int ctm_flush_beside(struct ctm_state *state, struct ctm_error *e);

#endif
