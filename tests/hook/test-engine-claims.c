// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whose a device is: one guest's at a time, be it lent or only claimed, and however closely two
 * hooks follow each other; and no longer than there is anything of it to be put back.
 *
 * Linked with --wrap=journal_file_create: there a claim becomes visible to others.
 */
#include "tests/hook/engine-at-once.h"

#include <errno.h>

#include "state/journal-file.h"

#define NIC "0000:03:00.0"
#define JOURNAL "run/hostdev-hook/" UUID_1 ".journal"
/* As libvirt tells of what it has taken from a network's pool. */
#define INTERFACE                                                                                  \
	"<interface type='hostdev' managed='yes'><source><address type='pci' domain='0' bus='3' "  \
	"slot='0' function='0'/></source></interface>"
#define CARD HOSTDEV("0x01", "0x0") HOSTDEV("0x01", "0x1")
#define START(name, text)                                                                          \
	{                                                                                          \
		.guest = (name), .operation = "start", .suboperation = "begin", .xml = (text)      \
	}

/* --- one at a time --- */

static const char lent[] = DOMAIN("g1", UUID_1, HOSTDEV("0x03", "0x0"));
static const char claimed[] = DOMAIN("g1", UUID_1, INTERFACE);
static const char other_lent[] = DOMAIN("g2", UUID_2, HOSTDEV("0x03", "0x0"));
static const char other_claimed[] = DOMAIN("g2", UUID_2, INTERFACE);

static void what_another_has_is_not_claimed(void **state)
{
	auto_testhost struct testhost *host = testhost_new(machine);
	auto_call struct call prepare = PREPARE("g2", other_lent), release = RELEASE("g2", "");
	auto_call struct call start = START("g1", claimed);

	(void)state;
	call_engine(host, &prepare);
	assert_int_equal(prepare.status, 0);
	call_engine(host, &start);
	assert_int_equal(start.status, 1);
	assert_contains(start.said,
			NIC " (Intel 82574L Gigabit Network Connection) belongs to guest "
			    "g2; stop g2 first");
	assert_false(has_journal(host, UUID_1));
	call_engine(host, &release);
	call_engine(host, &start);
	assert_string_equal(start.said, "");
	assert_int_equal(start.status, 0);
}

/* The call that comes while the other's journal is about to be written; who it is, is told. */
static struct call *closely_behind;
static int told[2];

int __real_journal_file_create(const struct host *host, const struct journal *journal, int *ret_fd,
			       struct error *err);
int __wrap_journal_file_create(const struct host *host, const struct journal *journal, int *ret_fd,
			       struct error *err);

static void let_it_come(struct testhost *host)
{
	struct call *call = closely_behind;
	int status = 0;
	pid_t pid;

	closely_behind = NULL;
	pid = begin_prepared(host, call, NULL);
	if (write(told[1], &pid, sizeof(pid)) != (ssize_t)sizeof(pid))
		_exit(98);
	while (!waits_for_lock(pid)) {
		/* It has found the device free. */
		if (has_ended(pid, &status))
			_exit(99);
		nap();
	}
}

int __wrap_journal_file_create(const struct host *host, const struct journal *journal, int *ret_fd,
			       struct error *err)
{
	if (closely_behind)
		let_it_come(host->ops_data);
	return __real_journal_file_create(host, journal, ret_fd, err);
}

static void check_closely(struct call first, struct call second)
{
	auto_testhost struct testhost *host = testhost_new(machine);
	int status;
	pid_t pid;

	assert_int_equal(pipe2(told, O_CLOEXEC), 0);
	prepare_call(&second);
	closely_behind = &second;
	call_engine(host, &first);
	closely_behind = NULL;
	close(told[1]);
	assert_string_equal(first.said, "");
	assert_int_equal(first.status, 0);
	assert_int_equal(read(told[0], &pid, sizeof(pid)), sizeof(pid));
	close(told[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	finish(&second, status);
	assert_int_equal(second.status, 1);
	assert_contains(second.said, "belongs to guest g1");
	assert_true(has_journal(host, UUID_1));
	assert_false(has_journal(host, UUID_2));
	call_done(&first);
	call_done(&second);
}

/* Who comes second waits until it is to be seen whose the device is. */
static void of_two_at_once_the_second_is_refused(void **state)
{
	const struct call prepare = PREPARE("g1", lent), start = START("g1", claimed);
	const struct call other_prepare = PREPARE("g2", other_lent);
	const struct call other_start = START("g2", other_claimed);

	(void)state;
	check_closely(prepare, other_prepare);
	check_closely(prepare, other_start);
	check_closely(start, other_prepare);
	check_closely(start, other_start);
}

/* --- and no longer --- */

static const char two_nics[] = "boot " BOOT "\n"
			       "device 0000:03:00.0 8086:10d3 group=16 driver=e1000e\n"
			       "device 0000:04:00.0 8086:10d3 group=17 driver=e1000e\n"
			       "driver vfio-pci module=vfio-pci\n";
static const char lent_and_claimed[] = DOMAIN("g1", UUID_1, HOSTDEV("0x04", "0x0") INTERFACE);
static const char other_second[] = DOMAIN("g2", UUID_2, HOSTDEV("0x04", "0x0"));

/* Though nothing at all could be put back. */
static void a_start_that_failed_claims_only_what_it_has_moved(void **state)
{
	const struct fault unmoved = {
		.kind = FAULT_WITHOUT_ACT, .at = FAULT_ANY, .path = "e1000e/unbind"};
	const struct fault fail = {.kind = FAULT_FAIL,
				   .at = FAULT_ANY,
				   .path = "driver_override",
				   .value = "\n",
				   .code = EIO};
	auto_testhost struct testhost *host = testhost_new(two_nics);
	auto_call struct call prepare = PREPARE("g1", lent_and_claimed);
	auto_call struct call first = PREPARE("g2", other_lent),
			      second = PREPARE("g2", other_second);

	(void)state;
	testhost_script(host, &unmoved);
	testhost_script_add(host, &fail);
	call_engine(host, &prepare);
	assert_int_equal(prepare.status, 1);
	assert_contains(prepare.said, "NOT everything could be put back");
	/* As long as that is so; what can go home by then does. */
	testhost_script(host, &fail);
	call_engine(host, &second);
	assert_int_equal(second.status, 1);
	assert_contains(second.said, "is not returned yet from the last run of guest g1");
	testhost_script(host, NULL);
	call_engine(host, &first);
	assert_string_equal(first.said, "");
	assert_int_equal(first.status, 0);
}

static const char card_alone[] = DOMAIN("g2", UUID_2, CARD);

/* What its last run could not return goes on in the journal of the next, and nothing else. */
static void the_next_run_claims_only_what_is_not_home(void **state)
{
	auto_testhost struct testhost *host = testhost_new(machine);
	auto_call struct call prepare = PREPARE("g1", lent), card = PREPARE("g2", card_alone);
	auto_free char *journal = NULL;

	(void)state;
	tree_file(host->root_fd, JOURNAL, "%s",
		  "hostdev-hook journal 1\nboot " BOOT "\nguest g1\nuuid " UUID_1
		  "\nclaim 0000:01:00.0\nclaim 0000:01:00.1\nclaim " NIC
		  "\nstep unit gone.service active -> inactive # of the last run\n"
		  "step driver 0000:01:00.0 nouveau -> vfio-pci,override=vfio-pci # device\n"
		  "step driver 0000:01:00.1 snd_hda_intel -> vfio-pci,override=vfio-pci # device\n"
		  "done 1\ndone 2\ndone 3\nlent\nreturning\nundone 2\nundone 3\n");
	assert_int_equal(fchmodat(host->root_fd, "run/hostdev-hook", 0700, 0), 0);
	call_engine(host, &prepare);
	assert_string_equal(prepare.said, "");
	assert_int_equal(prepare.status, 0);
	journal = tree_read(host->root_fd, JOURNAL);
	assert_contains(journal, "\nclaim " NIC "\ndevice ");
	assert_null(strstr(journal, "\nclaim 0000:01:00"));
	assert_contains(journal, "\nstep unit gone.service ");
	call_engine(host, &card);
	assert_string_equal(card.said, "");
	assert_int_equal(card.status, 0);
}

/* --- the last line of a lend --- */

static bool lent_cannot_be_written;

int __real_journal_file_append(int fd, const char *text, size_t length, struct error *err);
int __wrap_journal_file_append(int fd, const char *text, size_t length, struct error *err);

int __wrap_journal_file_append(int fd, const char *text, size_t length, struct error *err)
{
	if (lent_cannot_be_written && text_starts(text, "lent"))
		return error_errno(err, ENOSPC, "write journal");
	return __real_journal_file_append(fd, text, length, err);
}

/* Without it the run is a start that was not finished, which anybody may take back. */
static void a_lend_that_cannot_be_recorded_is_undone(void **state)
{
	auto_testhost struct testhost *host = testhost_new(machine);
	auto_free char *before = testhost_tree(host), *after = NULL;
	auto_call struct call prepare = PREPARE("g1", lent);

	(void)state;
	lent_cannot_be_written = true;
	call_engine(host, &prepare);
	lent_cannot_be_written = false;
	assert_int_equal(prepare.status, 1);
	assert_contains(prepare.said, "No space left on device");
	assert_false(has_journal(host, UUID_1));
	after = testhost_tree(host);
	assert_text(after, before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_another_has_is_not_claimed),
		cmocka_unit_test(of_two_at_once_the_second_is_refused),
		cmocka_unit_test(a_start_that_failed_claims_only_what_it_has_moved),
		cmocka_unit_test(the_next_run_claims_only_what_is_not_home),
		cmocka_unit_test(a_lend_that_cannot_be_recorded_is_undone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
