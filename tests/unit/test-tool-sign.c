// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The signs of other tools: what lines have them, that each finding has its advice, and that
 * docs/coming-from.md speaks of all of them and of no others.
 */
#include "tests/host/check.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "model/tool-sign.h"

static bool matches(const char *words, const char *line)
{
	const struct tool_sign sign = {.words = words};

	return tool_sign_matches(&sign, line, strlen(line));
}

static void all_words_must_be_there(void **state)
{
	(void)state;
	assert_true(matches("options vfio-pci ids=", "options vfio_pci ids=1:2"));
	assert_true(matches("options vfio-pci ids=", "  options\tvfio-pci a=1 ids=1:2"));
	assert_false(matches("options vfio-pci ids=", "options vfio-pci disable_vga=1"));
	assert_true(matches("a|b c", "c b"));
	assert_true(matches("a|b c", "ac"));
	assert_false(matches("a|b c", "ab"));
	assert_false(matches("a|b c", "c"));
	assert_false(matches("long", "lon"));
	assert_false(matches("x", ""));
	assert_true(matches(NULL, "anything"));
}

static void each_sign_has_place_source_and_advice(void **state)
{
	const struct tool_sign *sign;

	(void)state;
	for (size_t i = 0; (sign = tool_sign_at(i)); i++) {
		assert_non_null(tool_advice_of(sign->id));
		assert_true(strlen(sign->source) > 8);
		assert_int_equal(sign->where == TOOL_FILE, sign->path != NULL);
		assert_true(sign->path ? *sign->path == '/' : sign->words != NULL);
	}
	for (size_t i = 0; tool_script_path_at(i); i++)
		assert_int_equal(*tool_script_path_at(i), '/');
}

static void a_path_tells_guest_and_address(void **state)
{
	const struct tool_advice advice = {.note = "set GUEST, unset ADDRESS, GUEST"};
	auto_free char *guest = tool_advice_note(&advice, "/etc/libvirt/hooks/qemu.d/my vm/a/b");
	auto_free char *none = tool_advice_note(&advice, "/etc/libvirt/hooks/qemu.d/50-kept");
	auto_free char *device = tool_advice_note(&advice, "/etc/driverctl.d/pci-0000:01:00.0");

	(void)state;
	assert_string_equal(guest, "set 'my vm', unset ADDRESS, GUEST");
	assert_string_equal(none, advice.note);
	assert_string_equal(device, "set GUEST, unset 0000:01:00.0, GUEST");
}

/* --- the page --- */

static char *read_page(void)
{
	auto_free char *text = xcalloc(1, 65536);
	int fd = open(TESTS_DIR "/../docs/coming-from.md", O_RDONLY | O_CLOEXEC);
	ssize_t length = fd < 0 ? -1 : read(fd, text, 65535);

	assert_true(length > 1000 && length < 65535);
	close(fd);
	return steal(&text);
}

static bool has_heading(const char *page, const char *tool)
{
	auto_free char *heading = xasprintf("\n## %s\n", tool);

	return strstr(page, heading) != NULL;
}

static bool has_tool(const char *name, size_t length)
{
	const struct tool_sign *sign;

	for (size_t i = 0; (sign = tool_sign_at(i)); i++)
		if (strlen(sign->tool) == length && strncmp(sign->tool, name, length) == 0)
			return true;
	return false;
}

/* Does that tool's section have the finding's id? */
static bool section_has(const char *page, const struct tool_sign *sign)
{
	auto_free char *heading = xasprintf("\n## %s\n", sign->tool);
	auto_free char *id = xasprintf("`%s`", finding_id_name(sign->id));
	const char *at = strstr(page, heading) + strlen(heading);
	const char *end = strstr(at, "\n## ");
	const char *found = strstr(at, id);

	return found && (!end || found < end);
}

static void the_page_speaks_of_each_tool(void **state)
{
	auto_free char *page = read_page();
	const struct tool_sign *sign;

	(void)state;
	for (size_t i = 0; (sign = tool_sign_at(i)); i++) {
		if (!has_heading(page, sign->tool))
			fail_msg("no section \"%s\"", sign->tool);
		if (!section_has(page, sign))
			fail_msg("\"%s\" lacks %s", sign->tool, finding_id_name(sign->id));
	}
}

static void the_page_speaks_of_no_other_tool(void **state)
{
	auto_free char *page = read_page();
	size_t sections = 0;

	(void)state;
	for (const char *at = page; (at = strstr(at, "\n## ")); sections++) {
		size_t length = strcspn(at += strlen("\n## "), "\n");

		if (!has_tool(at, length) && strncmp(at, "Before you begin", length) != 0)
			fail_msg("\"%.*s\" is no tool of the table", (int)length, at);
	}
	assert_true(sections > 20);
}

/* What has an advice of this group and no sign is found by looking at the devices. */
static void each_id_of_the_group_has_an_advice(void **state)
{
	(void)state;
	for (int id = FIND_SCRIPT_DETACHES_DEVICE; id <= FIND_TOOL_COCKPIT; id++)
		assert_non_null(tool_advice_of((enum finding_id)id));
	assert_null(tool_advice_of(FIND_HOOK_LINK));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_words_must_be_there),
		cmocka_unit_test(each_sign_has_place_source_and_advice),
		cmocka_unit_test(a_path_tells_guest_and_address),
		cmocka_unit_test(the_page_speaks_of_each_tool),
		cmocka_unit_test(the_page_speaks_of_no_other_tool),
		cmocka_unit_test(each_id_of_the_group_has_an_advice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
