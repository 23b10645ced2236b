// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Lists of ids, and what a list that is not understood does to a policy and to findings.
 */
#include "tests/host/check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "model/finding.h"
#include "model/policy.h"

static size_t size(const struct finding_set *set)
{
	size_t count = 0;

	for (size_t i = 0; i < FINDING_IDS; i++)
		count += set->has[i];
	return count;
}

static void lists(void **state)
{
	static const char *const same[] = {"iommu-off lockdown", " lockdown,iommu-off ",
					   "lockdown\t, iommu-off,lockdown", "iommu-off,,lockdown"};
	static const char *const wrong[] = {"",          " ",         ",",
					    "IOMMU-OFF", "iommu_off", "lockdown;none"};

	(void)state;
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		struct finding_set set = {0};
		char *unknown = NULL;

		assert_true(finding_set_parse(same[i], &set, &unknown));
		assert_null(unknown);
		assert_int_equal(size(&set), 2);
		assert_true(set.has[FIND_IOMMU_OFF] && set.has[FIND_LOCKDOWN]);
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct finding_set set = {.has = {true}};
		char *unknown = NULL;

		assert_false(finding_set_parse(wrong[i], &set, &unknown));
		assert_int_equal(size(&set), 1);
	}
}

static void none_is_an_empty_list(void **state)
{
	struct finding_set set = {.has = {true}};
	char *unknown = NULL;

	(void)state;
	assert_true(finding_set_parse("none", &set, &unknown));
	assert_int_equal(size(&set), 0);
}

/* Of a later version: a guest is started by that policy all the same. */
static void unknown_ids(void **state)
{
	const struct pci_addr card = {.bus = 1};
	auto_policy struct policy policy = POLICY_INIT, copy = POLICY_INIT;
	auto_free char *unknown = NULL, *meant = NULL, *near = NULL;
	struct error err = ERROR_INIT;
	struct finding_set set;

	(void)state;
	assert_ok(policy_set(&policy, NULL, "ignore", "new-one lockdown newer", "a:1", &err), &err);
	policy_copy(&policy, &copy);
	policy_done(&policy);
	assert_true(finding_set_parse(copy.ignore, &set, &unknown));
	assert_int_equal(size(&set), 1);
	assert_string_equal(unknown, "new-one");
	meant = finding_id_suggest(unknown);
	assert_string_equal(meant, "; hostdevctl check --ids lists them");
	near = finding_id_suggest("lokdown");
	assert_string_equal(near, "; did you mean lockdown?");
	assert_ok(policy_set(&copy, NULL, "ignore", "none", "b:2", &err), &err);
	assert_null(copy.ignore);
	assert_int_equal(policy_set(&copy, &card, "ignore", "lockdown", "c:3", &err), -EINVAL);
	assert_string_equal(err.text, "c:3: ignore cannot be set for one device");
	assert_int_equal(policy_set(&copy, NULL, "ignore", " , ", "d:4", &err), -EINVAL);
	policy_done(&copy);
}

static void ignored(void **state)
{
	cleanup(findings_done) struct findings findings = FINDINGS_INIT;
	struct finding_set set = {0};

	(void)state;
	set.has[FIND_LOCKDOWN] = true;
	findings_add(&findings, FIND_LOCKDOWN, FINDING_NOTE, "a", "b");
	findings_add(&findings, FIND_IOMMU_OFF, FINDING_PROBLEM, "a", "b");
	findings_ignore(&findings, &set);
	assert_int_equal(findings_count(&findings, FINDING_IGNORED), 1);
	assert_int_equal(findings_count(&findings, FINDING_NOTE), 0);
	assert_int_equal(findings_count(&findings, FINDING_PROBLEM), 1);
}

static void every_id_has_a_name_and_a_meaning(void **state)
{
	(void)state;
	for (int id = 0; id < FINDING_IDS; id++)
		if (!finding_id_name((enum finding_id)id) ||
		    !finding_id_meaning((enum finding_id)id))
			fail_msg("id %d has no name or no meaning", id);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists),
		cmocka_unit_test(none_is_an_empty_list),
		cmocka_unit_test(unknown_ids),
		cmocka_unit_test(ignored),
		cmocka_unit_test(every_id_has_a_name_and_a_meaning),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
