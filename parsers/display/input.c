// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the kernel shows of a keyboard, and behind which PCI function it is plugged in; bluetooth's,
 * which a daemon feeds in, too. Tests: unit/test-console.c, model/test-survey.c.
 */
#include "parsers/display/input.h"

#include <linux/input.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "parsers/display/keyboard.h"
#include "parsers/pci/place.h"

static bool has_keys(const char *bitmap, unsigned int first, unsigned int last)
{
	for (unsigned int key = first; key <= last; key++)
		if (!keyboard_has_bit(bitmap, key))
			return false;
	return true;
}

/* The rows of letters lie in a row each. */
static bool has_letters(const char *bitmap)
{
	return has_keys(bitmap, KEY_Q, KEY_P) && has_keys(bitmap, KEY_A, KEY_L) &&
	       has_keys(bitmap, KEY_Z, KEY_M);
}

struct input_reading {
	const struct host *host;
	struct snapshot *snapshot;
};

struct adapter {
	size_t count;
	struct place place;
};

static int add_adapter(void *data, const char *name, const struct place *place, struct error *err)
{
	struct adapter *adapter = data;

	(void)err;
	/* "hci0"; its connections ("hci0:256") are beside it. */
	if (strchr(name, ':'))
		return 0;
	adapter->count++;
	adapter->place = *place;
	return 0;
}

/*
 * bluetoothd hands the reports of keyboards in through uhid, whose devices stand nowhere. With one
 * adapter they are behind that. False for what is no keyboard on a desk.
 */
static bool find_bluetooth(const struct host *host, const char *event, struct place *place)
{
	struct adapter adapter = {.count = 0};
	char bus[16];

	if (host_read(host, HOST_SYS, bus, sizeof(bus), NULL, "class/input/%s/device/id/bustype",
		      event) < 0 ||
	    strtoul(bus, NULL, 16) != BUS_BLUETOOTH)
		return false;
	if (place_each(host, "class/bluetooth", add_adapter, &adapter, NULL) < 0 ||
	    adapter.count != 1)
		return false;
	*place = adapter.place;
	return true;
}

static void append(struct snapshot *snapshot, const struct keyboard *keyboard)
{
	array_push(snapshot->keyboards, snapshot->keyboard_count, *keyboard);
}

static int add_event(void *data, const char *name, const struct place *place, struct error *err)
{
	const struct input_reading *reading = data;
	struct place owner = *place;
	char keys[1024], label[256];

	(void)err;
	if (!text_starts(name, "event") ||
	    host_read(reading->host, HOST_SYS, keys, sizeof(keys), NULL,
		      "class/input/%s/device/capabilities/key", name) < 0 ||
	    !has_letters(keys))
		return 0;
	/* Programs make keyboards, too (uinput): nobody types on those. */
	if (place_below(place, "devices/virtual") && !find_bluetooth(reading->host, name, &owner))
		return 0;
	if (host_read(reading->host, HOST_SYS, label, sizeof(label), NULL,
		      "class/input/%s/device/name", name) < 0)
		snprintf(label, sizeof(label), "%s", name);
	place_carry(&owner, reading->snapshot);
	append(reading->snapshot,
	       &(struct keyboard){.name = text_escape(label),
				  .grade = keyboard_grade(reading->host, name, place, label),
				  .has_addr = owner.has_addr,
				  .addr = owner.addr});
	return 0;
}

int input_read(const struct host *host, struct snapshot *snapshot, struct error *err)
{
	struct input_reading reading = {host, snapshot};

	return place_each(host, "class/input", add_event, &reading, err);
}
