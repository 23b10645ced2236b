// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The made-up machine itself: is the tree laid out as sysfs is, do faults strike where they shall?
 */
#include "tests/host/check.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "tests/host/testhost.h"
#include "tests/host/tree.h"

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

static void assert_link(struct testhost *host, const char *path, const char *target)
{
	auto_free char *full = xasprintf("%s/sys/%s", host->root, path);
	char text[256] = "";

	assert_true(readlink(full, text, sizeof(text) - 1) > 0);
	assert_string_equal(text, target);
}

static void layout_is_that_of_sysfs(void **state)
{
	struct testhost *host = *state;

	assert_link(host, DEVICE(GPU), "../../../devices/pci0000:00/0000:00:01.0/0000:01:00.0");
	assert_link(host, DEVICE(GPU) "/driver", "../../../../bus/pci/drivers/nvidia");
	assert_link(host, DEVICE(GPU) "/iommu_group", "../../../../kernel/iommu_groups/14");
	assert_link(host, "bus/pci/drivers/nvidia/" GPU,
		    "../../../../devices/pci0000:00/0000:00:01.0/0000:01:00.0");
	assert_link(host, "bus/pci/drivers/nvidia/module", "../../../../module/nvidia");
	assert_link(host, "kernel/iommu_groups/14/devices/" GPU,
		    "../../../../devices/pci0000:00/0000:00:01.0/0000:01:00.0");
	assert_link(host, DEVICE("0000:03:10.2") "/physfn", "../0000:03:00.0");
	assert_link(host, DEVICE("0000:03:00.0") "/virtfn1", "../0000:03:10.2");
	assert_link(host, "bus/pci/drivers/pci-stub/module", "../../../../module/pci_stub");
	assert_link(host, DEVICE("10000:e1:00.0"), "../../../devices/pci10000:e1/10000:e1:00.0");
}

static void attributes_are_spelled_as_the_kernel_does(void **state)
{
	struct testhost *host = *state;

	assert_attr(host, DEVICE(GPU) "/vendor", "0x10de");
	assert_attr(host, DEVICE(GPU) "/class", "0x030000");
	assert_attr(host, DEVICE(GPU) "/modalias",
		    "pci:v000010DEd00002204sv00001458sd0000403Bbc03sc00i00");
	assert_attr(host, DEVICE(GPU) "/driver_override", "(null)");
	assert_attr(host, DEVICE(GPU) "/boot_vga", "1");
	assert_attr(host, DEVICE("0000:00:01.0") "/secondary_bus_number", "1");
	assert_attr(host, DEVICE("0000:03:00.0") "/sriov_numvfs", "2");
	assert_attr(host, "kernel/iommu_groups/14/type", "DMA-FQ");
	assert_false(host_exists(&host->host, HOST_SYS, "%s", DEVICE("0000:01:00.1") "/boot_vga"));
	assert_false(host_exists(&host->host, HOST_SYS, "%s", "bus/pci/drivers/pcieport/module"));
	assert_false(host_exists(&host->host, HOST_SYS, "%s",
				 DEVICE("10000:e1:00.0") "/d3cold_allowed"));
}

static void other_files_are_there(void **state)
{
	struct testhost *host = *state;
	auto_free char *file = tree_read(host->root_fd, "etc/a");
	auto_free char *alias = tree_read(host->root_fd, "lib/modules/6.1.0-test/modules.alias");

	assert_string_equal(file, "one\n\ttwo");
	assert_contains(alias, "alias vfio_pci:v*d*sv*sd*bc*sc*i* vfio_pci");
	assert_contains(alias, "alias pci:v000010DEd*sv*sd*bc03sc*i* nouveau");
}

static int write_three(struct testhost *host, void *data)
{
	(void)data;
	put(host, DEVICE(GPU) "/d3cold_allowed", "0");
	put(host, DEVICE(GPU) "/power/control", "on");
	return put(host, DEVICE("0000:01:00.1") "/power/control", "on") != 0;
}

static void faults_strike_by_number(void **state)
{
	struct testhost *host = *state;
	struct fault fault = {.kind = FAULT_FAIL, .at = 1, .code = EIO};
	auto_free char *log = NULL;

	testhost_script(host, &fault);
	assert_int_equal(write_three(host, NULL), 0);
	assert_attr(host, DEVICE(GPU) "/d3cold_allowed", "0");
	assert_attr(host, DEVICE(GPU) "/power/control", "auto");
	assert_attr(host, DEVICE("0000:01:00.1") "/power/control", "on");
	log = testhost_log(host);
	assert_text(log, "write " DEVICE(
				 GPU) "/d3cold_allowed 0\n"
				      "write " DEVICE(
					      GPU) "/power/control on\n"
						   "write " DEVICE(
							   "0000:01:00.1") "/power/control on\n");
}

static void death_strikes_before_or_after(void **state)
{
	struct testhost *host = *state;
	struct fault fault = {.kind = FAULT_DIE_BEFORE, .at = 1};
	int status;

	testhost_script(host, &fault);
	status = testhost_process(host, write_three, NULL);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGKILL);
	assert_attr(host, DEVICE(GPU) "/d3cold_allowed", "0");
	assert_attr(host, DEVICE(GPU) "/power/control", "auto");
	fault.kind = FAULT_DIE_AFTER;
	testhost_script(host, &fault);
	assert_true(WIFSIGNALED(testhost_process(host, write_three, NULL)));
	assert_attr(host, DEVICE(GPU) "/power/control", "on");
	assert_attr(host, DEVICE("0000:01:00.1") "/power/control", "auto");
	assert_int_equal(testhost_operations(host), 2);
}

static void devices_vanish(void **state)
{
	struct testhost *host = *state;
	struct fault fault = {.kind = FAULT_VANISH, .at = 0, .addr = {0, 1, 0, 0}};

	testhost_script(host, &fault);
	assert_int_equal(put(host, "bus/pci/drivers/nvidia/unbind", GPU), -ENODEV);
	assert_false(host_exists(&host->host, HOST_SYS, DEVICE(GPU)));
	assert_false(host_exists(&host->host, HOST_SYS, "kernel/iommu_groups/14/devices/" GPU));
	assert_false(host_exists(&host->host, HOST_SYS, "bus/pci/drivers/nvidia/" GPU));
	assert_int_equal(put(host, DEVICE(GPU) "/power/control", "on"), -ENOENT);
	assert_int_equal(put(host, "bus/pci/drivers/nvidia/bind", GPU), -ENODEV);
}

static void state_is_text(void **state)
{
	struct testhost *host = *state;
	auto_free char *text = testhost_state(host);

	assert_text(text, "device 0000:00:01.0 driver=pcieport power=on d3cold=1\n"
			  "device 0000:01:00.0 driver=nvidia power=auto d3cold=1\n"
			  "device 0000:01:00.1 driver=snd_hda_intel power=auto d3cold=1\n"
			  "device 0000:03:00.0 driver=ixgbe power=on d3cold=1\n"
			  "device 0000:03:10.0 driver=ixgbevf power=on d3cold=1\n"
			  "device 0000:03:10.2 driver=NONE power=on d3cold=1\n"
			  "device 0000:04:00.0 driver=NONE power=on d3cold=1\n"
			  "device 10000:e1:00.0 driver=nvme power=on\n"
			  "driver ixgbe module=ixgbe\n"
			  "driver ixgbevf module=ixgbevf\n"
			  "driver nvidia module=nvidia\n"
			  "driver nvme module=nvme\n"
			  "driver pci-stub module=pci_stub\n"
			  "driver pcieport builtin\n"
			  "driver snd_hda_intel module=snd_hda_intel\n"
			  "driver xhci_hcd module=xhci_pci\n"
			  "module ixgbe\n"
			  "module ixgbevf\n"
			  "module nvidia\n"
			  "module nvme\n"
			  "module snd_hda_intel\n"
			  "module xhci_pci\n");
}

static void wrong_text_is_refused(void **state)
{
	static const char *const bad[] = {
		"device",
		"device 0000:01:00.0",
		"device 01:00.0 10de:2204",
		"device 0000:01:00.0 10de",
		"device 0000:01:00.0 10de:2204 colour=red",
		"device 0000:01:00.0 10de:2204 bus=02",
		"vf 0000:03:10.0 8086:10ed",
		"driver x",
		"group x",
		"alias only-one",
		"probe x 0000:01:00.0 fails=EWHAT",
		"iommu on",
		"surprise",
		"\tcontent of no file",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		auto_free char *text = xasprintf("kernel 6.1.0\n%s\n", bad[i]);
		struct error err = ERROR_INIT;
		struct machine machine;

		if (machine_parse(text, &machine, &err) != -EBADMSG)
			fail_msg("\"%s\" was taken for a host text", bad[i]);
		assert_contains(err.text, "line 2");
	}
}

#define test(name) cmocka_unit_test_setup_teardown(name, fresh, stale)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(layout_is_that_of_sysfs),
		test(attributes_are_spelled_as_the_kernel_does),
		test(other_files_are_there),
		test(faults_strike_by_number),
		test(death_strikes_before_or_after),
		test(devices_vanish),
		test(state_is_text),
		cmocka_unit_test(wrong_text_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
