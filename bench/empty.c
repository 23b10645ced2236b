// SPDX-License-Identifier: GPL-2.0-or-later
/* The least a process can cost on this machine. */
int main(void)
{
	return 0;
}
