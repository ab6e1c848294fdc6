/* SPDX-License-Identifier: MIT */
/*
 * courier.h - a transport in a process of its own
 *
 * Whoever has the store open does not speak to the network: what others answer is read, and their
 * certificates are, by a process that has nothing to lose. It is the program `transport`, which
 * loads the module (module.h); this side has a table of the same shape (transport.h) and hands each
 * call on.
 *
 *	ctm_courier_open(&reach, &table, &transport, e)
 *	table->submit(), ask(), wait(), next(), next_answer(), release()
 *	table->close(transport)                       the table goes with it
 *
 * The process is started by open(), ends when nothing was to be done for a moment, or when an
 * attempt or a question came to no answer and nothing else is under way, and is started again by
 * the next submit() or ask(); a few times within a minute where it fails. When it ends by itself,
 * says what makes no sense, or keeps back a word beyond its time, what was under way gets an
 * outcome that says so: to be tried again. What it says is checked, not believed; but that a
 * message was taken can be known from nobody else.
 */
#ifndef CTM_COURIER_H
#define CTM_COURIER_H

#include "confinement.h"
#include "errors.h"
#include "knock.h"
#include "reach.h"
#include "transport.h"

/*
 * What was under way when the process was lost has this, and no code of the transport's own:
 * WINHTTP's CONNECTION_ERROR.
 */
#define CTM_COURIER_HR_LOST 0x80072EFEu

/*
 * 0, or negative errno in *e: as ctm_module_open(), and -EAGAIN where the process did not come to
 * life. reach is taken over, also where this fails.
 */
int ctm_courier_open(struct ctm_reach *reach, const struct ctm_transport_table **ret_table,
	struct ctm_transport **ret_transport, struct ctm_error *e);

/*
 * Connects in the process, for as long as that takes, and says nothing to who is there. 0, or
 * negative errno in *e, whose text says why not. Not while something else is under way.
 */
int ctm_courier_knock(
	struct ctm_transport *transport, const struct ctm_knock *knock, struct ctm_error *e);

/* How far the process is confined, by its own word. */
struct ctm_confinement ctm_courier_confinement(const struct ctm_transport *transport);

#endif
