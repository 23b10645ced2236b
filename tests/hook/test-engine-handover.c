// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is kept of the last lend and the last return of a guest: what they came to, the words that
 * libvirt's user read, each step; and that nobody stumbles over it.
 */
#include "tests/hook/recover-call.h"

#include <time.h>

#include "state/handovers.h"

#define LAST_OF(uuid) "run/hostdev-hook/" uuid ".last"
#define NIC NIC_XML("g1", UUID_1)

static void read_last(const struct testhost *host, struct handovers *ret)
{
	struct error err = ERROR_INIT;

	assert_ok(handovers_read(&host->host, UUID_1, ret, &err), &err);
	assert_string_equal(ret->guest, "g1");
}

static void check_time(const struct handover *handover)
{
	int64_t now = time(NULL);

	assert_true(handover->at > now - 100 && handover->at <= now);
	assert_true(handover->duration_ms < 100000);
}

/* As in the log, but for what is a matter of the message's place. */
static const struct handover_step *find_step(const struct handover *handover, enum step_kind kind,
					     enum handover_deed deed, const char *target)
{
	for (size_t i = 0; i < handover->step_count; i++)
		if (handover->steps[i].kind == kind && handover->steps[i].deed == deed &&
		    strcmp(handover->steps[i].target, target) == 0)
			return &handover->steps[i];
	return NULL;
}

static void give_back(struct testhost *host, const char *guest, const char *xml)
{
	auto_call struct call release = RELEASE(guest, xml);

	assert_int_equal(called(host, &release), 0);
}

static void both_operations_are_kept(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller("");
	auto_handovers struct handovers lent = {0}, returned = {0};
	const struct handover *lend_of = &lent.last[HANDOVER_LEND];
	auto_free char *before = testhost_tree(host), *journal = NULL;
	struct stat st;

	(void)state;
	lend(host, "g1", NIC);
	journal = tree_read(host->root_fd, FILE_OF(UUID_1));
	assert_contains(journal, "\nlent +at=");
	read_last(host, &lent);
	assert_int_equal(lend_of->result, HANDOVER_DONE);
	assert_null(lend_of->message);
	check_time(lend_of);
	assert_non_null(find_step(lend_of, STEP_DRIVER, DEED_SET, "0000:03:00.0"));
	assert_non_null(find_step(lend_of, STEP_MODULE, DEED_SET, "vfio-pci"));
	assert_int_equal(lent.last[HANDOVER_RETURN].result, HANDOVER_NONE);
	assert_int_equal(fstatat(host->root_fd, LAST_OF(UUID_1), &st, AT_SYMLINK_NOFOLLOW), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	give_back(host, "g1", NIC);
	check_home(host, before);
	read_last(host, &returned);
	assert_int_equal(returned.last[HANDOVER_LEND].step_count, lend_of->step_count);
	assert_int_equal(returned.last[HANDOVER_RETURN].result, HANDOVER_DONE);
	check_time(&returned.last[HANDOVER_RETURN]);
	assert_non_null(find_step(&returned.last[HANDOVER_RETURN], STEP_DRIVER, DEED_RETURNED,
				  "0000:03:00.0"));
}

/* A release follows that has nothing to do: it does not take the place of what came before. */
static void a_refusal_is_kept_in_its_words(void **state)
{
	static const char missing[] = DOMAIN("g1", UUID_1, HOSTDEV("0x07", "0x0"));
	auto_testhost struct testhost *host = machine_with_caller("");
	auto_call struct call prepare = PREPARE("g1", missing);
	auto_handovers struct handovers last = {0};
	const struct handover *refused = &last.last[HANDOVER_LEND];

	(void)state;
	lend(host, "g1", NIC);
	give_back(host, "g1", NIC);
	assert_int_equal(called(host, &prepare), 1);
	give_back(host, "g1", missing);
	read_last(host, &last);
	assert_int_equal(refused->result, HANDOVER_REFUSED);
	assert_contains(prepare.said, refused->message);
	assert_contains(refused->message, "0000:07:00.0");
	assert_contains(refused->message, "\nNothing was changed.");
	assert_int_equal(refused->step_count, 0);
	assert_int_equal(last.last[HANDOVER_RETURN].result, HANDOVER_DONE);
	assert_true(last.last[HANDOVER_RETURN].step_count > 0);
}

static void a_lend_that_is_undone_has_failed(void **state)
{
	struct fault fault = {.kind = FAULT_FAIL,
			      .at = FAULT_ANY,
			      .path = "drivers/vfio-pci/bind",
			      .code = EINVAL};
	auto_testhost struct testhost *host = machine_with_caller("");
	auto_call struct call prepare = PREPARE("g1", NIC);
	auto_handovers struct handovers last = {0};
	const struct handover *failed = &last.last[HANDOVER_LEND];

	(void)state;
	testhost_script(host, &fault);
	assert_int_equal(called(host, &prepare), 1);
	read_last(host, &last);
	assert_int_equal(failed->result, HANDOVER_FAILED);
	assert_contains(prepare.said, failed->message);
	assert_non_null(find_step(failed, STEP_DRIVER, DEED_FAILED, "0000:03:00.0"));
	assert_non_null(find_step(failed, STEP_DRIVER, DEED_RETURNED, "0000:03:00.0"));
	assert_false(has_journal(host, UUID_1));
}

static void check_return(const struct testhost *host, enum handover_result result,
			 const char *words)
{
	auto_handovers struct handovers last = {0};
	const struct handover *returned = &last.last[HANDOVER_RETURN];

	read_last(host, &last);
	assert_int_equal(returned->result, result);
	if (words)
		assert_contains(returned->message, words);
	else
		assert_null(returned->message);
	assert_int_equal(last.last[HANDOVER_LEND].result, HANDOVER_DONE);
}

static void a_debt_is_kept_until_it_is_paid(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller("");
	auto_call struct call prepare = PREPARE("g2", GPU_XML("g2", UUID_2));
	struct fault fault = BIND_FAILS;
	auto_free char *failed = NULL, *settled = NULL;

	(void)state;
	leave_debt(host);
	check_return(host, HANDOVER_UNSETTLED, "not everything could be returned");
	/* Whoever comes by tries it, and so does a person. */
	testhost_script(host, &fault);
	assert_int_equal(called(host, &prepare), 0);
	check_return(host, HANDOVER_UNSETTLED, "of its last run something stays");
	failed = recover_guest(host, "g1");
	assert_contains(failed, "g1 unsettled");
	check_return(host, HANDOVER_UNSETTLED, "its return was not finished");
	testhost_script(host, NULL);
	settled = recover_guest(host, "g1");
	assert_contains(settled, "g1 returned");
	check_return(host, HANDOVER_DONE, NULL);
}

static void who_comes_by_writes_it_too(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller("");
	auto_call struct call prepare = PREPARE("g2", GPU_XML("g2", UUID_2));

	(void)state;
	leave_debt(host);
	testhost_script(host, NULL);
	assert_int_equal(called(host, &prepare), 0);
	check_return(host, HANDOVER_DONE, NULL);
}

/* Neither as a journal nor as a lock, whatever stands in them. */
static void nobody_stumbles_over_records(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller("");
	auto_free char *before = testhost_tree(host);
	auto_call struct call release = RELEASE("g1", "");

	(void)state;
	lend(host, "g1", NIC);
	tree_file(host->root_fd, LAST_OF(UUID_1), "rubbish");
	tree_file(host->root_fd, LAST_OF(UUID_2), "hostdev-hook journal 1\n");
	tree_file(host->root_fd, LAST_OF(UUID_2) ".new", "half");
	lend(host, "g2", GPU_XML("g2", UUID_2));
	give_back(host, "g2", GPU_XML("g2", UUID_2));
	tree_file(host->root_fd, LAST_OF(UUID_2) ".new", "half");
	check_one(host, NULL, "g1 left: it does not run, but libvirt", "may be about to start it");
	assert_false(tree_exists(host->root_fd, LAST_OF(UUID_2) ".new"));
	assert_true(tree_exists(host->root_fd, LAST_OF(UUID_1)));
	/* By the name alone, which is looked for in all journals. */
	assert_int_equal(called(host, &release), 0);
	check_home(host, before);
	{
		auto_handovers struct handovers last = {0};

		read_last(host, &last);
		assert_int_equal(last.last[HANDOVER_RETURN].result, HANDOVER_DONE);
		assert_int_equal(last.last[HANDOVER_LEND].result, HANDOVER_NONE);
	}
}

static void where_it_cannot_be_written_all_goes_on(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller("");

	(void)state;
	lend(host, "g1", NIC);
	give_back(host, "g1", NIC);
	tree_remove(host->root_fd, LAST_OF(UUID_1));
	tree_file(host->root_fd, LAST_OF(UUID_1) "/file", "%s", "");
	lend(host, "g1", NIC);
	give_back(host, "g1", NIC);
	assert_false(has_journal(host, UUID_1));
	assert_false(tree_exists(host->root_fd, LAST_OF(UUID_1) ".new"));
}

/* What was never lent anything has no record. */
static void guests_without_devices_have_none(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller("");
	auto_call struct call prepare = PREPARE("g1", DOMAIN("g1", UUID_1, ""));

	(void)state;
	lend(host, "g2", NIC_XML("g2", UUID_2));
	assert_int_equal(called(host, &prepare), 0);
	give_back(host, "g1", DOMAIN("g1", UUID_1, ""));
	assert_false(tree_exists(host->root_fd, LAST_OF(UUID_1)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_operations_are_kept),
		cmocka_unit_test(a_refusal_is_kept_in_its_words),
		cmocka_unit_test(a_lend_that_is_undone_has_failed),
		cmocka_unit_test(a_debt_is_kept_until_it_is_paid),
		cmocka_unit_test(who_comes_by_writes_it_too),
		cmocka_unit_test(nobody_stumbles_over_records),
		cmocka_unit_test(where_it_cannot_be_written_all_goes_on),
		cmocka_unit_test(guests_without_devices_have_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
