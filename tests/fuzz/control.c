/* SPDX-License-Identifier: MIT */
/*
 * aria2's control file: it is refused, or all of its pieces are in it. Of the bytes that it has,
 * each part is there; what lies behind the end never is.
 *
 * Input: an offset, a length, the file.
 */
#include <errno.h>
#include <stdlib.h>

#include "control.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = {data, size};
	const uint64_t offset = fuzz_take_number(&in) % (UINT64_C(1) << 40);
	const uint64_t length = fuzz_take_number(&in) % (UINT64_C(1) << 40);
	char *copy = fuzz_copy(in.data, in.len);
	struct ctm_control control;
	const int r = ctm_control_parse(copy, in.len, &control);

	FUZZ_CHECK(r == 0 || r == -EBADMSG);
	if (r == 0 && ctm_control_has(&control, offset, length)) {
		FUZZ_CHECK(offset + length <= control.length);
		FUZZ_CHECK(ctm_control_has(&control, offset, length / 2));
		FUZZ_CHECK(ctm_control_has(&control, offset + length / 2, length - length / 2));
	}
	if (r == 0)
		FUZZ_CHECK(!ctm_control_has(&control, control.length, 1));
	free(copy);
	return 0;
}
