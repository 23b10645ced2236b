// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which driver a device has with the host, when vfio-pci is all that there is to see.
 */
#include "tests/host/check.h"

#include <stdlib.h>
#include <string.h>

#include "parsers/boot/homes.h"
#include "state/homes.h"
#include "state/setups.h"
#include "tests/host/testhost.h"
#include "tests/host/tree.h"

#define GPU "device 0000:01:00.0 10de:2204 sub=1458:403b class=030000 group=1 driver="
#define USB "device 0000:03:00.0 1b21:2142 sub=1b21:2142 class=0c0330 group=3 driver="
#define NVIDIA "alias pci:v000010DEd*sv*sd*bc03sc00i00* nvidia\n"
#define NOUVEAU "alias pci:v000010DEd*sv*sd*bc03sc*i* nouveau\n"
#define MODALIAS "pci:v000010DEd00002204sv00001458sd0000403Bbc03sc00i00"

static const struct pci_addr gpu = {0, 1, 0, 0}, usb = {0, 3, 0, 0};

/* As the parsers have it of these machines. */
static struct device device_of(const struct testhost *host, const struct pci_addr *addr)
{
	const struct machine_device *made = machine_device(&host->machine, addr);
	struct device device = {.addr = *addr,
				.vendor = (uint16_t)made->vendor,
				.product = (uint16_t)made->product,
				.subvendor = (uint16_t)made->subvendor,
				.subproduct = (uint16_t)made->subproduct,
				.class_code = made->class_code};

	snprintf(device.bound.driver, sizeof(device.bound.driver), "%s",
		 made->driver ? made->driver : "");
	return device;
}

/* What the host says of one device by what its kernel has. */
static void check(const char *machine, const struct pci_addr *addr, const char *cmdline,
		  const char *driver)
{
	auto_testhost struct testhost *host = testhost_new(machine);
	struct device device = device_of(host, addr);
	const struct snapshot snapshot = {.devices = &device, .device_count = 1};
	auto_homes struct homes homes = {0};

	homes_read(&host->host, &snapshot, cmdline, &homes);
	assert_string_equal(homes_driver(&homes, &device), driver);
	assert_false(homes_are_ours(&homes, &device));
}

static void the_kernel_knows_whose_it_is(void **state)
{
	(void)state;
	check(GPU "vfio-pci\n" NVIDIA NOUVEAU, &gpu, "", "nvidia");
	check(GPU "vfio-pci\n" NOUVEAU NVIDIA, &gpu, "", "nouveau");
	check(GPU "pci-stub\n" NOUVEAU, &gpu, "", "nouveau");
	/* What the host has is what it uses. */
	check(GPU "nvidia\n" NOUVEAU, &gpu, "", "nvidia");
	check(GPU "NONE\n" NOUVEAU, &gpu, "", "");
	/* Others' aliases, and no file at all. */
	check(GPU "vfio-pci\nalias pci:v000010DEd*sv*sd*bc04sc*i* snd_hda_intel\n"
		  "alias vfio_pci:v*d*sv*sd*bc*sc*i* vfio_pci\n",
	      &gpu, "", "");
	check(GPU "vfio-pci\n", &gpu, "", "");
}

static void what_is_blacklisted_does_not_come(void **state)
{
	(void)state;
	check(GPU "vfio-pci\n" NOUVEAU NVIDIA "file etc/modprobe.d/x.conf\n\t blacklist nouveau\n",
	      &gpu, "", "nvidia");
	check(GPU "vfio-pci\n" NOUVEAU NVIDIA, &gpu, "ro module_blacklist=x,nouveau quiet",
	      "nvidia");
	check(GPU "vfio-pci\n" NOUVEAU NVIDIA, &gpu, "modprobe.blacklist=nouveau,nvidia", "");
	check(GPU "vfio-pci\n" NOUVEAU "file etc/modprobe.d/x.conf\n\t#blacklist nouveau\n", &gpu,
	      "", "nouveau");
}

static void a_driver_may_be_called_otherwise_than_its_module(void **state)
{
	static const char alias[] = USB "vfio-pci\nalias pci:v*d*sv*sd*bc0Csc03i30* xhci_pci\n";
	auto_free char *loaded = xasprintf("%sdriver xhci_hcd module=xhci_pci\n", alias);

	(void)state;
	check(loaded, &usb, "", "xhci_hcd");
	check(alias, &usb, "", "xhci_pci");
}

static void what_is_built_in_is_there_first(void **state)
{
	(void)state;
	check(USB "vfio-pci\nalias pci:v00001B21d*sv*sd*bc*sc*i* other\n"
		  "strings lib/modules/6.1.0-test/modules.builtin.modinfo\n\tahci.license=GPL\n"
		  "\tahci.alias=pci:v*d*sv*sd*bc01sc06i01*\n"
		  "\txhci_pci.alias=pci:v*d*sv*sd*bc0Csc03i30*\n",
	      &usb, "", "xhci_pci");
}

/* --- records --- */

#define RECORD                                                                                     \
	"file var/lib/hostdev-hook/generate/1.setup\n\thostdev-hook set-up 1\n\tmode static\n"     \
	"\targuments static x\n\tversion 1\n\tkernel 6\n\thome 0000:01:00.0 %s " MODALIAS          \
	"\n\tapplied\n"

static struct testhost *begin(const char *driver)
{
	auto_free char *machine = xasprintf(
		"boot 11111111-2222-3333-4444-555555555555\n" GPU "vfio-pci\n" NOUVEAU
		"dir var/lib/hostdev-hook mode=0700\ndir var/lib/hostdev-hook/generate mode=0700\n"
		"dir var/lib/hostdev-hook/generate/bytes mode=0700\n" RECORD,
		driver);

	return testhost_new(machine);
}

/* All that generate asks. */
static void know(const struct testhost *host, const struct device *device, struct homes *homes)
{
	const struct snapshot snapshot = {.devices = (struct device *)device, .device_count = 1};
	auto_setups struct setups setups = SETUPS_INIT;
	struct error err = ERROR_INIT;

	assert_ok(setups_read(&host->host, &setups, &err), &err);
	homes_of_setups(&host->host, &setups, homes);
	homes_read(&host->host, &snapshot, "", homes);
}

static void check_known(const struct testhost *host, const char *driver, bool ours)
{
	struct device device = device_of(host, &gpu);
	auto_homes struct homes homes = {0};

	know(host, &device, &homes);
	assert_string_equal(homes_driver(&homes, &device), driver);
	assert_int_equal(homes_are_ours(&homes, &device), ours);
}

static void take_back(const struct testhost *host)
{
	auto_setups struct setups setups = SETUPS_INIT;
	struct error err = ERROR_INIT;

	assert_ok(setups_open(&host->host, &setups, &err), &err);
	homes_keep(&host->host, &setups);
	while (setups.count > 0)
		assert_ok(setups_remove(&setups, &setups.items[0], &err), &err);
}

static void a_record_knows_better(void **state)
{
	auto_testhost struct testhost *host = begin("nvidia"), *none = begin("none");

	(void)state;
	check_known(host, "nvidia", true);
	check_known(none, "", true);
}

/* Of one that was made while the device was reserved, by a version that knew no better. */
static void a_record_of_vfio_knows_nothing(void **state)
{
	auto_testhost struct testhost *host = begin("vfio-pci");

	(void)state;
	check_known(host, "nouveau", true);
}

/* It stays where it is until the host is started again, and then it goes home. */
static void what_is_taken_back_is_known_until_the_next_boot(void **state)
{
	auto_testhost struct testhost *host = begin("nvidia");

	(void)state;
	take_back(host);
	assert_false(tree_exists(host->root_fd, "var/lib/hostdev-hook/generate/1.setup"));
	check_known(host, "nvidia", true);
	/* A second one that has nothing to do with it. */
	take_back(host);
	check_known(host, "nvidia", true);
	tree_file(host->root_fd, "proc/sys/kernel/random/boot_id", "%s\n",
		  "99999999-2222-3333-4444-555555555555");
	check_known(host, "nouveau", false);
}

static void what_has_its_driver_needs_no_memory(void **state)
{
	auto_testhost struct testhost *host = begin("nvidia");

	(void)state;
	tree_remove(host->root_fd, "sys/bus/pci/devices/0000:01:00.0/driver");
	take_back(host);
	assert_false(tree_exists(host->root_fd, "var/lib/hostdev-hook/generate/taken-back"));
}

static void another_device_is_another_one(void **state)
{
	auto_testhost struct testhost *host = begin("nvidia");
	struct device device = device_of(host, &gpu);
	auto_homes struct homes homes = {0};

	(void)state;
	device.product++;
	know(host, &device, &homes);
	assert_string_equal(homes_driver(&homes, &device), "nouveau");
	assert_false(homes_are_ours(&homes, &device));
}

static void what_is_damaged_adds_nothing(void **state)
{
	auto_homes struct homes homes = {0};

	(void)state;
	homes_parse("", "b", &homes);
	homes_parse("boot c\n0000:01:00.0 nvidia x\n", "b", &homes);
	homes_parse("boot b\nx\n0000:01:00.0\n0000:01:00.0 nvidia\nx nvidia y\n\n", "b", &homes);
	assert_int_equal(homes.count, 0);
	homes_parse("boot b\n0000:01:00.0 nvidia " MODALIAS, "b", &homes);
	assert_int_equal(homes.count, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_kernel_knows_whose_it_is),
		cmocka_unit_test(what_is_blacklisted_does_not_come),
		cmocka_unit_test(a_driver_may_be_called_otherwise_than_its_module),
		cmocka_unit_test(what_is_built_in_is_there_first),
		cmocka_unit_test(a_record_knows_better),
		cmocka_unit_test(a_record_of_vfio_knows_nothing),
		cmocka_unit_test(what_is_taken_back_is_known_until_the_next_boot),
		cmocka_unit_test(what_has_its_driver_needs_no_memory),
		cmocka_unit_test(another_device_is_another_one),
		cmocka_unit_test(what_is_damaged_adds_nothing),
	};

	return cmocka_run_group_tests_name("homes", tests, NULL, NULL);
}
