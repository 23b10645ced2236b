// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How QEMU is told on its command line to take a PCI device of the host: by which options, in which
 * of its two notations (words with commas, JSON), and how it reads an address.
 */
#include "parsers/domain/qemu-option.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

/* What one value says that matters here: of nested settings only the last part of their names. */
struct said {
	char *driver, *place, *file; /* heap; the first of each counts; NULL: not said */
	bool nvme; /* a driver of that name is among them, below a format's, say */
};

static void said_done(struct said *said)
{
	free(said->driver);
	free(said->place);
	free(said->file);
}

static void note_pair(struct said *said, const char *key, const char *value)
{
	const char *dot = strrchr(key, '.');
	const char *name = dot ? dot + 1 : key;
	char **field = NULL;

	if (strcmp(name, "driver") == 0)
		field = &said->driver;
	else if (strcmp(name, "host") == 0 || strcmp(name, "sysfsdev") == 0 ||
		 strcmp(name, "device") == 0)
		field = &said->place;
	else if (strcmp(name, "file") == 0 || strcmp(name, "filename") == 0)
		field = &said->file;
	if (field == &said->driver && strcmp(value, "nvme") == 0)
		said->nvme = true;
	if (field && !*field)
		*field = xstrdup(value);
}

/* --- words with commas: a comma in a word is written twice --- */

/* The text up to the next comma. Heap; *at goes behind the comma, and is NULL after the last. */
static char *next_word(const char **at)
{
	struct text word = TEXT_INIT;
	const char *from = *at;

	while (*from && !(from[0] == ',' && from[1] != ',')) {
		text_append(&word, from, 1);
		from += *from == ',' ? 2 : 1;
	}
	*at = *from ? from + 1 : NULL;
	return text_steal(&word);
}

static void read_words(const char *value, struct said *said)
{
	const char *at = value;

	while (at) {
		bool first = at == value;
		auto_free char *word = next_word(&at);
		char *equal = strchr(word, '=');

		if (equal)
			*equal = '\0';
		if (equal || first)
			note_pair(said, equal ? word : "driver", equal ? equal + 1 : word);
	}
}

/* --- JSON --- */

static void append_escaped(struct text *text, const char **at)
{
	char c = **at;

	if (c == 'u' && strspn(*at + 1, "0123456789abcdefABCDEF") >= 4) {
		auto_free char *digits = xasprintf("%.4s", *at + 1);
		unsigned long code = strtoul(digits, NULL, 16);

		/* Nothing that is looked for is beyond ASCII. */
		c = code > 0 && code < 0x80 ? (char)code : '?';
		*at += 4;
	}
	text_append(text, &c, 1);
}

/* at: behind the opening quote. Heap; *at goes behind the closing one. */
static char *read_string(const char **at)
{
	struct text text = TEXT_INIT;

	for (; **at && **at != '"'; ++*at) {
		if (**at == '\\' && (*at)[1]) {
			++*at;
			append_escaped(&text, at);
		} else {
			text_append(&text, *at, 1);
		}
	}
	if (**at)
		++*at;
	return text_steal(&text);
}

static const char *skip_blanks(const char *at)
{
	return at + strspn(at, " \t\n");
}

/* Every name that has a string for a value, however deep: QEMU itself judges the rest. */
static void read_json(const char *value, struct said *said)
{
	const char *at = value;

	while ((at = strchr(at, '"'))) {
		auto_free char *key = NULL, *string = NULL;

		at++;
		key = read_string(&at);
		at = skip_blanks(at);
		if (*at != ':')
			continue;
		at = skip_blanks(at + 1);
		if (*at != '"')
			continue;
		at++;
		string = read_string(&at);
		note_pair(said, key, string);
	}
}

/* --- addresses --- */

static bool read_hex(const char **at, unsigned long max, char end, unsigned long *ret)
{
	char *stop;

	if (!isxdigit((unsigned char)**at))
		return false;
	*ret = strtoul(*at, &stop, 16);
	if (*ret > max || *stop != end)
		return false;
	*at = end ? stop + 1 : stop;
	return true;
}

/* "[DOMAIN:]BUS:SLOT.FUNCTION", all hexadecimal, with or without zeros in front. */
static bool read_address(const char *text, struct pci_addr *ret)
{
	const char *colon = strchr(text, ':');
	bool has_domain = colon && strchr(colon + 1, ':');
	unsigned long domain = 0, bus, slot, function;

	if ((has_domain && !read_hex(&text, UINT32_MAX, ':', &domain)) ||
	    !read_hex(&text, 0xff, ':', &bus) || !read_hex(&text, 0x1f, '.', &slot) ||
	    !read_hex(&text, 7, '\0', &function))
		return false;
	*ret = (struct pci_addr){.domain = (uint32_t)domain,
				 .bus = (uint8_t)bus,
				 .slot = (uint8_t)slot,
				 .function = (uint8_t)function};
	return true;
}

/* The last part of a path is the device's own address; of a mediated device it is no address. */
static bool read_place(const char *text, struct pci_addr *ret)
{
	auto_free char *copy = xstrdup(text);
	char *slash;

	for (size_t length = strlen(copy); length > 0 && copy[length - 1] == '/'; length--)
		copy[length - 1] = '\0';
	slash = strrchr(copy, '/');
	return read_address(slash ? slash + 1 : copy, ret);
}

/* --- options --- */

static bool is_vfio(const char *driver)
{
	/* The last two are those of QEMU before VFIO. */
	return driver && (text_starts(driver, "vfio-pci") || strcmp(driver, "pci-assign") == 0 ||
			  strcmp(driver, "kvm-pci-assign") == 0);
}

static bool of_device(const struct said *said, struct pci_addr *ret)
{
	return is_vfio(said->driver) && said->place && read_place(said->place, ret);
}

/* QEMU's own driver for NVMe disks takes the whole controller. "nvme://0000:01:00.0/1" */
static bool of_block(const struct said *said, struct pci_addr *ret)
{
	static const char scheme[] = "nvme://";

	if (said->file && text_starts(said->file, scheme)) {
		const char *from = said->file + strlen(scheme);
		auto_free char *place = xasprintf("%.*s", (int)strcspn(from, "/"), from);

		return read_address(place, ret);
	}
	return said->nvme && said->place && read_address(said->place, ret);
}

bool qemu_property_device(const char *name, const char *value, struct pci_addr *ret)
{
	return (strcmp(name, "host") == 0 || strcmp(name, "sysfsdev") == 0) &&
	       read_place(value, ret);
}

/* "device.ID.host=01:00.0" */
static bool of_set(const char *value, struct pci_addr *ret)
{
	auto_free char *copy = xstrdup(value);
	char *equal = strchr(copy, '='), *dot;

	if (!equal || !text_starts(copy, "device."))
		return false;
	*equal = '\0';
	dot = strrchr(copy, '.');
	return qemu_property_device(dot + 1, equal + 1, ret);
}

bool qemu_option_device(const char *option, const char *value, struct pci_addr *ret)
{
	const char *name = option + (text_starts(option, "--") ? 2 : 1);
	cleanup(said_done) struct said said = {0};

	if (*option != '-')
		return false;
	if (strcmp(name, "set") == 0)
		return of_set(value, ret);
	if (*skip_blanks(value) == '{')
		read_json(value, &said);
	else
		read_words(value, &said);
	if (strcmp(name, "device") == 0)
		return of_device(&said, ret);
	if (strcmp(name, "drive") == 0 || strcmp(name, "blockdev") == 0)
		return of_block(&said, ret);
	return strcmp(name, "pcidevice") == 0 && said.place && read_place(said.place, ret);
}
