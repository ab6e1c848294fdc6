/* SPDX-License-Identifier: MIT */
/* The least that a dynamically linked program can be: what every ratio is taken against. */
int main(void)
{
	return 0;
}
