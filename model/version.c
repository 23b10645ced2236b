// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How versions are compared: runs of digits as numbers, all else by letter. Distributions compare
 * releases of kernels in this way, and the newest is what a menu shows first.
 */
#include "model/version.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

/* The weight of what is no digit: "~" comes even before the end, letters before other signs. */
static int weight(char c)
{
	unsigned char byte = (unsigned char)c;

	if (c == '~')
		return -1;
	if (c == '\0' || isdigit(byte))
		return 0;
	return isalpha(byte) ? byte : byte + 256;
}

/* Up to the next digit on either side. */
static int compare_signs(const char **a, const char **b)
{
	while ((**a && !isdigit((unsigned char)**a)) || (**b && !isdigit((unsigned char)**b))) {
		int difference = weight(**a) - weight(**b);

		if (difference)
			return difference;
		(*a)++;
		(*b)++;
	}
	return 0;
}

/* Numbers of any length. */
static int compare_numbers(const char **a, const char **b)
{
	size_t a_length, b_length;
	int difference;

	*a += strspn(*a, "0");
	*b += strspn(*b, "0");
	a_length = strspn(*a, "0123456789");
	b_length = strspn(*b, "0123456789");
	if (a_length != b_length)
		return a_length < b_length ? -1 : 1;
	difference = strncmp(*a, *b, a_length);
	*a += a_length;
	*b += b_length;
	return difference;
}

int version_compare(const char *a, const char *b)
{
	int difference = 0;

	while (difference == 0 && (*a || *b)) {
		difference = compare_signs(&a, &b);
		if (difference == 0)
			difference = compare_numbers(&a, &b);
	}
	return difference;
}
