// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whatever stands in a file that may be left over, what is taken of it is part of it, and what is
 * told of its set-up makes a record that is read again.
 */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "base/cleanup.h"
#include "generator/leftovers.h"

static void check_taken(const char *path, const char *text)
{
	auto_text struct text ours = TEXT_INIT;
	bool taken = leftover_take(path, text, &ours);

	check(taken ? ours.length > 0 && ours.length <= strlen(text) : ours.length == 0);
}

static void check_rest(const char *path, const char *text)
{
	const struct boot boot = {0};
	auto_text struct text rest = TEXT_INIT;

	if (leftover_take_out(path, text, &boot, true, &rest))
		check(rest.length < strlen(text));
}

static void check_promise(const char *path, const char *text)
{
	auto_setup struct setup setup = {0}, twin = {0};
	auto_text struct text record = TEXT_INIT;

	leftover_promise(path, text, &setup);
	setup.mode = setup.mode ? setup.mode : xstrdup("static");
	setup.arguments = setup.arguments ? setup.arguments : xstrdup("static");
	setup.version = xstrdup("1");
	setup.kernel = xstrdup("1");
	setup_format(&setup, &record);
	check(setup_parse(record.data, record.length, &twin, NULL) == 0);
	check(text_equal(setup.mode, twin.mode) && text_equal(setup.arguments, twin.arguments));
	check(setup.choice_count == twin.choice_count);
	for (size_t i = 0; i < setup.choice_count; i++) {
		check(text_equal(setup.choices[i].id, twin.choices[i].id));
		check(text_equal(setup.choices[i].words, twin.choices[i].words));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_free char *text = xasprintf("%.*s", (int)size, (const char *)data);

	for (size_t i = 0; leftover_files[i]; i++) {
		check_taken(leftover_files[i], text);
		check_promise(leftover_files[i], text);
	}
	for (size_t i = 0; leftover_edited[i]; i++) {
		check_rest(leftover_edited[i], text);
		check_promise(leftover_edited[i], text);
	}
	return 0;
}
