/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "base/host.h"
#include "model/snapshot.h"
#include "parsers/pci/place.h"

/* A bitmap of capabilities/: words of the machine in hex, the highest first, leading zeros left
 * out. */
bool keyboard_has_bit(const char *bitmap, unsigned int bit);

/*
 * How likely is this event device ("event3") a keyboard on which somebody types? label: its own
 * name for people. Tells by its
 * lights, by a pointer beside it on the same USB device, and by what its name and maker are known
 * for.
 */
enum keyboard_grade keyboard_grade(const struct host *host, const char *event,
				   const struct place *place, const char *label);
