/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"

/* An address of the internet protocol: IPv6, or IPv4 in its mapped form (::ffff:192.0.2.7). */
struct inet {
	uint8_t bytes[16];
};

#define INET_V4_BITS 96 /* what the mapped form puts in front */

/* From the 32 bits of an IPv4 address in network byte order. */
struct inet inet_v4(uint32_t word);

/*
 * As /proc/net/tcp and tcp6 print it: one or four words of 32 bits, hexadecimal, each in the byte
 * order of the host. False for anything else.
 */
bool inet_parse_words(const char *text, struct inet *ret);
/* As /proc/net/ipv6_route does: 32 hexadecimal digits in network order. */
bool inet_parse_digits(const char *text, struct inet *ret);
/* As people write it: "192.0.2.7", "2001:db8::7", "fe80::7%eth0" (the scope is dropped). */
bool inet_parse(const char *text, struct inet *ret);

bool inet_is_v4(const struct inet *inet);
bool inet_is_loopback(const struct inet *inet);
bool inet_equal(const struct inet *a, const struct inet *b);
/* Are the first bits the same? */
bool inet_match(const struct inet *inet, const struct inet *prefix, unsigned int bits);

struct inet_text {
	char text[48];
};
struct inet_text inet_text(const struct inet *inet);
#define INET(inet) (inet_text(inet).text)

/* Lines of a file of /proc/net, read as a whole. */
#define INET_FILE_MAX ((size_t)64 * 1024 * 1024)
