// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whatever stands in a file of pins, it is refused with the line that shows why, or each of its
 * pins would be written again as the same bytes, but for words of a later version.
 */
#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/later.h"
#include "model/pin.h"

/* The line of a pin, without its first word and its newline. */
static const char *pin_line(const char *data, size_t size, size_t index, size_t *ret_length)
{
	const char *at = data, *end = data + size;

	for (size_t line = 0; line < index + 2; line++) {
		at = memchr(at, '\n', (size_t)(end - at));
		check(at != NULL);
		at++;
	}
	check(end - at > 4 && memcmp(at, "pin ", 4) == 0);
	at += 4;
	*ret_length = (size_t)((const char *)memchr(at, '\n', (size_t)(end - at)) - at);
	return at;
}

/* As it stands there, but for words of a later version between class and serial. */
static void check_line(const struct pin *pin, const char *line, size_t length)
{
	auto_text struct text text = TEXT_INIT;
	const char *serial;
	size_t head, tail;

	pin_write(pin, &text);
	serial = strstr(text.data, " serial=");
	head = serial ? (size_t)(serial - text.data) : text.length;
	tail = text.length - head;
	check(length >= text.length && memcmp(line, text.data, head) == 0);
	check(memcmp(line + length - tail, text.data + head, tail) == 0);
	line += head;
	check(later_words_skip(line, line + length - text.length) == line + length - text.length);
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
	for (size_t i = 0; i < pins.count; i++) {
		auto_text struct text text = TEXT_INIT;
		size_t length;
		const char *line = pin_line((const char *)data, size, i, &length);

		check_line(&pins.items[i], line, length);

		pin_format(&pins.items[i], &text);
		check(!strpbrk(text.data, "\n\r"));
	}
	return 0;
}
