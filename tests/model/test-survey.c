// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * All functions at once or one guest at a time: on the machine of each golden case, a survey makes
 * the planner say of every group what it says of a guest that names the group's devices.
 */
#include "tests/host/check.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "model/planner.h"
#include "model/portion.h"
#include "parsers/pci/survey.h"
#include "parsers/situation.h"
#include "tests/host/testhost.h"
#include "tests/host/tree.h"

#define CASES TESTS_DIR "/cases"

static struct testhost *host_of(int cases, const char *name)
{
	auto_free char *path = xasprintf("%s/host", name);
	auto_free char *text = tree_read(cases, path), *conf_path = NULL, *conf = NULL;
	struct testhost *host;

	assert_non_null(text);
	conf_path = xasprintf("%s/conf", name);
	conf = tree_read(cases, conf_path);
	host = testhost_new(text);
	if (conf)
		tree_file(host->root_fd, "etc/hostdev-hook/hostdev-hook.conf", "%s\n", conf);
	return host;
}

static void name_members(const struct snapshot *snapshot, const struct group *group,
			 struct guest *ret)
{
	ret->name = xstrdup("");
	for (size_t i = 0; i < group->member_count; i++) {
		const struct device *device = snapshot_device(snapshot, &group->members[i]);

		if (device->is_bridge || device_is_chipset_bridge(device) || device->is_behind)
			continue;
		array_push(ret->hostdevs, ret->hostdev_count,
			   (struct hostdev){.addr = device->addr, .managed = true});
	}
}

/* Every refusal as people would read it. */
static char *refusals_text(const struct plan *plan, const struct snapshot *snapshot)
{
	struct text text = TEXT_INIT;

	text_printf(&text, "%zu refusals\n", plan->refusal_count);
	for (size_t i = 0; i < plan->refusal_count; i++)
		refusal_format(&plan->refusals[i], "guest", snapshot, &text);
	return text.data;
}

static char *said_alone(struct testhost *host, const struct guest *guest)
{
	cleanup(situation_done) struct situation situation = {0};
	auto_plan struct plan plan = {0};
	struct error err = ERROR_INIT;

	assert_ok(situation_read(&host->host, guest, &situation, &err), &err);
	planner_lend(guest, &situation.snapshot, &situation.policy, &plan);
	return refusals_text(&plan, &situation.snapshot);
}

static void check_host(struct testhost *host)
{
	cleanup(situation_done) struct situation situation = {0};
	cleanup(portions_done) struct portions portions = {0};
	auto_text struct text gaps = TEXT_INIT;
	struct error err = ERROR_INIT;

	assert_ok(situation_survey(&host->host, &situation, &gaps, &err), &err);
	assert_null(gaps.data);
	portions_init(&situation.snapshot, &portions);
	for (size_t i = 0; i < situation.snapshot.group_count; i++) {
		const struct group *group = &situation.snapshot.groups[i];
		const struct snapshot *view = portions_view(&portions, group->number);
		auto_free char *all = NULL, *alone = NULL;
		auto_guest struct guest guest = {0};
		auto_plan struct plan plan = {0};

		/* For these nobody relies on it. */
		if (!portions_fit(&portions, group->number))
			continue;
		name_members(view, group, &guest);
		planner_judge(&guest, view, &situation.policy, &plan);
		all = refusals_text(&plan, view);
		alone = said_alone(host, &guest);
		if (strcmp(all, alone) != 0)
			print_error("group %d:\n", group->number);
		assert_text(all, alone);
	}
}

static void a_case(void **state)
{
	auto_close int cases = open(CASES, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_testhost struct testhost *host = NULL;

	assert_true(cases >= 0);
	host = host_of(cases, *state);
	check_host(host);
}

/* So many that several threads read them. */
#define CROWD 600

static struct testhost *crowded_host(void)
{
	auto_text struct text text = TEXT_INIT;

	for (unsigned int i = 0; i < CROWD; i++)
		text_printf(&text,
			    "device 0000:%02x:%02x.%u 8086:10d3 sub=8086:a01f class=020000 "
			    "group=%u driver=%s\n",
			    1 + i / 256, i / 8 % 32, i % 8, CROWD - i,
			    i % 2 ? "e1000e" : "xhci_hcd");
	text_printf(&text, "driver xhci_hcd module=xhci_pci\n"
			   "vf 0000:40:10.0 8086:10ed of=0000:02:00.0 group=700\n");
	return testhost_new(text.data);
}

static void check_device(const struct snapshot *snapshot, unsigned int i)
{
	const struct device *device = &snapshot->devices[i];
	const struct group *group = snapshot_group(snapshot, (int)(CROWD - i));

	assert_ptr_equal(snapshot_device(snapshot, &device->addr), device);
	assert_int_equal(device->addr.bus, 1 + i / 256);
	assert_int_equal(device->addr.slot, i / 8 % 32);
	assert_int_equal(device->addr.function, i % 8);
	assert_int_equal(device->class_code, 0x020000);
	assert_int_equal(device->product, 0x10d3);
	assert_int_equal(device->subproduct, 0xa01f);
	assert_string_equal(device->bound.driver, i % 2 ? "e1000e" : "xhci_hcd");
	assert_string_equal(device->bound.module, i % 2 ? "" : "xhci_pci");
	assert_int_equal(device->has_vfs, i == 256);
	assert_non_null(group);
	assert_int_equal(group->member_count, 1);
	assert_true(pci_addr_equal(&group->members[0], &device->addr));
}

static void a_crowd_is_read_whole_and_in_order(void **state)
{
	auto_testhost struct testhost *host = crowded_host();
	auto_snapshot struct snapshot snapshot = {0};
	struct error err = ERROR_INIT;

	(void)state;
	assert_ok(survey_read(&host->host, &snapshot, &err), &err);
	assert_true(snapshot.iommu);
	assert_int_equal(snapshot.device_count, CROWD + 1);
	assert_int_equal(snapshot.group_count, CROWD + 1);
	for (unsigned int i = 0; i < CROWD; i++)
		check_device(&snapshot, i);
	assert_true(snapshot.devices[CROWD].is_vf);
}

#define CASES_MAX 512

int main(void)
{
	auto_closedir DIR *dir = opendir(CASES);
	struct CMUnitTest tests[CASES_MAX] = {0};
	struct dirent *entry;
	size_t count = 0;
	int failed;

	while (dir && (entry = readdir(dir))) {
		char *name;

		if (entry->d_name[0] == '.')
			continue;
		/* None is left out in silence; and one more follows. */
		if (count == CASES_MAX - 1)
			return 1;
		name = xstrdup(entry->d_name);
		tests[count++] = (struct CMUnitTest){name, a_case, NULL, NULL, name};
	}
	tests[count] = (struct CMUnitTest)cmocka_unit_test(a_crowd_is_read_whole_and_in_order);
	tests[count++].initial_state = NULL;
	failed = _cmocka_run_group_tests("survey", tests, count, NULL, NULL);
	for (size_t i = 0; i < count; i++)
		free(tests[i].initial_state);
	return count < 15 ? 1 : failed;
}
