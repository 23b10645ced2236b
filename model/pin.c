// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What makes a device the same one as before, and the text in which that is kept.
 * Tests: unit/test-pins.c, unit/test-obstacle.c.
 */
#include "model/pin.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/later.h"

#define FIRST_LINE "hostdev-hook pins 1"
#define SERIAL_WORD " serial="

void pins_done(struct pins *pins)
{
	free(pins->items);
	*pins = (struct pins){0};
}

void pins_add(struct pins *pins, const struct pin *pin)
{
	array_push(pins->items, pins->count, *pin);
}

const struct pin *pins_find(const struct pins *pins, const struct pci_addr *addr)
{
	for (size_t i = 0; i < pins->count; i++)
		if (pci_addr_equal(&pins->items[i].addr, addr))
			return &pins->items[i];
	return NULL;
}

void pin_of_device(const struct device *device, struct pin *ret)
{
	*ret = (struct pin){.addr = device->addr,
			    .vendor = device->vendor,
			    .product = device->product,
			    .subvendor = device->subvendor,
			    .subproduct = device->subproduct,
			    .class_code = device->class_code};
	snprintf(ret->serial, sizeof(ret->serial), "%s", device->serial);
}

/* The number behind "nvme:" or "dsn:"; the whole where nothing says whose number it is. */
static const char *serial_number(const char *serial)
{
	const char *colon = strchr(serial, ':');

	return colon ? colon + 1 : serial;
}

/* A disk's own number and that of its PCI function differ, and which can be read depends. */
static bool serials_differ(const char *a, const char *b)
{
	size_t source = (size_t)(serial_number(a) - a);

	if (!*a || !*b)
		return false;
	return source == (size_t)(serial_number(b) - b) && strncmp(a, b, source) == 0 &&
	       strcmp(a, b) != 0;
}

const char *pin_serial(const struct pin *pin)
{
	return serial_number(pin->serial);
}

/* Is it the same product, whatever its serial number? */
static bool pin_same_model(const struct pin *a, const struct pin *b)
{
	return a->vendor == b->vendor && a->product == b->product && a->subvendor == b->subvendor &&
	       a->subproduct == b->subproduct && a->class_code == b->class_code;
}

bool pin_matches(const struct pin *pin, const struct device *device)
{
	struct pin now;

	pin_of_device(device, &now);
	return pin_same_model(pin, &now) && !serials_differ(pin->serial, device->serial);
}

void pin_format(const struct pin *pin, struct text *out)
{
	auto_free char *serial = text_escape(pin_serial(pin));

	text_printf(out, "%04x:%04x:%04x:%04x class %06x", pin->vendor, pin->product,
		    pin->subvendor, pin->subproduct, pin->class_code);
	if (*serial)
		text_printf(out, " serial %s", serial);
}

void pin_write(const struct pin *pin, struct text *out)
{
	auto_free char *serial = text_escape(pin->serial);

	text_printf(out, "%s %04x:%04x:%04x:%04x class=%06x%s%s", ADDR(&pin->addr), pin->vendor,
		    pin->product, pin->subvendor, pin->subproduct, pin->class_code,
		    *serial ? SERIAL_WORD : "", serial);
}

void pins_write(const char *guest, const struct pins *pins, struct text *out)
{
	auto_free char *name = text_escape(guest);

	text_printf(out, FIRST_LINE "\nguest %s\n", name);
	for (size_t i = 0; i < pins->count; i++) {
		text_printf(out, "pin ");
		pin_write(&pins->items[i], out);
		text_printf(out, "\n");
	}
}

/* --- and back --- */

static bool serial_parse(const char *text, struct pin *pin)
{
	auto_free char *serial = NULL, *again = NULL;

	if (!*text)
		return true;
	if (!text_starts(text, SERIAL_WORD))
		return false;
	text += strlen(SERIAL_WORD);
	if (!text_unescape(text, strlen(text), &serial) || !*serial ||
	    strlen(serial) >= sizeof(pin->serial))
		return false;
	again = text_escape(serial);
	if (strcmp(again, text) != 0)
		return false;
	strcpy(pin->serial, serial);
	return true;
}

bool pin_parse(const char *line, struct pin *ret)
{
	unsigned int vendor, product, subvendor, subproduct, class_code;
	char addr[PCI_ADDR_TEXT_SIZE], again[64];
	struct pin pin = {0};
	int length = -1;

	if (sscanf(line, "%19s %4x:%4x:%4x:%4x class=%6x%n", addr, &vendor, &product, &subvendor,
		   &subproduct, &class_code, &length) != 6 ||
	    length < 0 || !pci_addr_parse(addr, &pin.addr))
		return false;
	/* Formatting it again refuses every other spelling at once. */
	snprintf(again, sizeof(again), "%s %04x:%04x:%04x:%04x class=%06x", addr, vendor, product,
		 subvendor, subproduct, class_code);
	if (strlen(again) != (size_t)length || strncmp(again, line, (size_t)length) != 0)
		return false;
	pin.vendor = (uint16_t)vendor;
	pin.product = (uint16_t)product;
	pin.subvendor = (uint16_t)subvendor;
	pin.subproduct = (uint16_t)subproduct;
	pin.class_code = class_code;
	if (!serial_parse(later_words_skip(line + length, line + strlen(line)), &pin))
		return false;
	*ret = pin;
	return true;
}

static bool add_line(struct pins *pins, const char *line)
{
	struct pin pin;

	if (!text_starts(line, "pin ") || !pin_parse(line + strlen("pin "), &pin) ||
	    pins_find(pins, &pin.addr))
		return false;
	pins_add(pins, &pin);
	return true;
}

static bool line_parse(struct pins *pins, const char *line, unsigned int number)
{
	auto_free char *guest = NULL;

	if (number == 1)
		return strcmp(line, FIRST_LINE) == 0;
	if (number == 2)
		return text_starts(line, "guest ") &&
		       text_unescape(line + strlen("guest "), strlen(line) - strlen("guest "),
				     &guest);
	return add_line(pins, line);
}

/* Unlike a journal it is never appended to: half a line is damage. */
int pins_parse(const char *data, size_t length, struct pins *ret, struct error *err)
{
	cleanup(pins_done) struct pins pins = {0};
	const char *at = length > 0 ? data : "", *const end = at + length;
	unsigned int number = 0;

	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		size_t line_length = newline ? (size_t)(newline - at) : 0;
		auto_free char *line = NULL;

		number++;
		line = newline ? xasprintf("%.*s", (int)line_length, at) : NULL;
		if (!line || strlen(line) != line_length || !line_parse(&pins, line, number))
			return error_set(err, EBADMSG, "line %u is not understood", number);
		at = newline + 1;
	}
	if (number < 2)
		return error_set(err, EBADMSG, "it ends before line 2");
	*ret = pins;
	pins = (struct pins){0};
	return 0;
}
