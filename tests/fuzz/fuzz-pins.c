// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whatever stands in a file of pins, it is refused, or what was understood of it is written so that
 * it is read as the same; and the damaged is told with its line.
 */
#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/pin.h"

/* What is written can be read, and is written so again; what is not known here is not kept. */
static void check_again(const struct pins *pins)
{
	cleanup(pins_done) struct pins twin = {0};
	auto_text struct text text = TEXT_INIT, again = TEXT_INIT;

	pins_write("guest", pins, &text);
	check(pins_parse(text.data, text.length, &twin, NULL) == 0);
	pins_write("guest", &twin, &again);
	check(text_equal(text.data, again.data));
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
	check_again(&pins);
	for (size_t i = 0; i < pins.count; i++) {
		auto_text struct text text = TEXT_INIT;

		pin_format(&pins.items[i], &text);
		check(!strpbrk(text.data, "\n\r"));
	}
	return 0;
}
