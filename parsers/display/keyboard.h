/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "base/host.h"
#include "model/snapshot.h"
#include "parsers/pci/place.h"

/* Is the bit set in a bitmap of capabilities/? Such a bitmap is words in hex, the highest first. */
bool keyboard_has_bit(const char *bitmap, unsigned int bit);

/*
 * How likely is it that people type on this event device ("event3")? label: its name for people.
 * The answer depends on its lights, on a pointer that is on the same USB device, and on its name
 * and maker.
 */
enum keyboard_grade keyboard_grade(const struct host *host, const char *event,
				   const struct place *place, const char *label);
