/* SPDX-License-Identifier: MIT */
#include "sized.h"

#include <string.h>

static size_t size_of(const void *object)
{
	size_t size;

	memcpy(&size, object, sizeof size);
	return size;
}

bool ctm_sized_in(void *ours, size_t our_size, const void *theirs)
{
	const size_t their_size = size_of(theirs);

	if (their_size < sizeof their_size)
		return false;
	memcpy(ours, theirs, their_size < our_size ? their_size : our_size);
	return true;
}

void ctm_sized_out(const void *ours, size_t our_size, void *theirs)
{
	const size_t skip = sizeof(size_t);
	const size_t their_size = size_of(theirs);
	const size_t size = their_size < our_size ? their_size : our_size;

	if (size > skip)
		memcpy((char *)theirs + skip, (const char *)ours + skip, size - skip);
}
