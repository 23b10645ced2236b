// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Lines of other tools' files: where they begin and end, and which of them count.
 */
#include "tests/host/check.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "parsers/boot/tool-traces.h"

static void check(const struct tool_traces *traces, const char *expected)
{
	auto_text struct text out = TEXT_INIT;

	text_append(&out, "", 0);
	for (size_t i = 0; i < traces->count; i++)
		text_printf(&out, "%u %s [%s]\n", traces->items[i].line,
			    finding_id_name(traces->items[i].sign->id), traces->items[i].text);
	assert_text(out.data, expected);
}

static void check_script(const char *text, bool is_hook, const char *expected)
{
	auto_tool_traces struct tool_traces traces = {0};

	tool_traces_script(text, strlen(text), "/x/start.sh", is_hook, &traces);
	check(&traces, expected);
}

static void comments_do_not_count(void **state)
{
	(void)state;
	check_script("# modprobe -r nvidia\n#virsh nodedev-detach x\n\n", false, "");
	check_script("true # modprobe -r nvidia\n", false, "");
	check_script("x=${y#virsh nodedev-detach}\n", false,
		     "1 script-detaches-device [x=${y#virsh nodedev-detach}]\n");
}

static void a_line_has_one_trace(void **state)
{
	(void)state;
	check_script("modprobe -r vfio-pci; modprobe nvidia", false,
		     "1 script-unloads-driver [modprobe -r vfio-pci; modprobe nvidia]\n");
	check_script("\n\nmodprobe \\\n -r \\\n nouveau\nmodprobe amdgpu\n", false,
		     "3 script-unloads-driver [modprobe   -r   nouveau]\n"
		     "6 script-loads-driver [modprobe amdgpu]\n");
	check_script("modprobe nvidia \\", false,
		     "1 script-loads-driver [modprobe nvidia \\x5c]\n");
	check_script("modprobe nvidia # \\\nmodprobe amdgpu", false,
		     "1 script-loads-driver [modprobe nvidia ]\n"
		     "2 script-loads-driver [modprobe amdgpu]\n");
}

static void only_a_hook_can_be_a_dispatcher(void **state)
{
	static const char text[] = "d=/etc/libvirt/hooks/qemu.d/$1\ne=\"/etc/qemu.d/$2\"\n";

	(void)state;
	check_script(text, false, "");
	check_script(text, true, "1 hook-dispatcher [d=/etc/libvirt/hooks/qemu.d/$1]\n");
}

static void what_is_no_text_has_none(void **state)
{
	static const char data[] = "\177ELF\0modprobe nvidia\n";
	auto_tool_traces struct tool_traces traces = {0};

	(void)state;
	tool_traces_script(data, sizeof(data) - 1, "/x", true, &traces);
	tool_traces_script(NULL, 0, "/x", true, &traces);
	assert_int_equal(traces.count, 0);
}

static void words_of_the_command_line(void **state)
{
	static const char text[] = "# GRUB_X=pci-stub.ids=5:6\n\n"
				   "GRUB_CMDLINE_LINUX=\"vfio_pci.ids=1:2,3:4 quiet\"\n"
				   "options ro rd.driver.pre=vfio-pci vfio-pci.ids=7:8";
	auto_tool_traces struct tool_traces traces = {0};

	(void)state;
	tool_traces_words(text, strlen(text), "/etc/default/grub", &traces);
	tool_traces_words("", 0, "/x", &traces);
	check(&traces, "3 vfio-ids [vfio_pci.ids=1:2,3:4]\n"
		       "4 initramfs-loads-vfio [rd.driver.pre=vfio-pci]\n"
		       "4 vfio-ids [vfio-pci.ids=7:8]\n");
}

static void a_file_without_end_is_left(void **state)
{
	auto_tool_traces struct tool_traces traces = {0};
	auto_text struct text text = TEXT_INIT;

	(void)state;
	for (int i = 0; i < 50000; i++)
		text_printf(&text, "modprobe nvidia\n");
	tool_traces_script(text.data, text.length, "/x", false, &traces);
	assert_int_equal(traces.count, 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comments_do_not_count),
		cmocka_unit_test(a_line_has_one_trace),
		cmocka_unit_test(only_a_hook_can_be_a_dispatcher),
		cmocka_unit_test(what_is_no_text_has_none),
		cmocka_unit_test(words_of_the_command_line),
		cmocka_unit_test(a_file_without_end_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
