// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A setting written into a configuration file: in its place, with everything else as it was, and
 * what is written is what is read.
 */
#include "tests/host/check.h"

#include <string.h>

#include "base/cleanup.h"
#include "model/policy.h"
#include "parsers/config/config-edit.h"
#include "parsers/config/config-file.h"

static const struct pci_addr card = {0, 1, 0, 0};

#define FOR_ALL NULL

static const struct {
	const char *text;
	const struct pci_addr *addr;
	const char *key, *value, *expected;
} rows[] = {
	{"", FOR_ALL, "group", "whole", "group = whole\n"},
	{"", &card, "display", "stop", "[0000:01:00.0]\ndisplay = stop\n"},
	{"#a", FOR_ALL, "group", "whole", "#a\ngroup = whole\n"},
	{"display=stop", FOR_ALL, "group", "whole", "display=stop\ngroup = whole\n"},
	{"display=stop\n\n# end\n", FOR_ALL, "group", "whole",
	 "display=stop\ngroup = whole\n\n# end\n"},
	{"\t group\t=  refuse  # x\n", FOR_ALL, "group", "whole", "\t group\t=  whole  # x\n"},
	{"group=\n", FOR_ALL, "group", "whole", "group=whole\n"},
	{"group = refuse", FOR_ALL, "group", "whole", "group = whole\n"},
	{"# group = refuse\n", FOR_ALL, "group", "whole", "# group = refuse\ngroup = whole\n"},
	{"wait-time = 1\n", FOR_ALL, "wait", "x", "wait-time = 1\nwait = x\n"},
	/* Sections. */
	{"[0000:02:00.0]\ndisplay = stop\n", FOR_ALL, "display", "refuse",
	 "display = refuse\n\n[0000:02:00.0]\ndisplay = stop\n"},
	{"[0000:02:00.0]\ndisplay = stop\n", &card, "display", "refuse",
	 "[0000:02:00.0]\ndisplay = stop\n\n[0000:01:00.0]\ndisplay = refuse\n"},
	{"display = stop\n[0000:01:00.0]\n[0000:02:00.0]\ndisplay = stop\n", &card, "display",
	 "refuse",
	 "display = stop\n[0000:01:00.0]\ndisplay = refuse\n[0000:02:00.0]\ndisplay = stop\n"},
	{"[0000:01:00.0]\nallow = ssh\n[0000:02:00.0]\n[0000:01:00.0]\ndisplay = stop # 1\n", &card,
	 "display", "refuse",
	 "[0000:01:00.0]\nallow = ssh\n[0000:02:00.0]\n[0000:01:00.0]\ndisplay = refuse # 1\n"},
	{"[01:00.0]\ndisplay = stop\n", &card, "display", "refuse",
	 "[01:00.0]\ndisplay = refuse\n"},
	{"[pci_0000_01_00_0]\n[0000:02:00.0]\n", &card, "display", "stop",
	 "[pci_0000_01_00_0]\ndisplay = stop\n[0000:02:00.0]\n"},
	/* Out again. */
	{"a\ngroup = whole # x\nb\n", FOR_ALL, "group", NULL, "a\nb\n"},
	{"group = whole", FOR_ALL, "group", NULL, ""},
	{"[0000:01:00.0]\ndisplay = stop\n", FOR_ALL, "display", NULL,
	 "[0000:01:00.0]\ndisplay = stop\n"},
	{"[0000:01:00.0]\ndisplay = stop\n", &card, "display", NULL, "[0000:01:00.0]\n"},
};

static void in_its_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		auto_text struct text out = TEXT_INIT;
		bool was =
			config_edit(rows[i].text, rows[i].addr, rows[i].key, rows[i].value, &out);

		assert_text(out.data, rows[i].expected);
		if (!rows[i].value)
			assert_int_equal(was, strcmp(rows[i].text, rows[i].expected) != 0);
	}
}

/* Any order of writing: what is read is what was written last. */
static void what_is_written_is_read(void **state)
{
	static const char *const values[] = {"refuse", "wait", "terminate"};
	static const struct pci_addr addrs[] = {{0, 1, 0, 0}, {0, 2, 0, 0}};
	struct text text = TEXT_INIT;

	(void)state;
	text_append(&text, "", 0);
	for (unsigned int i = 0; i < 200; i++) {
		const struct pci_addr *addr = i % 3 == 2 ? NULL : &addrs[i % 3];
		const char *value = values[i / 3 % 3];
		cleanup(origins_done) struct origins origins = {0};
		auto_policy struct policy policy = POLICY_INIT;
		struct text next = TEXT_INIT;
		struct error err = ERROR_INIT;

		policy.origins = &origins;
		config_edit(text.data, addr, "processes", i % 7 ? value : NULL, &next);
		text_done(&text);
		text = next;
		assert_ok(config_file_apply(text.data, text.length, "f", &policy, &err), &err);
		if (i % 7 == 0)
			assert_null(origins_find(&origins, addr, "processes"));
		else
			assert_text(origins_find(&origins, addr, "processes")->value, value);
	}
	text_done(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_its_place),
		cmocka_unit_test(what_is_written_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
