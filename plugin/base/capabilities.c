/* SPDX-License-Identifier: MIT */
#include "capabilities.h"

#include <linux/capability.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

void ctm_capabilities_keep(uint32_t kept)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {0};

	if (syscall(SYS_capget, &header, data) < 0)
		return;
	kept &= data[0].effective & data[0].permitted;
	memset(data, 0, sizeof data);
	data[0].effective = data[0].permitted = kept;
	syscall(SYS_capset, &header, data);
}
