// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The model kernel: does it answer as kernels 6.1 and 6.12 were seen to?
 */
#include "tests/host/check.h"

#include <errno.h>

#include "tests/host/testhost.h"

#define GPU "0000:01:00.0"
#define DEVICE(name) "bus/pci/devices/" name

static const char host_text[] =
	"bridge 0000:00:01.0 8086:1901 bus=01 group=1\n"
	"device 0000:01:00.0 10de:2204 sub=1458:403b class=030000 group=14 driver=nvidia"
	" match=nvidia,nouveau power=auto boot_vga # the card\n"
	"device 0000:01:00.1 10de:1aef class=040300 group=14 driver=snd_hda_intel power=auto\n"
	"device 0000:03:00.0 8086:10fb group=20 driver=ixgbe sriov=4\n"
	"vf 0000:03:10.0 8086:10ed of=0000:03:00.0 group=21 driver=ixgbevf\n"
	"vf 0000:03:10.2 8086:10ed of=0000:03:00.0 group=22\n"
	"device 0000:04:00.0 1234:11e8 group=23 match=edu\n"
	"device 10000:e1:00.0 144d:a80a class=010802 group=24 driver=nvme d3cold=NONE\n"
	"driver nvidia module=nvidia probe_power=auto\n"
	"driver xhci_hcd module=xhci_pci\n"
	"driver pci-stub builtin module=pci_stub\n"
	"module vfio-pci unloaded uses=vfio,vfio_pci_core\n"
	"module nouveau unloaded blacklisted\n"
	"module edu unloaded registers=edu\n"
	"alias pci:v000010DEd*sv*sd*bc03sc*i* nouveau\n"
	"probe nouveau 0000:01:00.0 fails=EIO\n"
	"file etc/a\n"
	"\tone\n"
	"\n"
	"\t\ttwo\n";

static int fresh(void **state)
{
	*state = testhost_new(host_text);
	return 0;
}

static int stale(void **state)
{
	struct testhost *host = *state;

	testhost_free(&host);
	return 0;
}

static int put(struct testhost *host, const char *path, const char *value)
{
	return host_write_attr(&host->host, value, NULL, "%s", path);
}

static void assert_attr(struct testhost *host, const char *path, const char *value)
{
	char text[256];

	assert_int_equal(host_read(&host->host, HOST_SYS, text, sizeof(text), NULL, "%s", path), 0);
	assert_string_equal(text, value);
}

static void assert_bound(struct testhost *host, const char *addr, const char *driver)
{
	char name[64] = "";

	host_read_link_name(&host->host, HOST_SYS, name, sizeof(name), NULL,
			    "bus/pci/devices/%s/driver", addr);
	assert_string_equal(name, driver);
}

static void unbind_answers(void **state)
{
	struct testhost *host = *state;

	assert_int_equal(put(host, "bus/pci/drivers/nouveau/unbind", GPU), -ENOENT);
	assert_int_equal(put(host, "bus/pci/drivers/ixgbe/unbind", GPU), -ENODEV);
	assert_int_equal(put(host, "bus/pci/drivers/nvidia/unbind", "0000:09:00.0"), -ENODEV);
	assert_int_equal(put(host, "bus/pci/drivers/nvidia/unbind", GPU "\n"), 0);
	assert_int_equal(put(host, "bus/pci/drivers/nvidia/unbind", GPU), -ENODEV);
	assert_bound(host, GPU, "");
	assert_int_equal(testhost_operations(host), 5);
}

static void bind_answers(void **state)
{
	struct testhost *host = *state;

	assert_int_equal(put(host, "bus/pci/drivers/ixgbe/bind", GPU), -ENODEV);
	assert_int_equal(put(host, "bus/pci/drivers/nvidia/bind", GPU), -EBUSY);
	testhost_rebind(host, GPU, NULL);
	assert_int_equal(put(host, "bus/pci/drivers/nvidia/bind", GPU), 0);
	assert_bound(host, GPU, "nvidia");
	assert_attr(host, DEVICE(GPU) "/power/control", "auto");
}

static void override_alone_decides(void **state)
{
	struct testhost *host = *state;

	testhost_rebind(host, GPU, NULL);
	assert_int_equal(put(host, DEVICE(GPU) "/driver_override", "ixgbe\n"), 0);
	assert_attr(host, DEVICE(GPU) "/driver_override", "ixgbe");
	assert_int_equal(put(host, "bus/pci/drivers/nvidia/bind", GPU), -ENODEV);
	assert_int_equal(put(host, "bus/pci/drivers/ixgbe/bind", GPU), 0);
	/* Writing nothing changes nothing; an empty line clears. */
	assert_int_equal(put(host, DEVICE(GPU) "/driver_override", ""), 0);
	assert_attr(host, DEVICE(GPU) "/driver_override", "ixgbe");
	assert_int_equal(put(host, DEVICE(GPU) "/driver_override", "\n"), 0);
	assert_attr(host, DEVICE(GPU) "/driver_override", "(null)");
	assert_bound(host, GPU, "ixgbe");
}

static void vfio_wants_an_override(void **state)
{
	struct testhost *host = *state;

	assert_int_equal(host_module_load(&host->host, "vfio_pci", 0, NULL), 0);
	assert_true(host_exists(&host->host, HOST_SYS, "module/vfio_pci_core/initstate"));
	testhost_rebind(host, GPU, NULL);
	assert_int_equal(put(host, "bus/pci/drivers/vfio-pci/bind", GPU), -ENODEV);
	assert_int_equal(put(host, DEVICE(GPU) "/driver_override", "vfio-pci"), 0);
	testhost_set(host, GPU, "power/control", "on");
	assert_int_equal(put(host, "bus/pci/drivers/vfio-pci/bind", GPU), 0);
	assert_attr(host, DEVICE(GPU) "/power/control", "auto");
	assert_int_equal(put(host, "bus/pci/drivers/vfio-pci/unbind", GPU), 0);
	assert_attr(host, DEVICE(GPU) "/power/control", "on");
}

static void vfio_refuses(void **state)
{
	struct testhost *host = *state;

	assert_int_equal(host_module_load(&host->host, "vfio-pci", 0, NULL), 0);
	testhost_rebind(host, "0000:00:01.0", NULL);
	testhost_rebind(host, "0000:03:00.0", NULL);
	testhost_set(host, "0000:00:01.0", "driver_override", "vfio-pci");
	testhost_set(host, "0000:03:00.0", "driver_override", "vfio-pci");
	assert_int_equal(put(host, "bus/pci/drivers/vfio-pci/bind", "0000:00:01.0"), -EINVAL);
	assert_int_equal(put(host, "bus/pci/drivers/vfio-pci/bind", "0000:03:00.0"), -EBUSY);
}

static void owned_groups_refuse_host_drivers(void **state)
{
	struct testhost *host = *state;

	testhost_rebind(host, GPU, NULL);
	testhost_own_group(host, 14, true);
	assert_int_equal(put(host, "bus/pci/drivers/nvidia/bind", GPU), -EBUSY);
	assert_int_equal(put(host, "bus/pci/drivers_probe", GPU), -EINVAL);
	testhost_set(host, GPU, "driver_override", "pci-stub");
	assert_int_equal(put(host, "bus/pci/drivers/pci-stub/bind", GPU), 0);
}

static void drivers_probe_tells_nothing(void **state)
{
	struct testhost *host = *state;

	assert_int_equal(put(host, "bus/pci/drivers_probe", "0000:09:00.0"), -ENODEV);
	assert_int_equal(put(host, "bus/pci/drivers_probe", GPU), 0);
	assert_int_equal(put(host, "bus/pci/drivers_probe", "0000:04:00.0"), 0);
	assert_bound(host, "0000:04:00.0", "");
	testhost_rebind(host, GPU, NULL);
	testhost_set(host, GPU, "driver_override", "absent");
	assert_int_equal(put(host, "bus/pci/drivers_probe", GPU), 0);
	assert_bound(host, GPU, "");
	testhost_set(host, GPU, "driver_override", "(null)");
	assert_int_equal(put(host, "bus/pci/drivers_probe", GPU), 0);
	assert_bound(host, GPU, "nvidia");
}

static void a_loaded_module_takes_what_is_free(void **state)
{
	struct testhost *host = *state;

	testhost_set(host, "0000:04:00.0", "driver_override", "other");
	assert_int_equal(host_module_load(&host->host, "edu", 0, NULL), 0);
	assert_bound(host, "0000:04:00.0", "");
	testhost_module_unload(host, "edu");
	testhost_set(host, "0000:04:00.0", "driver_override", "(null)");
	assert_int_equal(host_module_load(&host->host, "edu", 0, NULL), 0);
	assert_bound(host, "0000:04:00.0", "edu");
	testhost_module_unload(host, "edu");
	assert_bound(host, "0000:04:00.0", "");
	assert_false(host_exists(&host->host, HOST_SYS, "bus/pci/drivers/edu"));
}

static void module_load_answers(void **state)
{
	struct testhost *host = *state;

	assert_int_equal(host_module_load(&host->host, "absent", 0, NULL), -ENOENT);
	assert_int_equal(host_module_load(&host->host, "nvidia", 0, NULL), 0);
	assert_int_equal(host_module_load(&host->host, "nouveau", HOST_MODULE_BLACKLIST, NULL),
			 -EPERM);
	testhost_rebind(host, GPU, NULL);
	assert_int_equal(host_module_load(&host->host, "nouveau", 0, NULL), 0);
	/* Its probe failed: the driver is there, the device has none. */
	assert_true(host_exists(&host->host, HOST_SYS, "bus/pci/drivers/nouveau"));
	assert_bound(host, GPU, "");
	testhost_set(host, GPU, "driver_override", "nouveau");
	assert_int_equal(put(host, "bus/pci/drivers/nouveau/bind", GPU), -EIO);
}

static void power_takes_two_words(void **state)
{
	struct testhost *host = *state;

	assert_int_equal(put(host, DEVICE(GPU) "/power/control", "off"), -EINVAL);
	assert_int_equal(put(host, DEVICE(GPU) "/power/control", "o"), -EINVAL);
	assert_int_equal(put(host, DEVICE(GPU) "/power/control", "on"), 0);
	assert_int_equal(put(host, DEVICE(GPU) "/d3cold_allowed", "0\n"), 0);
	assert_int_equal(put(host, DEVICE(GPU) "/d3cold_allowed", "x"), -EINVAL);
	assert_attr(host, DEVICE(GPU) "/power/control", "on");
	assert_attr(host, DEVICE(GPU) "/d3cold_allowed", "0");
}

static void some_files_are_never_written(void **state)
{
	static const char *const forbidden[] = {"bus/pci/drivers/nvidia/new_id",
						"bus/pci/drivers/nvidia/remove_id",
						"bus/pci/drivers_autoprobe",
						"bus/pci/rescan",
						DEVICE(GPU) "/remove",
						DEVICE(GPU) "/rescan",
						DEVICE(GPU) "/reset",
						DEVICE("0000:03:00.0") "/sriov_numvfs"};
	struct testhost *host = *state;

	assert_null(testhost_take_forbidden(host));
	print_message("(the FORBIDDEN lines belong here)\n");
	for (size_t i = 0; i < sizeof(forbidden) / sizeof(forbidden[0]); i++) {
		assert_int_equal(put(host, forbidden[i], "1"), -EPERM);
		assert_non_null(testhost_take_forbidden(host));
	}
	assert_int_equal(put(host, DEVICE(GPU) "/absent", "1"), -ENOENT);
	assert_int_equal(put(host, DEVICE("0000:09:00.0") "/remove", "1"), -ENOENT);
}

#define test(name) cmocka_unit_test_setup_teardown(name, fresh, stale)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(unbind_answers),
		test(bind_answers),
		test(override_alone_decides),
		test(vfio_wants_an_override),
		test(vfio_refuses),
		test(owned_groups_refuse_host_drivers),
		test(drivers_probe_tells_nothing),
		test(a_loaded_module_takes_what_is_free),
		test(module_load_answers),
		test(power_takes_two_words),
		test(some_files_are_never_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
