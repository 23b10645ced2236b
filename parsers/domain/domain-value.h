/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "model/guest.h"

/*
 * A number as libvirt reads one (util/virstring.c:virStrToLong_uip): strtoul's spelling for the
 * base (0: 0x1f, 31, octal 010), so leading white space and "+" pass; a "-", anything behind the
 * number or no number at all do not. False too for more than max; *ret untouched then.
 */
bool domain_value_number(const char *text, int base, uint64_t max, uint64_t *ret);

/*
 * A UUID as libvirt reads one (util/viruuid.c:virUUIDParse): 32 hexadecimal digits of any case, "-"
 * and " " anywhere between pairs, white space around. *ret gets the spelling of guest_uuid_valid.
 */
bool domain_value_uuid(const char *text, char ret[UUID_TEXT_SIZE]);
