// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How libvirt reads the numbers and UUIDs of a domain XML, odd spellings included.
 */
#include "parsers/domain/domain-value.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool domain_value_number(const char *text, int base, uint64_t max, uint64_t *ret)
{
	unsigned long long value;
	char *end;

	errno = 0;
	value = strtoull(text, &end, base);
	if (errno || end == text || *end || value > max)
		return false;
	/* strtoull takes "-1" for the largest number. */
	if (strchr(text, '-'))
		return false;
	*ret = value;
	return true;
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* The digit in lower case, or NUL. */
static char hex_lower(char c)
{
	static const char digits[] = "0123456789abcdefABCDEF";
	const char *digit = c ? strchr(digits, c) : NULL;

	if (!digit)
		return '\0';
	return digit < digits + 16 ? *digit : digit[-6];
}

bool domain_value_uuid(const char *text, char ret[UUID_TEXT_SIZE])
{
	char uuid[UUID_TEXT_SIZE] = "";
	size_t length = 0;

	while (is_space(*text))
		text++;
	while (length < UUID_TEXT_SIZE - 1) {
		if (*text == '-' || *text == ' ') {
			text++;
			continue;
		}
		if (!hex_lower(text[0]) || !hex_lower(text[1]))
			return false;
		uuid[length++] = hex_lower(*text++);
		uuid[length++] = hex_lower(*text++);
		if (length == 8 || length == 13 || length == 18 || length == 23)
			uuid[length++] = '-';
	}
	while (is_space(*text))
		text++;
	if (*text)
		return false;
	memcpy(ret, uuid, UUID_TEXT_SIZE);
	return true;
}
