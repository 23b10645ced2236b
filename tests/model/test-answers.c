// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What "hostdevctl plan" answers on the golden cases. Of each case every step and every refusal is
 * found in the answer; of the cases with a file answer.txt, the answer is that file, and as JSON it
 * is answer.json beside it.
 *
 * UPDATE_CASES=1 in the environment writes both anew, where answer.txt is there (an empty one
 * will do): read what changed before you believe it.
 */
#include "tests/host/check.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/library.h"
#include "hostdevctl/answer/answer.h"
#include "model/planner.h"
#include "parsers/domain/domain.h"
#include "parsers/pci/names.h"
#include "parsers/situation.h"
#include "tests/host/testhost.h"
#include "tests/host/tree.h"

#define CASES TESTS_DIR "/cases"
#define CASES_MAX 512
#define GOLDEN_LEAST 18

/* --- names that are the same everywhere: tests/generator/names.c --- */

void *pci_alloc(void);
void pci_cleanup(void *access);
char *pci_lookup_name(void *access, char *buffer, int size, int flags, ...);

int __real_library_open(const char *file, const char *package, const struct library_symbol *symbols,
			size_t count, void **ret_handle, struct error *err);
int __wrap_library_open(const char *file, const char *package, const struct library_symbol *symbols,
			size_t count, void **ret_handle, struct error *err);
int __wrap_library_open(const char *file, const char *package, const struct library_symbol *symbols,
			size_t count, void **ret_handle, struct error *err)
{
	void *(*alloc)(void) = pci_alloc;
	void (*done)(void *access) = pci_cleanup;
	char *(*lookup)(void *access, char *buffer, int size, int flags, ...) = pci_lookup_name;

	if (strcmp(file, LIBRARY_PCI) != 0)
		return __real_library_open(file, package, symbols, count, ret_handle, err);
	assert_int_equal(count, 3);
	memcpy(symbols[0].slot, &alloc, sizeof(alloc));
	memcpy(symbols[1].slot, &done, sizeof(done));
	memcpy(symbols[2].slot, &lookup, sizeof(lookup));
	return 0;
}

/* --- one case --- */

struct golden {
	int dir; /* the case's folder */
	struct testhost *host;
	struct guest guest;
	struct situation situation;
	struct plan plan;
	struct answer answer;
	struct text text, json;
};

static size_t golden_count;

static void golden_done(struct golden *golden)
{
	answer_done(&golden->answer);
	plan_done(&golden->plan);
	situation_done(&golden->situation);
	guest_done(&golden->guest);
	testhost_free(&golden->host);
	text_done(&golden->text);
	text_done(&golden->json);
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
}

/* As the command goes about it. */
static void golden_answer(struct golden *golden)
{
	struct snapshot *snapshot = &golden->situation.snapshot;
	struct error err = ERROR_INIT;

	assert_ok(situation_read(&golden->host->host, &golden->guest, &golden->situation, &err),
		  &err);
	names_fill(snapshot);
	if (snapshot->own_machine) {
		answer_make_has(&golden->guest, snapshot, snapshot->own_machine, &golden->answer);
	} else {
		planner_lend(&golden->guest, snapshot, &golden->situation.policy, &golden->plan);
		answer_make(ANSWER_OF_START, &golden->plan, &golden->guest, snapshot,
			    &golden->situation.policy, &golden->answer);
	}
	answer_print(&golden->answer, &golden->text);
	answer_json(&golden->answer, &golden->json);
}

/* --- what every answer holds to --- */

static char *subject_of(const struct step *step)
{
	struct gate_target target;
	const char *name;
	uid_t manager;

	switch (step->kind) {
	case STEP_UNIT:
		assert_true(unit_target_parse(step->target, &manager, &name));
		return xstrdup(name);
	case STEP_PROCESS:
		assert_true(gate_target_parse(step->target, &target));
		return xasprintf("process %d", target.pid);
	case STEP_HOLDERS:
		return xstrdup("until no program has these devices open");
	case STEP_POWER:
		return xstrdup("Power management is off for these devices");
	case STEP_UDEV:
		return xstrdup("All programs are told");
	default:
		return xstrdup(step->target);
	}
}

static void check_steps(const struct golden *golden)
{
	for (size_t i = 0; i < golden->plan.step_count; i++) {
		auto_free char *subject = subject_of(&golden->plan.steps[i]);
		auto_text struct text line = TEXT_INIT;

		/* Who reads it would take it for a change. */
		if (!step_changes(&golden->plan.steps[i]))
			continue;
		assert_contains(golden->text.data, subject);
		step_format(&golden->plan.steps[i], &line);
		/* What JSON has to escape is in no step of these cases but quotes and backslashes.
		 */
		if (!strpbrk(line.data, "\"\\"))
			assert_contains(golden->json.data, line.data);
	}
}

static void check_refusals(const struct golden *golden)
{
	for (size_t i = 0; i < golden->plan.refusal_count; i++) {
		auto_text struct text lines = TEXT_INIT;
		char *at, *line;

		refusal_format(&golden->plan.refusals[i], golden->guest.name,
			       &golden->situation.snapshot, &lines);
		at = lines.data;
		while ((line = strsep(&at, "\n")) && *line)
			assert_contains(golden->text.data, line);
	}
}

/* Behind the first, each line is a heading at the left or belongs to one; none is empty. */
static void check_lines(const char *text)
{
	bool heading = false;

	for (const char *at = text; *at; at += strcspn(at, "\n") + 1) {
		size_t length = strcspn(at, "\n");

		assert_uint_in_range(length, 10, 300);
		assert_true(!heading || *at == ' ');
		heading = *at != ' ' && at[length - 1] == ':';
		assert_true(heading || *at == ' ' || at == text);
	}
	assert_false(heading);
}

/* --- golden files --- */

static void compare(const struct golden *golden, const char *name, const char *found)
{
	auto_free char *expected = read_whole(golden->dir, name);

	if (getenv("UPDATE_CASES") && !text_equal(found, expected)) {
		tree_remove(golden->dir, name);
		tree_file(golden->dir, name, "%s", found);
		print_message("%s is written anew\n", name);
		return;
	}
	if (!text_equal(found, expected))
		print_error("%s:\n", name);
	assert_text(found, expected ? expected : "");
}

static void golden_case(void **state)
{
	cleanup(golden_done) struct golden golden = {.dir = -1};

	golden_open(&golden, *state);
	golden_answer(&golden);
	check_steps(&golden);
	check_refusals(&golden);
	check_lines(golden.text.data);
	if (faccessat(golden.dir, "answer.txt", F_OK, 0) < 0)
		return;
	golden_count++;
	compare(&golden, "answer.txt", golden.text.data);
	compare(&golden, "answer.json", golden.json.data);
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
	failed = _cmocka_run_group_tests("answers", tests, count, NULL, NULL);
	for (size_t i = 0; i < count; i++)
		free(tests[i].initial_state);
	return golden_count < GOLDEN_LEAST ? 1 : failed;
}
