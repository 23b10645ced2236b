// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Journals that other versions have written while their guests run: tests/journals keeps them as
 * they were written, and each must still bring everything home.
 *
 *   first.journal    before the journal told what its devices are
 *   second.journal   before it told since when the guest has them
 *
 * Whoever changes the journal's text adds the one that was written until then.
 */
#include "tests/hook/recover-call.h"

#define ALL HOSTDEV("0x01", "0x0") HOSTDEV("0x01", "0x1") HOSTDEV("0x03", "0x0")

static char *kept_journal(const char *name)
{
	auto_close int dir = open(TESTS_DIR "/journals", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char *text = tree_read(dir, name);

	assert_non_null(text);
	return text;
}

/* The same guest's, with lines that a version may have added. */
static void returns(const char *name, const char *added)
{
	auto_testhost struct testhost *host = machine_with_caller("");
	auto_free char *before = testhost_tree(host), *journal = kept_journal(name);
	auto_call struct call release = RELEASE("g1", DOMAIN("g1", UUID_1, ALL));

	lend(host, "g1", DOMAIN("g1", UUID_1, ALL));
	tree_file(host->root_fd, FILE_OF(UUID_1), "%s\n%s", journal, added);
	call_engine(host, &release);
	assert_string_equal(release.said, "");
	assert_int_equal(release.status, 0);
	check_home(host, before);
}

static void an_upgrade_while_the_guest_runs(void **state)
{
	(void)state;
	returns("first.journal", "");
	returns("second.journal", "");
}

static void a_downgrade_while_the_guest_runs(void **state)
{
	(void)state;
	returns("first.journal", "weather fine\nnumbers 1 2 3\n");
}

/* Its devices are another guest's for nobody. */
static void others_are_refused_as_ever(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller("");
	auto_free char *journal = kept_journal("first.journal");
	auto_call struct call prepare = PREPARE("g2", NIC_XML("g2", UUID_2));

	(void)state;
	lend(host, "g1", DOMAIN("g1", UUID_1, ALL));
	tree_file(host->root_fd, FILE_OF(UUID_1), "%s\n", journal);
	call_engine(host, &prepare);
	assert_int_equal(prepare.status, 1);
	assert_contains(prepare.said, "belongs to guest g1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_upgrade_while_the_guest_runs),
		cmocka_unit_test(a_downgrade_while_the_guest_runs),
		cmocka_unit_test(others_are_refused_as_ever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
