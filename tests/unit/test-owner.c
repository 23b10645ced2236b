// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whose a node is, as a word, and which nodes a journal may name: whoever reads it changes them.
 */
#include "tests/host/check.h"

#include <string.h>

#include "model/owner.h"

static void one_spelling_each(void **state)
{
	static const char *const good[] = {"0:0:600", "1000:36:660", "4294967294:0:0"};
	static const char *const bad[] = {
		"",           "0:0",      "0:0:600 ",        "00:0:600", "0:0:0600",
		"0:0:1777",   "-1:0:600", "0:0:8",           "+1:0:600", "0:0:600:7",
		"root:0:600", " 0:0:600", "4294967296:0:600"};
	struct host_owner owner;
	char text[OWNER_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(owner_parse(good[i], strlen(good[i]), &owner));
		owner_format(&owner, text);
		assert_string_equal(text, good[i]);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (owner_parse(bad[i], strlen(bad[i]), &owner))
			fail_msg("\"%s\" is taken", bad[i]);
}

static void no_other_nodes(void **state)
{
	static const char *const good[] = {"vfio/14 0:0:600 1000:1000:600",
					   "vfio/devices/vfio0 0:0:600 0:36:660"};
	static const char *const bad[] = {"vfio/ 0:0:600 1:1:600",
					  "vfio/vfio 0:0:600 1:1:600",
					  "sda 0:0:600 1:1:600",
					  "vfio/../sda 0:0:600 1:1:600",
					  "vfio/devices/vfio 0:0:600 1:1:6",
					  "vfio/devices/vfio0/x 0:0:600 1:1:600",
					  "vfio/14 0:0:600",
					  "vfio/14",
					  "vfio/14  0:0:600 1:1:600",
					  "vfio/14 0:0:600 1:1:600 ",
					  "vfio/1234567890123456789012345678 0:0:600 1:1:600"};
	struct owned_node node;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(owned_node_parse(good[i], strlen(good[i]), &node));
	assert_string_equal(node.name, "vfio/devices/vfio0");
	assert_int_equal(node.after.gid, 36);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (owned_node_parse(bad[i], strlen(bad[i]), &node))
			fail_msg("\"%s\" is taken", bad[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_spelling_each),
		cmocka_unit_test(no_other_nodes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
