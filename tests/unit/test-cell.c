// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Cell values: taken apart and put together again, and no second spelling for a value.
 */
#include "tests/host/check.h"

#include <string.h>

#include "model/cell.h"
#include "model/device.h"

static void driver_text_comes_back(void **state)
{
	static const char *const good[] = {
		"none",
		"nvidia",
		"none,override=vfio-pci",
		"vfio-pci,override=vfio-pci",
		"xhci_hcd,module=xhci_pci",
		"xhci_hcd,module=xhci_pci,override=xhci_hcd",
	};
	char text[CELL_VALUE_SIZE];
	struct driver_value value;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(driver_value_parse(good[i], &value));
		driver_value_format(&value, text);
		assert_string_equal(text, good[i]);
	}
}

static void driver_refuses(void **state)
{
	static const char *const bad[] = {"",
					  ",",
					  "nvidia,",
					  "nvidia,override=",
					  "a b",
					  "nvidia,x=1",
					  "none,module=x",
					  "nvidia,override=a,module=b",
					  "../x",
					  "nvidia,module=a,module=b",
					  "nvidia override=x",
					  "nvidia,override=a/b",
					  ",override=x",
					  "\x01"};
	struct driver_value value;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (driver_value_parse(bad[i], &value))
			fail_msg("\"%s\" was taken for a driver value", bad[i]);
}

static void driver_from_parts(void **state)
{
	char text[CELL_VALUE_SIZE];
	struct driver_value value;
	const struct {
		const char *driver, *module, *override, *text;
	} rows[] = {
		{NULL, NULL, NULL, "none"},
		{"", "", "", "none"},
		{"", "ignored", "", "none"},
		{"", NULL, "(null)", "none"},
		{"", NULL, "vfio-pci", "none,override=vfio-pci"},
		{"vfio-pci", "vfio_pci", "vfio-pci", "vfio-pci,override=vfio-pci"},
		{"xhci_hcd", "xhci_pci", "(null)", "xhci_hcd,module=xhci_pci"},
		{"pcieport", "", "(null)", "pcieport"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_true(driver_value_init(&value, rows[i].driver, rows[i].module,
					      rows[i].override));
		driver_value_format(&value, text);
		assert_string_equal(text, rows[i].text);
	}
	assert_false(driver_value_init(&value, "none", NULL, NULL));
	assert_false(driver_value_init(&value, "a b", NULL, NULL));
	assert_false(driver_value_init(&value, "a", NULL, "x,y"));
	assert_false(driver_value_init(&value, "a", "m m", NULL));
}

static void longest_names_fit(void **state)
{
	char name[CELL_NAME_SIZE + 1], text[CELL_VALUE_SIZE];
	struct driver_value value, back;

	(void)state;
	memset(name, 'n', sizeof(name));
	name[CELL_NAME_SIZE] = '\0';
	assert_false(driver_value_init(&value, name, NULL, NULL));
	name[CELL_NAME_SIZE - 1] = '\0';
	assert_true(driver_value_init(&value, name, "m", name));
	memset(value.module, 'm', CELL_NAME_SIZE - 1);
	driver_value_format(&value, text);
	assert_true(strlen(text) < CELL_VALUE_SIZE);
	assert_true(driver_value_parse(text, &back));
	assert_memory_equal(&back, &value, sizeof(value));
}

static void power_text_comes_back(void **state)
{
	static const char *const good[] = {"on", "auto", "on,d3cold=0", "auto,d3cold=1"};
	static const char *const bad[] = {
		"", "off", "on,", "on,d3cold=", "on,d3cold=2", "on,d3cold=01", "on d3cold=1", "ON"};
	char text[CELL_VALUE_SIZE];
	struct power_value value;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(power_value_parse(good[i], &value));
		power_value_format(&value, text);
		assert_string_equal(text, good[i]);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(power_value_parse(bad[i], &value));
}

static void dash_and_underscore_are_alike(void **state)
{
	(void)state;
	assert_true(module_name_equal("vfio-pci", "vfio_pci"));
	assert_true(module_name_equal("", ""));
	assert_false(module_name_equal("vfio-pci", "vfio_pc"));
	assert_false(module_name_equal("vfio", "vfio_pci"));
	assert_false(module_name_equal("nvidia", "nouveau"));
}

static void vfio_drivers_are_known_by_name(void **state)
{
	(void)state;
	assert_true(driver_is_vfio("vfio-pci"));
	assert_true(driver_is_vfio("mlx5_vfio_pci"));
	assert_true(driver_is_vfio("nvgrace_gpu_vfio_pci"));
	assert_false(driver_is_vfio(""));
	assert_false(driver_is_vfio("nvidia"));
	assert_false(driver_is_vfio("pci-stub"));
	assert_false(driver_is_vfio("vfio-pci-core"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(driver_text_comes_back),
		cmocka_unit_test(driver_refuses),
		cmocka_unit_test(driver_from_parts),
		cmocka_unit_test(longest_names_fit),
		cmocka_unit_test(power_text_comes_back),
		cmocka_unit_test(dash_and_underscore_are_alike),
		cmocka_unit_test(vfio_drivers_are_known_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
