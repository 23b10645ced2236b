// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What tells a keyboard from what only sends keys: tokens and barcode readers type their codes,
 * mice and receivers have keys for every case, and each shows all letters.
 */
#include "parsers/display/keyboard.h"

#include <ctype.h>
#include <linux/input.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/text.h"

#define WORD_BITS (sizeof(unsigned long) * CHAR_BIT)

bool keyboard_has_bit(const char *bitmap, unsigned int bit)
{
	const char *at = bitmap + strlen(bitmap);

	for (unsigned int word = 0;; word++) {
		while (at > bitmap && at[-1] == ' ')
			at--;
		if (at == bitmap)
			return false;
		while (at > bitmap && at[-1] != ' ')
			at--;
		if (word == bit / WORD_BITS)
			return strtoul(at, NULL, 16) >> bit % WORD_BITS & 1;
	}
}

/* --- where it stands --- */

/* "3-1.2:1.0": an interface of a USB device. */
static bool is_interface(const char *name, size_t length)
{
	const char *colon = memchr(name, ':', length), *dash = memchr(name, '-', length);

	return isdigit((unsigned char)*name) && colon && dash && dash < colon &&
	       memchr(colon, '.', (size_t)(name + length - colon));
}

/* "0003:046D:C31C.0001": a device of the HID bus. */
static bool is_hid(const char *name, size_t length)
{
	return length >= 19 && name[4] == ':' && name[9] == ':' && name[14] == '.' &&
	       strspn(name, "0123456789ABCDEF") == 4;
}

/* The device that somebody bought, which may have several input devices. */
struct body {
	char path[PLACE_PATH_SIZE]; /* below /sys */
	bool usb, bluetooth;
};

/*
 * The USB device. But what a receiver is paired with stands below the receiver as a device of its
 * own, one HID device below another.
 */
static void body_find(const struct place *place, struct body *ret)
{
	const char *at = place->path, *end = strstr(place->path, "/input/input");
	size_t length = end ? (size_t)(end - at) : strlen(at), hid = 0;

	*ret = (struct body){.bluetooth = place_below(place, "devices/virtual")};
	snprintf(ret->path, sizeof(ret->path), "%.*s", (int)length, place->path);
	for (size_t start = 0; start < length;) {
		size_t size = strcspn(place->path + start, "/");

		if (is_interface(place->path + start, size)) {
			ret->usb = true;
			ret->path[start - 1] = '\0';
		}
		hid += is_hid(place->path + start, size);
		start += size + 1;
	}
	if (hid > 1)
		snprintf(ret->path, sizeof(ret->path), "%.*s", (int)length, place->path);
}

/* --- what is beside it --- */

struct keyboard_search {
	const struct host *host;
	const struct body *body;
	bool found;
};

static bool has_both(const struct host *host, const char *event, const char *kind)
{
	char bitmap[256];

	/* The bits of X and Y are these in both; a wheel or a volume knob has others. */
	return host_read(host, HOST_SYS, bitmap, sizeof(bitmap), NULL,
			 "class/input/%s/device/capabilities/%s", event, kind) == 0 &&
	       keyboard_has_bit(bitmap, REL_X) && keyboard_has_bit(bitmap, REL_Y);
}

static int look_for_pointer(void *data, const char *name, const struct place *place,
			    struct error *err)
{
	struct keyboard_search *search = data;

	(void)err;
	if (!place_below(place, search->body->path))
		return 0;
	/* The kernel itself made a "mouse0" of what it takes for one. */
	if (text_starts(name, "mouse") ||
	    (text_starts(name, "event") &&
	     (has_both(search->host, name, "rel") || has_both(search->host, name, "abs"))))
		search->found = true;
	return 0;
}

static bool has_pointer(const struct host *host, const struct body *body)
{
	struct keyboard_search search = {host, body, false};

	place_each(host, "class/input", look_for_pointer, &search, NULL);
	return search.found;
}

/* A FIDO token's descriptor begins with a usage page that is theirs alone. */
static bool speaks_fido(const struct host *host, const struct body *body, const char *interface)
{
	cleanup(host_free_names) char **names = NULL;

	if (host_list(host, HOST_SYS, &names, NULL, NULL, "%s/%s", body->path, interface) < 0)
		return false;
	for (size_t i = 0; names[i]; i++) {
		auto_free char *data = NULL;
		size_t length = 0;

		if (is_hid(names[i], strlen(names[i])) &&
		    host_read_file(host, HOST_SYS, 64 * 1024, &data, &length, NULL,
				   "%s/%s/%s/report_descriptor", body->path, interface,
				   names[i]) == 0 &&
		    length >= 3 && memcmp(data, "\x06\xd0\xf1", 3) == 0)
			return true;
	}
	return false;
}

/* Beside the keys a reader for smart cards, or what web sites ask for. */
static bool is_token(const struct host *host, const struct body *body)
{
	cleanup(host_free_names) char **names = NULL;
	bool found = false;

	if (!body->usb || host_list(host, HOST_SYS, &names, NULL, NULL, "%s", body->path) < 0)
		return false;
	for (size_t i = 0; names[i] && !found; i++) {
		char class[8];

		found = is_interface(names[i], strlen(names[i])) &&
			((host_read(host, HOST_SYS, class, sizeof(class), NULL,
				    "%s/%s/bInterfaceClass", body->path, names[i]) == 0 &&
			  strcmp(class, "0b") == 0) ||
			 speaks_fido(host, body, names[i]));
	}
	return found;
}

/* --- what it is known for --- */

/* As the USB forum spells them: makers of tokens, barcode and card readers, and of nothing else. */
static const char *const other_makers[] = {
	"1050", /* Yubico */
	"096e", /* Feitian */
	"2ccf", /* Hypersecu */
	"311f", /* TrustKey */
	"0c2e", /* Honeywell, Metrologic: scanners */
	"05e0", /* Symbol, Zebra: scanners */
	"05f9", /* Datalogic: scanners */
	"1eab", /* Newland: scanners */
	"065a", /* Opticon: scanners */
	"0801", /* MagTek: card readers */
};

static const char *const other_names[] = {
	"yubi",           "nitrokey",    "onlykey",       "solokey",   "security key",
	"fido",           "u2f",         "token",         "barcode",   "bar code",
	"scanner",        "card reader", "usb reader",    "rfid",      "magstripe",
	"remote control", "infrared",    "ir receiver",   "video bus", "hid events",
	"hotkey",         "wmi",         "extra buttons", "flirc",     "footswitch",
	"foot switch",    "foot pedal",
};

static const char *const pointer_names[] = {"mouse",   "trackball", "touchpad",  "headset",
					    "gamepad", "joystick",  "presenter", "button"};

static bool names_one(const char *name, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcasestr(name, words[i]))
			return true;
	return false;
}
#define NAMES_ONE(name, words) names_one(name, words, sizeof(words) / sizeof((words)[0]))

static bool has_other_maker(const struct host *host, const char *event)
{
	char vendor[16];

	if (host_read(host, HOST_SYS, vendor, sizeof(vendor), NULL,
		      "class/input/%s/device/id/vendor", event) < 0)
		return false;
	for (size_t i = 0; i < sizeof(other_makers) / sizeof(other_makers[0]); i++)
		if (strcasecmp(vendor, other_makers[i]) == 0)
			return true;
	return false;
}

/* Num lock, caps lock: what a keyboard shows. */
static bool has_lights(const struct host *host, const char *event)
{
	char bitmap[64];

	return host_read(host, HOST_SYS, bitmap, sizeof(bitmap), NULL,
			 "class/input/%s/device/capabilities/led", event) == 0 &&
	       (keyboard_has_bit(bitmap, LED_NUML) || keyboard_has_bit(bitmap, LED_CAPSL));
}

enum keyboard_grade keyboard_grade(const struct host *host, const char *event,
				   const struct place *place, const char *label)
{
	struct body body;
	bool lights, pointer;

	body_find(place, &body);
	/* "rc0": what a receiver for remote controls makes of their buttons. */
	if (strstr(place->path, "/rc/rc") || NAMES_ONE(label, other_names) ||
	    has_other_maker(host, event))
		return KEYBOARD_NEVER;
	/* Keyboards with a reader for cards say what they are. */
	if (is_token(host, &body))
		return strcasestr(label, "keyboard") ? KEYBOARD_LIKELY : KEYBOARD_NEVER;
	/* A mouse's own; many that are sold together with one are called "Keyboard Mouse", too. */
	if (NAMES_ONE(label, pointer_names))
		return KEYBOARD_UNLIKELY;
	/* Built in: a laptop's, or one at a plug for keyboards alone. Some have no lights. */
	if (!body.usb && !body.bluetooth)
		return KEYBOARD_SURE;
	lights = has_lights(host, event);
	pointer = has_pointer(host, &body);
	if (lights != pointer)
		return lights ? KEYBOARD_SURE : KEYBOARD_UNLIKELY;
	return KEYBOARD_LIKELY;
}
