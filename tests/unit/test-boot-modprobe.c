// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Ids for vfio-pci, as modprobe.d and the kernel's command line spell them.
 */
#include "tests/host/check.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "parsers/boot/boot-modprobe.h"

static char *parse(const char *text, const char *cmdline)
{
	auto_free char *copy = xstrdup(text);
	auto_boot struct boot boot = {0};
	auto_text struct text out = TEXT_INIT;

	modprobe_parse(copy, "F", &boot);
	modprobe_cmdline_ids(cmdline, &boot);
	text_append(&out, "", 0);
	for (size_t i = 0; i < boot.ids_count; i++)
		text_printf(&out, "%s:%s\n", boot.ids[i].file, boot.ids[i].ids);
	for (size_t i = 0; i < boot.rival_count; i++)
		text_printf(&out, "%s: %s\n", boot.rivals[i].file, boot.rivals[i].what);
	return steal(&out.data);
}

static void check(const char *text, const char *cmdline, const char *expected)
{
	auto_free char *found = parse(text, cmdline);

	assert_text(found, expected);
}

static void options_are_found(void **state)
{
	(void)state;
	check("options vfio-pci ids=1:2,3:4\n", "", "F:1:2,3:4\n");
	check("  options\tvfio_pci\tdisable_vga=1 ids=1:2", "", "F:1:2\n");
	check("options vfio-pci ids=1:2 ids=3:4\noptions vfio-pci ids=\n", "",
	      "F:1:2\nF:3:4\nF:\n");
	check("options vfio-pci ids=\"1:2,3:4\" disable_idle_d3=1\r\n", "", "F:1:2,3:4\n");
	check("options vfio-pci \\\n  ids=1:2\n", "", "F:1:2\n");
	check("opti\\\nons vfio-pci ids=1:2\n", "", "F:1:2\n");
}

static void others_are_not(void **state)
{
	(void)state;
	check("# options vfio-pci ids=1:2\n#\\\noptions vfio-pci ids=1:2\n", "", "");
	check("options vfio-pci-core ids=1:2\noptions\noptions vfio-pci\n\n\\", "", "");
	check("softdep nouveau pre: vfio-pci\nalias x vfio-pci\noption vfio-pci ids=1\n", "", "");
	check("options vfio-pci noids=1:2 \"x ids=1:2\"\n", "", "");
}

static void commands_in_place_of_a_module_are_rivals(void **state)
{
	(void)state;
	check("install vfio-pci /sbin/override\ninstall nouveau /bin/false\n", "",
	      "F: modprobe runs a command in place of vfio-pci: /sbin/override\n");
	check("install amdgpu /sbin/modprobe vfio-pci; /sbin/modprobe -i amdgpu\n", "",
	      "F: modprobe runs a command in place of amdgpu: /sbin/modprobe vfio-pci; "
	      "/sbin/modprobe -i amdgpu\n");
	check("install vfio-pci \001\n", "",
	      "F: modprobe runs a command in place of vfio-pci: \\x01\n");
}

static void the_command_line_is_read(void **state)
{
	(void)state;
	check("", "ro vfio-pci.ids=1:2 vfio_pci.ids=3:4 vfio-pci.ids=",
	      "/proc/cmdline:1:2\n"
	      "/proc/cmdline:3:4\n"
	      "/proc/cmdline:\n");
	check("", "\"vfio-pci.ids=1:2 3:4\" x=\"vfio-pci.ids=5:6\"", "/proc/cmdline:1:2 3:4\n");
	check("", "xvfio-pci.ids=1 vfio-pci.idsx=2 vfio.pci.ids=3 \"vfio-pci.ids=4",
	      "/proc/cmdline:4\n");
	check("", "pci-stub.ids=8086:1533", "/proc/cmdline: pci-stub takes 8086:1533\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_are_found),
		cmocka_unit_test(others_are_not),
		cmocka_unit_test(commands_in_place_of_a_module_are_rivals),
		cmocka_unit_test(the_command_line_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
