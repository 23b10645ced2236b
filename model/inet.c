// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The spellings of network addresses in /proc/net, which differ from file to file.
 * Tests: unit/test-logins.c, unit/test-remotes.c.
 */
#include "model/inet.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

static const uint8_t v4_prefix[12] = {[10] = 0xff, [11] = 0xff};

struct inet inet_v4(uint32_t word)
{
	struct inet inet;

	memcpy(inet.bytes, v4_prefix, sizeof(v4_prefix));
	memcpy(inet.bytes + sizeof(v4_prefix), &word, sizeof(word));
	return inet;
}

static bool all_digits(const char *text, size_t length)
{
	return strlen(text) == length && strspn(text, "0123456789abcdefABCDEF") == length;
}

bool inet_parse_words(const char *text, struct inet *ret)
{
	struct inet inet;
	unsigned int word;

	if (all_digits(text, 8) && sscanf(text, "%8x", &word) == 1) {
		*ret = inet_v4(word);
		return true;
	}
	if (!all_digits(text, 32))
		return false;
	for (size_t i = 0; i < 4; i++) {
		uint32_t bits;

		if (sscanf(text + i * 8, "%8x", &word) != 1)
			return false;
		bits = word;
		memcpy(inet.bytes + i * 4, &bits, sizeof(bits));
	}
	*ret = inet;
	return true;
}

bool inet_parse_digits(const char *text, struct inet *ret)
{
	struct inet inet;

	if (!all_digits(text, 32))
		return false;
	for (size_t i = 0; i < sizeof(inet.bytes); i++)
		if (sscanf(text + i * 2, "%2hhx", &inet.bytes[i]) != 1)
			return false;
	*ret = inet;
	return true;
}

bool inet_parse(const char *text, struct inet *ret)
{
	char plain[INET6_ADDRSTRLEN];
	size_t length = strcspn(text, "%");
	struct in_addr v4;
	struct inet v6;

	if (inet_pton(AF_INET, text, &v4) == 1) {
		*ret = inet_v4(v4.s_addr);
		return true;
	}
	if (length >= sizeof(plain))
		return false;
	memcpy(plain, text, length);
	plain[length] = '\0';
	if (inet_pton(AF_INET6, plain, v6.bytes) != 1)
		return false;
	*ret = v6;
	return true;
}

bool inet_is_v4(const struct inet *inet)
{
	return memcmp(inet->bytes, v4_prefix, sizeof(v4_prefix)) == 0;
}

bool inet_is_loopback(const struct inet *inet)
{
	static const struct inet v6 = {.bytes = {[15] = 1}};

	return inet_is_v4(inet) ? inet->bytes[12] == 127 : inet_equal(inet, &v6);
}

bool inet_equal(const struct inet *a, const struct inet *b)
{
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

bool inet_match(const struct inet *inet, const struct inet *prefix, unsigned int bits)
{
	unsigned int whole = bits / 8, rest = bits % 8;

	if (bits > 128 || memcmp(inet->bytes, prefix->bytes, whole) != 0)
		return false;
	return rest == 0 || (inet->bytes[whole] ^ prefix->bytes[whole]) >> (8 - rest) == 0;
}

struct inet_text inet_text(const struct inet *inet)
{
	struct inet_text result = {""};

	if (inet_is_v4(inet))
		inet_ntop(AF_INET, inet->bytes + sizeof(v4_prefix), result.text,
			  sizeof(result.text));
	else
		inet_ntop(AF_INET6, inet->bytes, result.text, sizeof(result.text));
	return result;
}
