/* SPDX-License-Identifier: MIT */
#include "courier_flights.h"

#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "leaks.h"

TestSuite(courier_flights, .fini = ctm_test_check_leaks);

static void begin(struct ctm_flights *f, bool asks, uint64_t tag, uint64_t due_ms)
{
	const struct ctm_flight flight = {
		.asks = asks, .tag = tag, .due_ms = due_ms, .answer_max = asks ? tag * 10 : 0};

	cr_assert_eq(ctm_flights_begin(f, &flight), 0);
}

static void expect_taken(struct ctm_flights *f, bool asks, uint64_t tag)
{
	struct ctm_flight *flight = ctm_flights_take(f, asks);

	cr_assert_not_null(flight);
	cr_expect_eq(flight->tag, tag);
	free(flight);
}

Test(courier_flights, in_the_order_of_their_return)
{
	struct ctm_flights f = {0};

	begin(&f, false, 1, 30);
	begin(&f, true, 1, 10);
	begin(&f, false, 2, 20);
	cr_expect_eq(ctm_flights_due(&f), 10);
	cr_expect_eq(ctm_flights_answer_max(&f), 10);
	cr_expect_null(ctm_flights_find(&f, true, 2));
	ctm_flights_end(&f, ctm_flights_find(&f, false, 2));
	ctm_flights_end(&f, ctm_flights_find(&f, true, 1));
	cr_expect_eq(ctm_flights_due(&f), 30);
	cr_expect_eq(ctm_flights_answer_max(&f), 0);
	ctm_flights_end(&f, ctm_flights_find(&f, false, 1));
	cr_expect_eq(ctm_flights_due(&f), UINT64_MAX);
	expect_taken(&f, false, 2);
	expect_taken(&f, false, 1);
	cr_expect_null(ctm_flights_take(&f, false));
	expect_taken(&f, true, 1);
	begin(&f, false, 3, 1);
	ctm_flights_end(&f, ctm_flights_find(&f, false, 3));
	expect_taken(&f, false, 3);
	ctm_flights_done(&f);
}

Test(courier_flights, all_fail)
{
	struct ctm_flights f = {0};
	struct ctm_flight *flight;

	begin(&f, false, 1, 1);
	begin(&f, true, 2, 1);
	begin(&f, true, 3, 1);
	ctm_flights_drop(&f);
	ctm_flights_fail(&f, 7, "gone");
	cr_expect_null(f.away);
	flight = ctm_flights_take(&f, false);
	cr_assert_not_null(flight);
	cr_expect_eq(flight->came.outcome.tag, 1);
	cr_expect_eq(flight->came.outcome.verdict, CTM_TRANSPORT_RETRY);
	cr_expect_eq(flight->came.outcome.hresult, 7);
	cr_expect_str_eq(flight->came.outcome.text, "gone");
	free(flight);
	flight = ctm_flights_take(&f, true);
	cr_assert_not_null(flight);
	cr_expect_eq(flight->came.answer.tag, 2);
	cr_expect_eq(flight->came.answer.hresult, 7);
	cr_expect_null(flight->came.answer.body);
	free(flight);
	cr_expect_null(ctm_flights_take(&f, true), "what was dropped has no word");
	ctm_flights_done(&f);
}

Test(courier_flights, what_nobody_took_is_freed)
{
	struct ctm_flights f = {0};
	struct ctm_flight *flight;

	begin(&f, true, 1, 1);
	begin(&f, false, 2, 1);
	flight = ctm_flights_find(&f, true, 1);
	flight->came.answer = (struct ctm_transport_answer){.body = strdup("an answer")};
	ctm_flights_end(&f, flight);
	ctm_flights_done(&f);
	cr_expect_null(f.back);
}
