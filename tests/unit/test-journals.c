// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The journals of /run/hostdev-hook together: which files count, whose claims they hold, and that a
 * damaged one stops everything, as nobody knows what it claims.
 */
#include "tests/host/check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "state/journals.h"
#include "tests/host/lending.h"
#include "tests/host/tree.h"

#define BOOT "0d9e2c1e-5b7a-4f0e-9d55-6a1f3c2b4e10"
#define OLD_BOOT "1d9e2c1e-5b7a-4f0e-9d55-6a1f3c2b4e10"
#define THIRD_UUID "00000000-1111-2222-3333-444444444444"
#define FILE_OF(uuid) "run/" STATE_DIR "/" uuid JOURNAL_SUFFIX

static const struct lock no_lock = LOCK_INIT;

static int fresh(void **state)
{
	*state = testhost_new("boot " BOOT "\n");
	return 0;
}

static int stale(void **state)
{
	struct testhost *host = *state;

	testhost_free(&host);
	return 0;
}

static void put(struct testhost *host, const char *path, const char *boot, const char *guest,
		const char *uuid, const char *claim)
{
	tree_file(host->root_fd, path,
		  "hostdev-hook journal 1\nboot %s\nguest %s\nuuid %s\nclaim %s\n", boot, guest,
		  uuid, claim);
}

static void put_ended(struct testhost *host, const char *uuid, const char *end)
{
	auto_free char *path = xasprintf("run/hostdev-hook/%s.journal", uuid);

	tree_file(host->root_fd, path,
		  "hostdev-hook journal 1\nboot " BOOT "\nguest games\nuuid %s\n%s", uuid, end);
}

static void check_claims(struct testhost *host, const char *uuid, const char *expected)
{
	auto_snapshot struct snapshot snapshot = {0};
	auto_text struct text text = TEXT_INIT;
	struct error err = ERROR_INIT;

	assert_ok(journals_read_claims(&host->host, uuid, &snapshot, &err), &err);
	text_append(&text, "", 0);
	for (size_t i = 0; i < snapshot.claim_count; i++)
		text_printf(&text, "%s %s\n", snapshot.claims[i].guest,
			    ADDR(&snapshot.claims[i].addr));
	assert_text(text.data, expected);
}

static void no_directory_holds_no_claims(void **state)
{
	struct testhost *host = *state;
	struct journal journal;
	struct error err = ERROR_INIT;
	char uuid[UUID_TEXT_SIZE];

	check_claims(host, TEST_UUID, "");
	assert_int_equal(journal_read(&host->host, TEST_UUID, &journal, &err), -ENOENT);
	assert_int_equal(journals_find_guest(&host->host, "win11", uuid, &err), -ENOENT);
	tree_dir(host->root_fd, "run/" STATE_DIR);
	check_claims(host, TEST_UUID, "");
	assert_int_equal(journals_find_guest(&host->host, "win11", uuid, &err), -ENOENT);
	assert_contains(err.text, "win11");
}

static void claims_are_those_of_others_in_this_boot(void **state)
{
	struct testhost *host = *state;

	put(host, FILE_OF(TEST_UUID), BOOT, "win11", TEST_UUID, "0000:01:00.0");
	put(host, FILE_OF(OTHER_UUID), BOOT, "games", OTHER_UUID, "0000:02:00.0");
	put(host, FILE_OF(THIRD_UUID), OLD_BOOT, "old", THIRD_UUID, "0000:03:00.0");
	check_claims(host, TEST_UUID, "games 0000:02:00.0\n");
	check_claims(host, OTHER_UUID, "win11 0000:01:00.0\n");
	check_claims(host, THIRD_UUID, "win11 0000:01:00.0\ngames 0000:02:00.0\n");
}

/* Claims and cells are those of the moment, not those of before with them. */
static void what_is_read_again_is_replaced(void **state)
{
	struct testhost *host = *state;
	auto_snapshot struct snapshot snapshot = {0};
	struct error err = ERROR_INIT;

	put(host, FILE_OF(OTHER_UUID), BOOT, "games", OTHER_UUID, "0000:02:00.0");
	assert_ok(journals_read_claims(&host->host, TEST_UUID, &snapshot, &err), &err);
	assert_int_equal(snapshot.claim_count, 1);
	put(host, FILE_OF(OTHER_UUID), BOOT, "games", OTHER_UUID, "0000:03:00.0");
	assert_ok(journals_read_claims(&host->host, TEST_UUID, &snapshot, &err), &err);
	assert_int_equal(snapshot.claim_count, 1);
	assert_string_equal(ADDR(&snapshot.claims[0].addr), "0000:03:00.0");
}

#define UNIT_STEP "step unit radio.service active -> inactive # why\n"
#define DRIVER_STEP "step driver 0000:02:00.0 e1000e -> none,override=vfio-pci # why\n"
#define POWER_STEP "step power 0000:02:00.0 auto -> on # why\n"

static void put_run(struct testhost *host, const char *boot, const char *marks)
{
	tree_file(host->root_fd, FILE_OF(OTHER_UUID),
		  "hostdev-hook journal 1\nboot %s\nguest games\nuuid " OTHER_UUID
		  "\nclaim 0000:02:00.0\n" UNIT_STEP POWER_STEP DRIVER_STEP "%s",
		  boot, marks);
}

/* Who holds the unit, as the snapshot and as a single question has it. */
static bool is_held(struct testhost *host, const char *uuid, const char *target, const char *after)
{
	auto_snapshot struct snapshot snapshot = {0};
	const struct step step = {.kind = STEP_UNIT,
				  .target = (char *)target,
				  .before = (char *)"active",
				  .after = (char *)after};
	auto_free char *guest = NULL;
	struct error err = ERROR_INIT;

	assert_ok(journals_find_need(&host->host, &no_lock, uuid, &step, &guest, &err), &err);
	if (guest)
		assert_string_equal(guest, "games");
	assert_ok(journals_read_claims(&host->host, uuid, &snapshot, &err), &err);
	if (guest) {
		assert_int_equal(snapshot.shared_cell_count, 1);
		assert_string_equal(snapshot.shared_cells[0].step.target, "radio.service");
		assert_string_equal(snapshot.shared_cells[0].drivers[0], "e1000e");
		assert_null(snapshot.shared_cells[0].drivers[1]);
		assert_false(snapshot.shared_cells[0].display);
	}
	return guest;
}

static void a_cell_is_held_from_begun_to_undone(void **state)
{
	static const struct {
		const char *marks;
		bool held;
	} runs[] = {
		{"", false},
		{"begun 1\n", true},
		{"begun 1\nin-flight 1 640 987\n", true},
		{"begun 1\ndone 1\n", true},
		{"skipped 1\n", false},
		{"begun 1\ndone 1\ndone 2\nundone 1\n", false},
	};
	struct testhost *host = *state;

	for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++) {
		put_run(host, BOOT, runs[i].marks);
		assert_int_equal(is_held(host, TEST_UUID, "radio.service", "inactive"),
				 runs[i].held);
	}
	put_run(host, BOOT, "done 1\n");
	assert_false(is_held(host, OTHER_UUID, "radio.service", "inactive"));
	put_run(host, OLD_BOOT, "done 1\n");
	assert_false(is_held(host, TEST_UUID, "radio.service", "inactive"));
}

static bool is_needed(struct testhost *host)
{
	const struct step step = {.kind = STEP_UNIT,
				  .target = (char *)"radio.service",
				  .before = (char *)"active",
				  .after = (char *)"inactive"};
	auto_free char *guest = NULL;
	struct error err = ERROR_INIT;

	assert_ok(journals_find_need(&host->host, &no_lock, TEST_UUID, &step, &guest, &err), &err);
	return guest;
}

static void a_need_is_for_one_cell_at_one_value(void **state)
{
	struct testhost *host = *state;
	const struct step unit = {.kind = STEP_UNIT,
				  .target = (char *)"tv.service",
				  .before = (char *)"active",
				  .after = (char *)"inactive"};
	struct step other = unit;
	auto_free char *guest = NULL;
	struct error err = ERROR_INIT;

	put_run(host, BOOT, "done 1\n");
	assert_ok(journals_find_need(&host->host, &no_lock, TEST_UUID, &unit, &guest, &err), &err);
	assert_null(guest);
	other.target = (char *)"radio.service";
	other.after = (char *)"active";
	assert_ok(journals_find_need(&host->host, &no_lock, TEST_UUID, &other, &guest, &err), &err);
	assert_null(guest);
	other.after = (char *)"inactive";
	other.kind = STEP_VTCONSOLE;
	assert_ok(journals_find_need(&host->host, &no_lock, TEST_UUID, &other, &guest, &err), &err);
	assert_null(guest);
	/* A file that nobody understands keeps nobody from coming home. */
	tree_file(host->root_fd, FILE_OF(OTHER_UUID), "hostdev-hook journal 9\n");
	assert_ok(journals_find_need(&host->host, &no_lock, TEST_UUID, &unit, &guest, &err), &err);
	assert_null(guest);
}

/* Of a run that is over only who is at work still needs it, or who is in the kernel. */
static void a_run_that_is_over_needs_what_somebody_is_at(void **state)
{
	struct testhost *host = *state;

	put_run(host, BOOT, "done 1\nlent\n");
	assert_true(is_held(host, TEST_UUID, "radio.service", "inactive"));
	put_run(host, BOOT, "done 1\nlent\nreturning\n");
	assert_false(is_needed(host));
	put_run(host, BOOT, "done 1\nbegun 3\nreturning\n");
	assert_false(is_needed(host));
	put_run(host, BOOT, "done 1\nin-flight 3 4242 17\nreturning\n");
	assert_true(is_needed(host));
}

static void other_files_do_not_count(void **state)
{
	static const char *const names[] = {
		"claims.lock", OTHER_UUID ".lock",         OTHER_UUID ".new", "x.journal",
		OTHER_UUID,    OTHER_UUID ".journal.orig", ".journal",        OTHER_UUID ".last",
	};
	struct testhost *host = *state;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		auto_free char *path = xasprintf("run/" STATE_DIR "/%s", names[i]);

		tree_file(host->root_fd, path, "no journal\n");
	}
	check_claims(host, TEST_UUID, "");
}

static void a_damaged_journal_is_an_error(void **state)
{
	struct testhost *host = *state;
	auto_snapshot struct snapshot snapshot = {0};
	struct error err = ERROR_INIT;

	tree_file(host->root_fd, FILE_OF(OTHER_UUID), "hostdev-hook journal 9\n");
	assert_int_equal(journals_read_claims(&host->host, TEST_UUID, &snapshot, &err), -EBADMSG);
	assert_contains(err.text, OTHER_UUID);
	assert_contains(err.text, "line 1");
}

static void a_journal_under_another_name_is_an_error(void **state)
{
	struct testhost *host = *state;
	struct journal journal;
	struct error err = ERROR_INIT;

	put(host, FILE_OF(TEST_UUID), BOOT, "games", OTHER_UUID, "0000:02:00.0");
	assert_int_equal(journal_read(&host->host, TEST_UUID, &journal, &err), -EBADMSG);
	assert_contains(err.text, OTHER_UUID);
}

static void links_are_not_followed(void **state)
{
	struct testhost *host = *state;
	struct journal journal;
	struct error err = ERROR_INIT;

	put(host, "etc/journal", BOOT, "win11", TEST_UUID, "0000:01:00.0");
	tree_raw_link(host->root_fd, FILE_OF(TEST_UUID), "../../etc/journal");
	assert_int_equal(journal_read(&host->host, TEST_UUID, &journal, &err), -ELOOP);
}

static void guests_are_found_by_any_name(void **state)
{
	static const char *const names[] = {"--help",       "..",          "a b",
					    "it's \"odd\"", "back\\slash", "new\nline"};
	struct testhost *host = *state;
	struct error err = ERROR_INIT;
	char uuid[UUID_TEXT_SIZE];

	put(host, FILE_OF(OTHER_UUID), BOOT, "games", OTHER_UUID, "0000:02:00.0");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		auto_free char *escaped = text_escape(names[i]);

		put(host, FILE_OF(TEST_UUID), BOOT, escaped, TEST_UUID, "0000:01:00.0");
		assert_ok(journals_find_guest(&host->host, names[i], uuid, &err), &err);
		assert_string_equal(uuid, TEST_UUID);
	}
	assert_ok(journals_find_guest(&host->host, "games", uuid, &err), &err);
	assert_string_equal(uuid, OTHER_UUID);
}

/* Of several that had one name: the guest that runs, then the boot's, then whatever is left. */
static void of_one_name_the_run_that_goes_on_is_found(void **state)
{
	static const char *const ends[][2] = {
		{"returning\n", "lent\n"}, {"lent\nreturning\n", "lent\n"}, {"", "lent\n"}};
	struct testhost *host = *state;
	struct error err = ERROR_INIT;
	char uuid[UUID_TEXT_SIZE];

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		for (int turned = 0; turned < 2; turned++) {
			put_ended(host, TEST_UUID, ends[i][turned]);
			put_ended(host, OTHER_UUID, ends[i][!turned]);
			assert_ok(journals_find_guest(&host->host, "games", uuid, &err), &err);
			assert_string_equal(uuid, turned ? TEST_UUID : OTHER_UUID);
		}
	}
}

#define test(name) cmocka_unit_test_setup_teardown(name, fresh, stale)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(no_directory_holds_no_claims),
		test(claims_are_those_of_others_in_this_boot),
		test(what_is_read_again_is_replaced),
		test(a_cell_is_held_from_begun_to_undone),
		test(a_need_is_for_one_cell_at_one_value),
		test(a_run_that_is_over_needs_what_somebody_is_at),
		test(other_files_do_not_count),
		test(a_damaged_journal_is_an_error),
		test(a_journal_under_another_name_is_an_error),
		test(links_are_not_followed),
		test(guests_are_found_by_any_name),
		test(of_one_name_the_run_that_goes_on_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
