/* SPDX-License-Identifier: MIT */
/* A shared object that is no transport module. */
int fake_nothing(void);

__attribute__((visibility("default"))) int fake_nothing(void)
{
	return 0;
}
