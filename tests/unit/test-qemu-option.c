// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which of QEMU's options take a PCI device of the host, in both notations, and which only look so.
 */
#include "tests/host/check.h"

#include <string.h>

#include "parsers/domain/qemu-option.h"

static const struct {
	const char *option, *value, *addr; /* NULL: none */
} rows[] = {
	{"-device", "vfio-pci,host=01:00.0,bus=root.1,multifunction=on,x-vga=on", "0000:01:00.0"},
	{"--device", "vfio-pci,id=gpu,host=0000:01:00.1", "0000:01:00.1"},
	{"-device", "driver=vfio-pci,host=1:2.3", "0000:01:02.3"},
	{"-device", "vfio-pci-nohotplug,host=10000:e1:00.0", "10000:e1:00.0"},
	{"-device", "vfio-pci,sysfsdev=/sys/bus/pci/devices/0000:65:00.0/", "0000:65:00.0"},
	{"-device", "vfio-pci,romfile=/a,,host=09:00.0,host=01:00.0", "0000:01:00.0"},
	{"-device", "pci-assign,host=01:00.0", "0000:01:00.0"},
	{"-pcidevice", "host=01:00.0", "0000:01:00.0"},
	{"-set", "device.hostdev0.host=0000:04:00.0", "0000:04:00.0"},
	{"-set", "device.ua-a.b.sysfsdev=/sys/devices/pci0000:00/0000:05:00.0", "0000:05:00.0"},
	{"-device", "{\"driver\":\"vfio-pci\",\"host\":\"0000:01:00.0\",\"id\":\"a\"}",
	 "0000:01:00.0"},
	{"-device", " { \"host\" : \"01:00.0\" , \"x\":[1,{\"y\":\"z\"}],\"driver\":\"vfio-pci\"}",
	 "0000:01:00.0"},
	{"-device", "{\"driver\":\"vfio\\u002dpci\",\"host\":\"\\u00300:1f.7\"}", "0000:00:1f.7"},
	{"-drive", "file=nvme://0000:44:00.0/1,if=none", "0000:44:00.0"},
	{"-drive", "file.driver=nvme,file.device=0000:44:00.0,file.namespace=1", "0000:44:00.0"},
	{"-blockdev", "driver=nvme,node-name=n,device=0000:44:00.0,namespace=1", "0000:44:00.0"},
	{"-blockdev",
	 "{\"driver\":\"raw\",\"file\":{\"driver\":\"nvme\",\"device\":\"0000:44:00.0\","
	 "\"namespace\":1}}",
	 "0000:44:00.0"},
	/* A mediated device is no device of the host; nor is what has no address. */
	{"-device", "vfio-pci,sysfsdev=/sys/bus/mdev/devices/83b8f4f2-509f-382f-3c1e-e6bfe0fa1001",
	 NULL},
	{"-device", "vfio-pci,fd=23", NULL},
	{"-device", "vfio-pci", NULL},
	{"-device", "vfio-pci,host=", NULL},
	{"-device", "vfio-pci,host=01:20.0", NULL},
	{"-device", "vfio-pci,host=01:00.8", NULL},
	{"-device", "vfio-pci,host=01:00.0x", NULL},
	{"-device", "vfio-pci,host=101:00.0", NULL},
	{"-device", "vfio-pci,host=1000000000:01:00.0", NULL},
	{"-device", "vfio-pci,host=-1:00.0", NULL},
	{"-device", "vhost-user-fs-pci,host=01:00.0", NULL},
	{"-device", "virtio-net-pci,netdev=a", NULL},
	{"-device", "{\"driver\":\"vfio-pci\",\"host\":\"01:00", NULL},
	{"-device", "{\"driver\":\"vfio-pci\",\"host\":1}", NULL},
	{"-device", "{\"driver\":\"virtio\",\"x\":\"vfio-pci\",\"host\":\"01:00.0\"}", NULL},
	{"-device", "{", NULL},
	{"-device", "{\"\\", NULL},
	{"-device", "{\"driver\":\"\\u", NULL},
	{"-device", "", NULL},
	{"-device", ",", NULL},
	{"-drive", "file=/dev/sda,driver=raw", NULL},
	{"-drive", "file=nvme://", NULL},
	{"-blockdev", "driver=host_device,device=0000:44:00.0", NULL},
	{"-set", "drive.a.host=01:00.0", NULL},
	{"-set", "device.host", NULL},
	{"-set", "device.", NULL},
	{"-netdev", "user,hostfwd=tcp::1-:1,host=01:00.0", NULL},
	{"device", "vfio-pci,host=01:00.0", NULL},
	{"-", "vfio-pci,host=01:00.0", NULL},
	{"", "vfio-pci,host=01:00.0", NULL},
};

static void options(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct pci_addr addr = {.bus = 0x77};
		bool found = qemu_option_device(rows[i].option, rows[i].value, &addr);

		if (!found && addr.bus != 0x77)
			fail_msg("%s %s: touched", rows[i].option, rows[i].value);
		if (!found && rows[i].addr)
			fail_msg("%s %s: none found", rows[i].option, rows[i].value);
		if (found)
			assert_text(ADDR(&addr), rows[i].addr ? rows[i].addr : rows[i].value);
	}
}

static void properties(void **state)
{
	struct pci_addr addr;

	(void)state;
	assert_true(qemu_property_device("host", "0000:01:00.0", &addr));
	assert_true(qemu_property_device("sysfsdev", "/sys/bus/pci/devices/0000:01:00.0", &addr));
	assert_false(qemu_property_device("hostname", "0000:01:00.0", &addr));
	assert_false(qemu_property_device("host", "", &addr));
	assert_false(qemu_property_device("sysfsdev", "/", &addr));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options),
		cmocka_unit_test(properties),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
