// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where a kernel has a driver, and what its configuration says.
 */
#include "tests/host/check.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "parsers/boot/boot-kernels.h"

static void a_driver_is_found(void **state)
{
	static const char builtin[] = "kernel/drivers/vfio/pci/vfio_pci_core.ko\n"
				      "kernel/drivers/usb/host/xhci-pci.ko\n";
	static const char dep[] = "kernel/drivers/vfio/pci/vfio-pci-core.ko.xz: a/vfio-pci.ko\n"
				  "kernel/drivers/nvme/host/nvme.ko.zst:\nupdates/dkms/nvidia.ko";

	(void)state;
	assert_int_equal(kernels_find_module(builtin, dep, "vfio-pci"), BOOT_DRIVER_NONE);
	assert_int_equal(kernels_find_module(builtin, dep, "vfio-pci-core"), BOOT_DRIVER_BUILTIN);
	assert_int_equal(kernels_find_module(builtin, dep, "xhci_pci"), BOOT_DRIVER_BUILTIN);
	assert_int_equal(kernels_find_module(NULL, dep, "nvme"), BOOT_DRIVER_MODULE);
	assert_int_equal(kernels_find_module(NULL, dep, "nvidia"), BOOT_DRIVER_MODULE);
	assert_int_equal(kernels_find_module(NULL, dep, "nvm"), BOOT_DRIVER_NONE);
	assert_int_equal(kernels_find_module(NULL, NULL, "nvme"), BOOT_DRIVER_NONE);
}

static char *joined(char **names)
{
	auto_text struct text out = TEXT_INIT;

	text_append(&out, "", 0);
	for (size_t i = 0; names && names[i]; i++)
		text_printf(&out, "%s ", names[i]);
	host_free_names(&names);
	return steal(&out.data);
}

static void builtin_drivers_have_pci_aliases(void **state)
{
	static const char modinfo[] = "fuse.alias=devname:fuse\0xhci_pci.license=GPL\0"
				      "xhci_pci.alias=pci:v*d*sv*sd*bc0Csc03i30*\0"
				      "xhci_pci.alias=pci:v00001912d*\0"
				      "ahci.alias=pci:v*d*sv*sd*bc01sc06i01*\0"
				      "x.y.alias=pci:\0.alias=pci:v\0no end";
	auto_free char *found =
		joined(kernels_builtin_pci(modinfo, sizeof(modinfo) - 1, "kernel/drivers/z.ko"));

	(void)state;
	assert_string_equal(found, "xhci_pci ahci  ");
}

/* Kernels before 6.18 do not write down the aliases of what is built in. */
static void without_aliases_the_folder_decides(void **state)
{
	static const char builtin[] = "kernel/fs/fuse/fuse.ko\nkernel/drivers/ata/ahci.ko\n"
				      "kernel/sound/pci/hda/snd-hda-intel.ko\nkernel/drivers/odd\n"
				      "kernel/arch/x86/a.ko";
	auto_free char *found = joined(kernels_builtin_pci(NULL, 0, builtin));
	auto_free char *none = joined(kernels_builtin_pci(NULL, 0, NULL));

	(void)state;
	assert_string_equal(found, "ahci snd-hda-intel a ");
	assert_string_equal(none, "");
}

static void options_are_read(void **state)
{
	static const char config[] =
		"CONFIG_A_B=y\nCONFIG_A=m\n# CONFIG_C is not set\nCONFIG_D=12\n";
	static const char *const expected[][2] = {{"CONFIG_A", "m"},
						  {"CONFIG_A_B", "y"},
						  {"CONFIG_C", "n"},
						  {"CONFIG_D", "n"},
						  {"CONFIG_E", "n"}};

	(void)state;
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		char value[4];

		kernel_option(config, expected[i][0], value);
		assert_string_equal(value, expected[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_driver_is_found),
		cmocka_unit_test(builtin_drivers_have_pci_aliases),
		cmocka_unit_test(without_aliases_the_folder_decides),
		cmocka_unit_test(options_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
