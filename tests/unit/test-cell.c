// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Cell values: taken apart and put together again, and no second spelling for a value.
 */
#include "tests/host/check.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
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
					  "a\\x61",
					  "a\\x2",
					  "a\\x2f",
					  "a\\x00b",
					  "a\\X20b",
					  "a\\b",
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
	struct driver_value value, back;
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
		{"i6300ESB timer", "i6300esb", "(null)", "i6300ESB\\x20timer,module=i6300esb"},
		{"budget dvb", "budget", "a,b", "budget\\x20dvb,module=budget,override=a\\x2cb"},
		{"a\\x20b", NULL, NULL, "a\\x5cx20b"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_true(driver_value_init(&value, rows[i].driver, rows[i].module,
					      rows[i].override));
		driver_value_format(&value, text);
		assert_string_equal(text, rows[i].text);
		assert_true(driver_value_parse(text, &back));
		assert_string_equal(back.driver, rows[i].driver ? rows[i].driver : "");
		assert_string_equal(back.override, value.override);
	}
	assert_false(driver_value_init(&value, "none", NULL, NULL));
	assert_false(driver_value_init(&value, "a\nb", NULL, NULL));
	assert_false(driver_value_init(&value, "a", NULL, "x/y"));
	assert_false(driver_value_init(&value, "a", "m\tm", NULL));
}

static void longest_names_fit(void **state)
{
	char name[CELL_NAME_SIZE + 1], text[CELL_VALUE_SIZE];
	struct driver_value value, back;

	(void)state;
	memset(name, 'n', sizeof(name));
	name[CELL_NAME_SIZE] = '\0';
	assert_false(driver_value_init(&value, name, NULL, NULL));
	memset(name, ' ', CELL_NAME_SIZE - 1);
	name[CELL_NAME_SIZE - 1] = '\0';
	assert_false(driver_value_init(&value, name, NULL, NULL));
	memset(name, 'n', sizeof(name));
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

static void unit_text_comes_back(void **state)
{
	static const char *const good[] = {"active",
					   "inactive",
					   "active,drm=0000:01:00.0",
					   "active,sockets=lactd.socket",
					   "active,drm=0000:01:00.0,sockets=a.socket+b@1.socket",
					   "active,drm=ffffffff:ff:1f.7"};
	static const char *const bad[] = {"",
					  "on",
					  "active,",
					  "active,drm=",
					  "active,drm=x",
					  "inactive,drm=0000:01:00.0",
					  "deactivating",
					  "active,sockets=",
					  "active,sockets=a.service",
					  "active,sockets=.socket",
					  "active,sockets=a.socket+",
					  "active,sockets=a.socket++b.socket",
					  "active,sockets=a.socket,drm=0000:01:00.0",
					  "inactive,sockets=a.socket",
					  "active,drm=0000:01:00.0,",
					  "active,drm=0000:01:00.0 "};
	char text[CELL_VALUE_SIZE];
	struct unit_value value;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(unit_value_parse(good[i], &value));
		unit_value_format(&value, text);
		assert_string_equal(text, good[i]);
	}
	assert_string_equal(value.drm, "ffffffff:ff:1f.7");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (unit_value_parse(bad[i], &value))
			fail_msg("\"%s\" was taken for a unit's value", bad[i]);
}

static void sockets_are_told_apart(void **state)
{
	struct unit_value value = {.active = true};
	char name[CELL_NAME_SIZE * 2], text[CELL_VALUE_SIZE];
	const char *at = value.sockets;

	(void)state;
	assert_false(unit_value_next_socket(&at, name));
	assert_true(unit_value_add_socket(&value, "a.socket"));
	assert_true(unit_value_add_socket(&value, "b.socket"));
	assert_true(unit_value_next_socket(&at, name));
	assert_string_equal(name, "a.socket");
	assert_true(unit_value_next_socket(&at, name));
	assert_string_equal(name, "b.socket");
	assert_false(unit_value_next_socket(&at, name));
	while (unit_value_add_socket(&value, "another.socket"))
		;
	unit_value_format(&value, text);
	assert_true(unit_value_parse(text, &value));
}

static void hold_text_comes_back(void **state)
{
	static const char *const good[] = {"held",
					   "free",
					   "free,wait=5000",
					   "free,grace=0",
					   "free,term=5000",
					   "free,wait=1,term=0",
					   "free,wait=1,grace=3600000"};
	static const char *const bad[] = {"",
					  "holds",
					  "held,wait=1",
					  "free,",
					  "free,wait=0",
					  "free,wait=",
					  "free,wait=01",
					  "free,wait=-1",
					  "free,wait=3600001",
					  "free,grace=1,wait=1",
					  "free,grace=1,term=1",
					  "free,term=1,grace=1",
					  "free,term=",
					  "freewait=1",
					  "free,wait= 1",
					  "free,wait=99999999999999999999"};
	char text[CELL_VALUE_SIZE];
	struct gate_value value;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(gate_value_parse(good[i], &value));
		gate_value_format(&value, text);
		assert_string_equal(text, good[i]);
	}
	assert_true(value.free && value.has_grace && !value.spare);
	assert_int_equal(value.wait_ms, 1);
	assert_int_equal(value.grace_ms, 3600000);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (gate_value_parse(bad[i], &value))
			fail_msg("\"%s\" was taken for a gate's value", bad[i]);
}

static void hold_target_comes_back(void **state)
{
	static const char *const good[] = {"0000:01:00.0", "0000:01:00.0,0000:01:00.1",
					   "812:4711@0000:01:00.0",
					   "2147483647:18446744073709551615@0000:01:00.0",
					   "1:0@ffffffff:ff:1f.7,10000:00:00.0"};
	static const char *const bad[] = {"",
					  "812",
					  "812:4711@",
					  "812:4711",
					  "@0000:01:00.0",
					  ":1@0000:01:00.0",
					  "812:@0000:01:00.0",
					  "0:1@0000:01:00.0",
					  "-1:1@0000:01:00.0",
					  "2147483648:1@0000:01:00.0",
					  "1:18446744073709551616@0000:01:00.0",
					  "812:4711@0000:01:00.0,",
					  ",0000:01:00.0",
					  "0000:01:00.0,,0000:01:00.1",
					  "0812:4711@0000:01:00.0",
					  "812:4711 @0000:01:00.0"};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct gate_target target;
		auto_free char *text = NULL;

		if (!gate_target_parse(good[i], &target))
			fail_msg("\"%s\" was not taken", good[i]);
		text = gate_target_format(&target);
		assert_string_equal(text, good[i]);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct gate_target target;

		if (gate_target_parse(bad[i], &target))
			fail_msg("\"%s\" was taken for a gate's target", bad[i]);
	}
}

/* More devices than fit are refused, not cut off. */
static void hold_target_has_its_limit(void **state)
{
	struct gate_target target = {.pid = 1};
	auto_free char *whole = NULL, *more = NULL;

	(void)state;
	for (size_t i = 0; i < GATE_ADDRS_MAX; i++)
		target.addrs[target.addr_count++] = (struct pci_addr){.bus = (uint8_t)i};
	whole = gate_target_format(&target);
	assert_true(gate_target_parse(whole, &target));
	assert_int_equal(target.addr_count, GATE_ADDRS_MAX);
	more = xasprintf("%s,0000:99:00.0", whole);
	assert_false(gate_target_parse(more, &target));
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
	assert_true(device_driver_is_vfio("vfio-pci"));
	assert_true(device_driver_is_vfio("mlx5_vfio_pci"));
	assert_true(device_driver_is_vfio("nvgrace_gpu_vfio_pci"));
	assert_false(device_driver_is_vfio(""));
	assert_false(device_driver_is_vfio("nvidia"));
	assert_false(device_driver_is_vfio("pci-stub"));
	assert_false(device_driver_is_vfio("vfio-pci-core"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(driver_text_comes_back),
		cmocka_unit_test(driver_refuses),
		cmocka_unit_test(driver_from_parts),
		cmocka_unit_test(longest_names_fit),
		cmocka_unit_test(power_text_comes_back),
		cmocka_unit_test(unit_text_comes_back),
		cmocka_unit_test(sockets_are_told_apart),
		cmocka_unit_test(hold_text_comes_back),
		cmocka_unit_test(hold_target_comes_back),
		cmocka_unit_test(hold_target_has_its_limit),
		cmocka_unit_test(dash_and_underscore_are_alike),
		cmocka_unit_test(vfio_drivers_are_known_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
