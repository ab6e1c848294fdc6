/* SPDX-License-Identifier: MIT */
/*
 * leaks.h - leaks inside a Criterion test
 *
 * Criterion ends a test's process in a way that keeps LeakSanitizer silent, and ignores a failed
 * assertion in a .fini. So a suite says
 *
 *	TestSuite(name, .fini = ctm_test_check_leaks);
 *
 * and a leak aborts the test, which makes the program fail. Without AddressSanitizer it does
 * nothing.
 */
#ifndef CTM_TEST_LEAKS_H
#define CTM_TEST_LEAKS_H

#if defined(__SANITIZE_ADDRESS__)
#define CTM_TEST_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CTM_TEST_ASAN 1
#endif
#endif

#ifdef CTM_TEST_ASAN
#include <stdlib.h>

#include <sanitizer/lsan_interface.h>
#endif

static inline void ctm_test_check_leaks(void)
{
#ifdef CTM_TEST_ASAN
	if (__lsan_do_recoverable_leak_check())
		abort();
#endif
}

#endif
