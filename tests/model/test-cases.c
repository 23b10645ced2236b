// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The golden cases: each folder of tests/cases is a machine, a guest and what comes of them.
 *
 *   host           the machine (tests/host/machine.h)
 *   domain.xml     the guest
 *   conf           /etc/hostdev-hook/hostdev-hook.conf, where there is one
 *   plan.txt       the steps, or
 *   refusals.txt   why there are none: what libvirt's user reads and, behind empty lines, each
 *                  further reason as "hostdevctl plan" tells it
 *   failure.txt    what went wrong on the way, where something does
 *   after.host     the machine's state once it is lent; then it is returned, and is as before
 *
 * UPDATE_CASES=1 in the environment writes the last four anew: read what changed before you
 * believe it.
 */
#include "tests/host/check.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "model/refusal.h"
#include "parsers/config/config.h"
#include "parsers/domain/domain.h"
#include "tests/host/lending.h"
#include "tests/host/tree.h"

#define CASES TESTS_DIR "/cases"
#define CASES_MAX 512

struct golden {
	int dir; /* the case's folder */
	struct testhost *host;
	struct guest guest;
};

static void golden_done(struct golden *golden)
{
	testhost_free(&golden->host);
	guest_done(&golden->guest);
	close(golden->dir);
}

static char *read_whole(int dir, const char *name)
{
	auto_free char *text = tree_read(dir, name);

	return text ? xasprintf("%s%s", text, *text ? "\n" : "") : NULL;
}

static void golden_open(struct golden *golden, const char *name)
{
	auto_free char *path = xasprintf(CASES "/%s", name);
	auto_free char *host = NULL, *xml = NULL, *conf = NULL;
	struct error err = ERROR_INIT;

	golden->dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(golden->dir >= 0);
	host = read_whole(golden->dir, "host");
	xml = read_whole(golden->dir, "domain.xml");
	conf = read_whole(golden->dir, "conf");
	assert_non_null(host);
	assert_non_null(xml);
	golden->host = testhost_new(host);
	if (conf)
		tree_file(golden->host->root_fd, "etc/hostdev-hook/hostdev-hook.conf", "%s", conf);
	assert_ok(domain_parse(xml, strlen(xml), &golden->guest, &err), &err);
	assert_string_equal(golden->guest.uuid, TEST_UUID);
}

/* found NULL: the file has no business there. */
static void compare(const struct golden *golden, const char *name, const char *found)
{
	auto_free char *expected = read_whole(golden->dir, name);

	if (getenv("UPDATE_CASES") && !text_equal(found, expected)) {
		tree_remove(golden->dir, name);
		if (found)
			tree_file(golden->dir, name, "%s", found);
		print_message("%s is written anew\n", name);
		return;
	}
	if (!text_equal(found, expected))
		print_error("%s:\n", name);
	assert_text(found ? found : "", expected ? expected : "");
}

static size_t count_lines(const char *text, size_t length)
{
	size_t count = 0;

	for (size_t i = 0; i < length; i++)
		count += text[i] == '\n';
	return count;
}

/* Nobody reads more in a box, and a line of virt-manager's holds no more. */
static void check_refusal(const char *text, size_t length, size_t least, size_t most)
{
	size_t lines = count_lines(text, length), first = strcspn(text, "\n");

	/* A line that had to be cut has lost what it was to say. */
	assert_true(strncmp(text + first - 3, "...", 3) != 0);
	assert_uint_in_range(first, 30, REFUSAL_LINE_MAX);
	assert_uint_in_range(length, 60, REFUSAL_TEXT_MAX);
	assert_uint_in_range(lines, least, most);
}

static void check_refusals(const char *text)
{
	const char *next = strstr(text, "\n\n");

	check_refusal(text, next ? (size_t)(next + 1 - text) : strlen(text), 3, 5);
	while ((text = next)) {
		text += strlen("\n\n");
		next = strstr(text, "\n\n");
		/* Without the line that nothing was changed. */
		check_refusal(text, next ? (size_t)(next + 1 - text) : strlen(text), 2, 4);
	}
}

/* Devices have no names there; with real ones each line must have its room all the same. */
static void check_long_names(struct golden *golden)
{
	static const char *const names[] = {
		"AMD/ATI Navi 31 [Radeon RX 7900 XT/7900 XTX/7900 GRE/7900M]",
		"Intel Comet Lake PCH-LP Integrated Sensor Solution Controller of a longer name",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		auto_free char *text =
			lending_plan_text_named(golden->host, &golden->guest, names[i]);

		check_refusals(text);
	}
}

/* Named in a gate that is asked behind all else and right before the first driver goes. */
static bool stands_in_gate(const struct plan *plan, const struct pci_addr *addr)
{
	size_t i = 0;

	while (i < plan->step_count && plan->steps[i].kind != STEP_DRIVER)
		i++;
	while (i-- > 0 && plan->steps[i].kind == STEP_HOLDERS) {
		struct gate_target target;

		assert_true(gate_target_parse(plan->steps[i].target, &target));
		for (size_t j = 0; j < target.addr_count; j++)
			if (pci_addr_equal(&target.addrs[j], addr))
				return true;
	}
	return false;
}

/* No driver that could wait for a holder for ever is unbound without the last look. */
static void check_gates(const struct golden *golden)
{
	auto_snapshot struct snapshot snapshot = {0};
	auto_plan struct plan plan = {0};
	struct error err = ERROR_INIT;

	assert_ok(lending_plan(golden->host, &golden->guest, &snapshot, &plan, &err), &err);
	for (size_t i = 0; i < plan.step_count; i++) {
		const struct step *step = &plan.steps[i];
		struct driver_value before;
		struct pci_addr addr;

		if (step->kind != STEP_DRIVER)
			continue;
		assert_true(pci_addr_parse(step->target, &addr));
		assert_true(driver_value_parse(step->before, &before));
		if (*before.driver && !device_driver_is_vfio(before.driver) &&
		    device_class_needs_proof(snapshot_device(&snapshot, &addr)->class_code) &&
		    !stands_in_gate(&plan, &addr))
			fail_msg("no gate for %s", step->target);
	}
}

static void check_plan(struct golden *golden)
{
	auto_free char *text = lending_plan_text(golden->host, &golden->guest);
	bool refused = strstr(text, "Nothing was changed") != NULL;

	if (refused) {
		check_refusals(text);
		check_long_names(golden);
	}
	check_gates(golden);
	compare(golden, "plan.txt", refused ? NULL : text);
	compare(golden, "refusals.txt", refused ? text : NULL);
}

static void check_round(struct golden *golden)
{
	auto_free char *before = testhost_tree(golden->host), *after = NULL;
	auto_free char *lent = NULL, *failure = NULL;
	struct error err = ERROR_INIT;
	int ret = lending_lend(golden->host, &golden->guest, &err);

	lent = ret == 0 ? testhost_state(golden->host) : NULL;
	failure = ret < 0 && strcmp(err.text, "refused") != 0 ? xasprintf("%s\n", err.text) : NULL;
	compare(golden, "failure.txt", failure);
	compare(golden, "after.host", lent);
	assert_ok(lending_return(golden->host, &err), &err);
	after = testhost_tree(golden->host);
	assert_text(after, before);
}

static void golden_case(void **state)
{
	cleanup(golden_done) struct golden golden = {.dir = -1};

	golden_open(&golden, *state);
	check_plan(&golden);
	check_round(&golden);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct CMUnitTest *)a)->name, ((const struct CMUnitTest *)b)->name);
}

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
		/* None is left out in silence. */
		if (count == CASES_MAX)
			return 1;
		name = xstrdup(entry->d_name);
		tests[count++] = (struct CMUnitTest){name, golden_case, NULL, NULL, name};
	}
	qsort(tests, count, sizeof(tests[0]), by_name);
	failed = _cmocka_run_group_tests("cases", tests, count, NULL, NULL);
	for (size_t i = 0; i < count; i++)
		free(tests[i].initial_state);
	return count < 15 ? 1 : failed;
}
