// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whatever stands in the record of a set-up, it is refused with the line that shows why, or what is
 * understood of it is written so that it is read as the same record.
 */
#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/file.h"
#include "model/promise.h"
#include "model/setup.h"

static void check_value(const char *text)
{
	char again[CELL_VALUE_SIZE];
	struct file_value value;

	check(*text && !strpbrk(text, " \n"));
	if (!file_value_parse(text, &value))
		return;
	file_value_format(&value, again);
	check(strcmp(text, again) == 0 && file_value_equal(text, again));
}

static void check_steps(const struct setup *setup)
{
	for (size_t i = 0; i < setup->step_count; i++) {
		const struct step *step = &setup->steps[i];

		check(*step->target && !strpbrk(step->target, " \n"));
		check_value(step->before);
		check_value(step->after);
		check(setup->marks[i] < MARK_IN_FLIGHT);
	}
}

static void check_promise(const struct setup *setup)
{
	static const char *const lines[] = {
		"",
		"ro quiet hostdev.guest=0000:01:00.0=10de:2204:1458:403b:030000,x,,0000:02:00.0",
		"hostdev.guest=0000:01:00.0 single"};

	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		auto_promise struct promise promise = {0};

		promise_of_boot(setup, lines[i], &promise);
		check(!promise.off || promise.addr_count == 0);
	}
	for (size_t i = 0; i < setup->choice_count; i++) {
		auto_promise struct promise promise = {0};

		promise_of_boot(setup, setup->choices[i].words, &promise);
		check(!*setup->choices[i].words || promise.choice);
	}
}

static void check_twin(const struct setup *setup, const struct setup *twin)
{
	check(setup->applied == twin->applied && setup->undoing == twin->undoing);
	check(setup->devices.count == twin->devices.count);
	check(setup->home_count == twin->home_count);
	check(setup->member_count == twin->member_count);
	check(setup->twin_count == twin->twin_count);
	check(setup->choice_count == twin->choice_count);
	check(setup->step_count == twin->step_count);
	check(strcmp(setup->arguments, twin->arguments) == 0);
	for (size_t i = 0; i < twin->step_count; i++)
		check(setup->marks[i] == twin->marks[i]);
	for (size_t i = 0; i < twin->home_count; i++)
		check(strcmp(setup->homes[i].driver, twin->homes[i].driver) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_setup struct setup setup = {0}, twin = {0};
	auto_text struct text text = TEXT_INIT, again = TEXT_INIT;
	struct error err = ERROR_INIT;
	int ret = setup_parse((const char *)data, size, &setup, &err);

	if (ret < 0) {
		check(ret == -EBADMSG && err.code == EBADMSG && !setup.mode);
		return 0;
	}
	check_steps(&setup);
	check_promise(&setup);
	setup_is_in_force(&setup);
	setup_format(&setup, &text);
	check(setup_parse(text.data, text.length, &twin, NULL) == 0);
	check_twin(&setup, &twin);
	setup_format(&twin, &again);
	check(text_equal(text.data, again.data));
	return 0;
}
