// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The small texts: a step's line, a cell's value, an address, an escape. What one of them is read
 * from is what it is written as.
 */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "model/addr.h"
#include "model/cell.h"
#include "model/device.h"
#include "model/holder.h"
#include "model/step.h"

static void check_holds(const char *text)
{
	char again[CELL_VALUE_SIZE];
	struct unit_value unit;
	struct gate_value hold;
	struct gate_target target;
	const char *name;
	uid_t manager;

	if (unit_value_parse(text, &unit)) {
		unit_value_format(&unit, again);
		check(strcmp(text, again) == 0);
	}
	if (gate_value_parse(text, &hold)) {
		gate_value_format(&hold, again);
		check(strcmp(text, again) == 0);
	}
	if (gate_target_parse(text, &target)) {
		auto_free char *twin = gate_target_format(&target);

		check(target.addr_count > 0 && strcmp(text, twin) == 0);
	}
	if (unit_target_parse(text, &manager, &name)) {
		auto_free char *twin = unit_target(manager, name);
		const char *twin_name;
		uid_t twin_manager;

		check(unit_target_parse(twin, &twin_manager, &twin_name));
		check(manager == twin_manager && strcmp(name, twin_name) == 0);
	}
}

/* Judging a value found in a cell takes any text at all. */
static void check_judgement(const struct step *step, const char *now)
{
	step_may_begin(step, 0, now);
	check(step_state(step, 0, step->before) == STEP_AT_HOME);
	check(step_value_equal(step->kind, now, now));
	check(!step_is_parallel(step, step));
}

static void check_values(const char *text)
{
	char again[CELL_VALUE_SIZE];
	struct driver_value driver, made;
	struct power_value power;
	struct pci_addr addr;

	if (driver_value_parse(text, &driver)) {
		driver_value_format(&driver, again);
		check(driver_value_parse(again, &made));
		check(memcmp(&driver, &made, sizeof(made)) == 0);
		device_driver_is_vfio(driver.driver);
	}
	if (power_value_parse(text, &power)) {
		power_value_format(&power, again);
		check(strcmp(text, again) == 0);
	}
	check_holds(text);
	if (driver_value_init(&made, text, text, text))
		driver_value_format(&made, again);
	if (pci_addr_parse(text, &addr))
		check(strcmp(ADDR(&addr), text) == 0);
}

static void check_step(const char *text, size_t length)
{
	cleanup(step_done) struct step step = {0}, twin = {0};
	auto_text struct text again = TEXT_INIT;

	if (!step_parse(text, length, &step))
		return;
	step_format(&step, &again);
	/* Any byte may have been written as an escape; both are read the same. */
	check(step_parse(again.data, again.length, &twin));
	check(text_equal(step.why, twin.why) && text_equal(step.before, twin.before));
	check_judgement(&step, step.why);
}

static void check_escape(const char *text)
{
	auto_free char *escaped = text_escape(text), *back = NULL, *other = NULL;

	check(text_unescape(escaped, strlen(escaped), &back));
	check(strcmp(back, text) == 0);
	text_unescape(text, strlen(text), &other);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_free char *text = xcalloc(size + 1, 1);

	memcpy(text, data, size);
	check_step((const char *)data, size);
	check_values(text);
	check_escape(text);
	return 0;
}
