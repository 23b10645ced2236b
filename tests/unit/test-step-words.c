// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Steps in words: an error message names the device, and shows no spelling of the journal.
 */
#include "tests/host/check.h"

#include "base/cleanup.h"
#include "model/step-words.h"

#define A "0000:01:00.0"

static void a_failure_says_what_was_asked_of_which_device(void **state)
{
	static const struct {
		enum step_kind kind;
		const char *target, *value, *words;
	} cases[] = {
		{STEP_MODULE, "vfio-pci", "loaded", "the module vfio-pci could not be loaded"},
		{STEP_POWER, A, "on,d3cold=1", A " could not be kept awake"},
		{STEP_POWER, A, "auto", A " could not get its power management back"},
		{STEP_DRIVER, A, "vfio-pci,override=vfio-pci", A " could not be bound to vfio-pci"},
		{STEP_DRIVER, A, "none,override=vfio-pci",
		 A " could not be unbound from its driver"},
		{STEP_UNIT, "sddm.service", "inactive",
		 "the unit sddm.service could not be stopped"},
		{STEP_UNIT, "sddm.service", "active,drm=" A,
		 "the unit sddm.service could not be started"},
		{STEP_UDEV, "c226:1", "withdrawn", "udev did not take up that c226:1 goes away"},
		{STEP_UDEV, "c226:1", "known", "udev did not take up that c226:1 is back"},
		{STEP_VTCONSOLE, "vtcon1", "unbound", "the console vtcon1 could not be unbound"},
		{STEP_FRAMEBUFFER, "efi.0", "none", "the framebuffer efi.0 could not be unbound"},
		{STEP_FRAMEBUFFER, "efi.0", "simple",
		 "the framebuffer efi.0 could not be bound to simple"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct step step = {.kind = cases[i].kind, .target = (char *)cases[i].target};
		auto_free char *words = step_words_failed(&step, cases[i].value);

		assert_string_equal(words, cases[i].words);
	}
}

static void a_state_names_the_driver(void **state)
{
	static const struct step step = {.kind = STEP_DRIVER, .target = (char *)A};
	static const struct step unit = {.kind = STEP_UNIT, .target = (char *)"a.service"};
	auto_free char *bound = step_words_state(&step, "nvidia");
	auto_free char *unbound = step_words_state(&step, "none,override=vfio-pci");
	auto_free char *other = step_words_state(&unit, "inactive");

	(void)state;
	assert_string_equal(bound, A " is bound to nvidia");
	assert_string_equal(unbound, A " is bound to no driver (its driver_override is vfio-pci)");
	assert_string_equal(other, "unit a.service is inactive");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_failure_says_what_was_asked_of_which_device),
		cmocka_unit_test(a_state_names_the_driver),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
