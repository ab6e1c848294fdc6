/* SPDX-License-Identifier: MIT */
#include "rpc_memory.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include <criterion/criterion.h>
#include <jansson.h>

#include "leaks.h"
#include "rpc_answer.h"

/* AddressSanitizer is to return NULL for what is too much, as others do. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}

TestSuite(rpc_memory, .fini = ctm_test_check_leaks);

static json_malloc_t watched;
static unsigned allocations;
static unsigned failing; /* the one that fails, counted from 1 */

/* No machine has so much. */
static void *get(size_t size)
{
	return watched(++allocations == failing ? PTRDIFF_MAX : size);
}

static void watch(void)
{
	json_free_t let_go;

	ctm_rpc_memory_watch();
	json_get_alloc_funcs(&watched, &let_go);
	json_set_alloc_funcs(get, let_go);
}

/* Texts and a number of more bytes than any buffer begins with. */
static const char answer[] =
	"{\"result\":{\"path\":\"/srv/downloads/a directory/and another one/the file number 10\","
	"\"gid\":\"00000000000000aa\",\"n\":1234567890123456789}}";

static int read_with_failure(unsigned n, json_t **ret_result, struct ctm_error *e)
{
	*ret_result = NULL;
	allocations = 0;
	failing = n;
	return ctm_rpc_answer_result(answer, strlen(answer), 200, ret_result, e);
}

Test(rpc_memory, an_answer_is_whole_or_not_read)
{
	struct ctm_error e = CTM_ERROR_INIT;
	json_t *whole;
	unsigned all;

	watch();
	cr_assert_eq(read_with_failure(0, &whole, &e), 0, "%s", e.text);
	all = allocations;
	cr_assert_gt(all, 10);
	for (unsigned n = 1; n <= all; n++) {
		json_t *result;
		const int r = read_with_failure(n, &result, &e);

		cr_expect_eq(r, -ENOMEM, "allocation %u: %d, %s", n, r, e.text);
		cr_expect_not(result && !json_equal(result, whole), "allocation %u", n);
		json_decref(result);
	}
	json_decref(whole);
	cr_expect_eq(ctm_rpc_memory_failures(), all);
}
