// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whatever stands in a file of pins, it is refused, or written again as the same bytes but for the
 * guest's name; and the damaged is told with its line.
 */
#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/pin.h"

/* From the third line on. */
static const char *pins_of(const char *text, size_t length)
{
	const char *end = text + length;

	for (int line = 0; line < 2; line++) {
		text = memchr(text, '\n', (size_t)(end - text));
		check(text != NULL);
		text++;
	}
	return text;
}

static void check_again(const char *data, size_t size, const struct pins *pins)
{
	auto_text struct text text = TEXT_INIT;
	const char *before = pins_of(data, size), *after;

	pins_write("guest", pins, &text);
	after = pins_of(text.data, text.length);
	check(data + size - before == text.data + text.length - after);
	check(memcmp(before, after, (size_t)(data + size - before)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup(pins_done) struct pins pins = {0};
	struct error err = ERROR_INIT;

	if (pins_parse((const char *)data, size, &pins, &err) < 0) {
		check(err.code == EBADMSG && (strstr(err.text, "line ") != NULL));
		check(!strpbrk(err.text, "\n\r") && !pins.items && pins.count == 0);
		return 0;
	}
	check_again((const char *)data, size, &pins);
	for (size_t i = 0; i < pins.count; i++) {
		auto_text struct text text = TEXT_INIT;

		pin_format(&pins.items[i], &text);
		check(!strpbrk(text.data, "\n\r"));
	}
	return 0;
}
