// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A worker that is killed, and a driver that puts its probe off: what is told, how often it is
 * tried again, and how long it is waited for; and names that are not like most.
 */
#include "tests/hook/recover-call.h"

#include "session/hook-call.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>

/* --- a worker that is killed --- */

static struct host_ops killing;
static int (*true_write)(struct host *, const char *, const char *, struct error *);
static int *kills_left;

static const char *kills_at;
static bool kills_behind; /* the write, as an oops at the end of an operation does */

static int write_and_die(struct host *host, const char *path, const char *value, struct error *err)
{
	bool dies = strstr(path, kills_at) && *kills_left > 0;

	if (dies && kills_behind)
		true_write(host, path, value, err);
	if (dies) {
		--*kills_left;
		raise(SIGKILL);
	}
	return true_write(host, path, value, err);
}

static void kill_workers(struct testhost *host, const char *path, int times)
{
	kills_at = path;
	if (!kills_left)
		kills_left = mmap(NULL, sizeof(*kills_left), PROT_READ | PROT_WRITE,
				  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	killing = *host->host.ops;
	true_write = killing.write_attr;
	killing.write_attr = write_and_die;
	host->host.ops = &killing;
	*kills_left = times;
}

static void wait_for_home(struct testhost *host, const char *before)
{
	for (int i = 0; i < 1000 && has_journal(host, UUID_1); i++)
		poll(NULL, 0, 10);
	check_home(host, before);
}

static void who_was_killed_is_told_and_tried_again(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller("");
	auto_free char *before = testhost_tree(host);
	auto_call struct call release = RELEASE("g1", NIC_XML("g1", UUID_1));

	(void)state;
	lend(host, "g1", NIC_XML("g1", UUID_1));
	kill_workers(host, "vfio-pci/unbind", 1);
	assert_int_equal(called(host, &release), 1);
	assert_contains(release.said, "killed by signal 9");
	assert_contains(release.said, "tried once more in the background");
	assert_contains(release.said, "hostdevctl recover g1");
	assert_null(strstr(release.said, "When the kernel answers"));
	wait_for_home(host, before);
}

/* What kills every worker is not fed with more of them. */
static void it_is_tried_again_only_once(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller("");
	auto_free char *before = testhost_tree(host);
	auto_call struct call release = RELEASE("g1", NIC_XML("g1", UUID_1));

	(void)state;
	lend(host, "g1", NIC_XML("g1", UUID_1));
	kill_workers(host, "vfio-pci/unbind", 100);
	assert_int_equal(called(host, &release), 1);
	for (int i = 0; i < 1000 && *kills_left > 98; i++)
		poll(NULL, 0, 10);
	poll(NULL, 0, 500);
	assert_int_equal(*kills_left, 98);
	*kills_left = 0;
	check_one(host, NULL, "g1 returned: ", "was not finished");
	check_home(host, before);
}

/* What it was at may read as done: nobody knows what the kernel has not come to any more. */
static void who_was_killed_behind_its_work_is_told_too(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller("");
	auto_free char *before = testhost_tree(host);
	auto_call struct call release = RELEASE("g1", NIC_XML("g1", UUID_1));

	(void)state;
	lend(host, "g1", NIC_XML("g1", UUID_1));
	kills_behind = true;
	kill_workers(host, "vfio-pci/unbind", 1);
	assert_int_equal(called(host, &release), 1);
	kills_behind = false;
	assert_contains(release.said, "killed by signal 9");
	wait_for_home(host, before);
}

/* All else is put back at once, and this with a second try. */
static void of_a_start_it_is_told_too(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller("");
	auto_free char *before = testhost_tree(host);
	auto_call struct call prepare = PREPARE("g1", GPU_XML("g1", UUID_1));

	(void)state;
	testhost_script(host, NULL);
	kill_workers(host, "nouveau/unbind", 1);
	assert_int_equal(called(host, &prepare), 1);
	assert_contains(prepare.said, "killed by signal 9");
	assert_contains(prepare.said, "the process that changed driver 0000:01:00.0 was killed");
	assert_contains(prepare.said, "tried once more in the background");
	assert_null(strstr(prepare.said, "still busy"));
	wait_for_home(host, before);
}

static void of_a_recovery_it_is_told_too(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller("");
	auto_free char *before = testhost_tree(host);

	(void)state;
	lend(host, "g1", NIC_XML("g1", UUID_1));
	kill_workers(host, "vfio-pci/unbind", 1);
	check_one(host, "g1", "g1 unsettled: ", "tried once more in the background");
	wait_for_home(host, before);
}

/* A name only where neither a shell nor the command takes it for something else. */
static void a_command_to_paste_is_taken_as_it_stands(void **state)
{
	static const char *const odd[] = {"two words", "-win", "a'b", "new\nline", ""};
	auto_free char *plain = session_recover_word("win11", UUID_1);

	(void)state;
	assert_string_equal(plain, "win11");
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		auto_free char *word = session_recover_word(odd[i], UUID_1);

		assert_string_equal(word, UUID_1);
	}
}

/* Each is true of one kind, and says what happens next. */
static void each_kind_of_rest_is_told_as_what_it_is(void **state)
{
	static const char *const texts[] = {
		[REST_NONE] = "",
		[REST_IN_FLIGHT] = "When the kernel answers, the rest comes home by itself",
		[REST_KILLED] = "is tried once more in the background, and the log tells how that "
				"ends (journalctl -t hostdev-hook); \"hostdevctl recover " UUID_1
				"\" tries it again.",
		[REST_LATER] = "is returned in the background, and the log tells when",
	};

	(void)state;
	for (int rest = REST_NONE; rest <= REST_LATER; rest++) {
		struct session session = SESSION_INIT;
		auto_text struct text text = TEXT_INIT;

		session.guest = "two words";
		memcpy(session.uuid, UUID_1, sizeof(session.uuid));
		session.rest = (enum execution_rest)rest;
		text_append(&text, "", 0);
		session_tell_rest(&session, &text);
		assert_contains(text.data, texts[rest]);
		for (int other = REST_IN_FLIGHT; other <= REST_LATER; other++)
			assert_true(other == rest || !strstr(text.data, texts[other]));
	}
}

/* --- failures of one call --- */

/* What fails on the way back, too, is not what the start failed for. */
static void the_first_failure_is_told_by_its_own_device(void **state)
{
	static const char xml[] =
		DOMAIN("g1", UUID_1, HOSTDEV("0x01", "0x0") HOSTDEV("0x03", "0x0"));
	struct fault first = {.kind = FAULT_FAIL,
			      .at = FAULT_ANY,
			      .path = "drivers/vfio-pci/bind",
			      .value = "0000:01:00.0",
			      .code = EIO},
		     second = {.kind = FAULT_FAIL,
			       .at = FAULT_ANY,
			       .path = "drivers/e1000e/bind",
			       .code = ENODEV};
	auto_testhost struct testhost *host = machine_with_caller("");
	auto_call struct call prepare = PREPARE("g1", xml);

	(void)state;
	testhost_script(host, &first);
	testhost_script_add(host, &second);
	assert_int_equal(called(host, &prepare), 1);
	assert_contains(prepare.said, "g1 is not started: 0000:01:00.0 (NVIDIA");
	assert_contains(prepare.said, "Input/output error");
	assert_contains(prepare.said,
			"NOT everything could be put back: 0000:03:00.0 could not be bound to ");
}

/* --- a probe that is deferred --- */

static struct testhost *deferring_host;

static int put_off(struct host *host, const char *path, const char *value, struct error *err)
{
	if (!strstr(path, "e1000e/bind"))
		return true_write(host, path, value, err);
	if (fork() == 0) {
		auto_free char *override = NULL;

		setsid();
		poll(NULL, 0, 300);
		override = tree_read(deferring_host->root_fd,
				     "sys/bus/pci/devices/0000:03:00.0/driver_override");
		/* Until then it keeps all other drivers away. */
		if (text_equal(override, "e1000e"))
			testhost_rebind(deferring_host, "0000:03:00.0", "e1000e");
		_exit(0);
	}
	return error_errno(err, EAGAIN, "write \"%s\" to /sys/%s", value, path);
}

static int put_off_for_ever(struct host *host, const char *path, const char *value,
			    struct error *err)
{
	if (!strstr(path, "e1000e/bind"))
		return true_write(host, path, value, err);
	return error_errno(err, EAGAIN, "write \"%s\" to /sys/%s", value, path);
}

static void use_writes(struct testhost *host,
		       int (*write_attr)(struct host *, const char *, const char *, struct error *))
{
	killing = *host->host.ops;
	true_write = killing.write_attr;
	killing.write_attr = write_attr;
	host->host.ops = &killing;
}

static void a_deferred_probe_is_waited_for(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller("");
	auto_free char *before = testhost_tree(host);
	auto_call struct call release = RELEASE("g1", NIC_XML("g1", UUID_1));

	(void)state;
	lend(host, "g1", NIC_XML("g1", UUID_1));
	deferring_host = host;
	use_writes(host, put_off);
	assert_int_equal(called(host, &release), 0);
	assert_string_equal(release.said, "");
	check_home(host, before);
}

/* Then it is told, and other drivers may have the device again. */
static void but_no_longer_than_it_may_take(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller("");
	auto_call struct call release = RELEASE("g1", NIC_XML("g1", UUID_1));
	auto_free char *override = NULL;
	uint64_t began_ms;

	(void)state;
	tree_file(host->root_fd, "etc/hostdev-hook/hostdev-hook.conf", "bind-time = 2\n");
	lend(host, "g1", NIC_XML("g1", UUID_1));
	use_writes(host, put_off_for_ever);
	began_ms = host_now_ms();
	assert_int_equal(called(host, &release), 1);
	assert_uint_in_range(host_now_ms() - began_ms, 1000, 10000);
	assert_contains(release.said, "driver e1000e has put it off (deferred probe)");
	assert_contains(release.said, "has not taken it within bind-time = 2 s");
	assert_contains(release.said, "hostdevctl recover g1");
	override = tree_read(host->root_fd, "sys/bus/pci/devices/0000:03:00.0/driver_override");
	assert_string_equal(override, "(null)");
}

/* --- names --- */

/* Drivers of the kernel have such names ("budget dvb", "cx88-mpeg driver manager"). */
static void a_driver_whose_name_has_a_blank(void **state)
{
	static const char xml[] = DOMAIN("g1", UUID_1, HOSTDEV("0x04", "0x0"));
	auto_testhost struct testhost *host = machine_with_caller(
		"device 0000:04:00.0 1131:7146 class=048000 group=17 driver=\"budget dvb\"\n"
		"driver \"budget dvb\" module=budget\n");
	auto_free char *before = testhost_tree(host), *lent = NULL;
	auto_call struct call release = RELEASE("g1", xml);

	(void)state;
	lend(host, "g1", xml);
	lent = testhost_state(host);
	assert_contains(lent, "device 0000:04:00.0 driver=vfio-pci");
	assert_int_equal(called(host, &release), 0);
	assert_string_equal(release.said, "");
	check_home(host, before);
}

static int log_fd;

static void collect(enum log_level level, const struct log_fields *fields, const char *message)
{
	(void)level;
	(void)fields;
	dprintf(log_fd, "[%s]\n", message);
}

static int recover_and_log(struct testhost *host, void *data)
{
	struct recovering recovering = {.fd = memory_file("", 0)};
	struct recover recover = {
		.host = &host->host, .report = write_recovery, .data = &recovering};

	(void)data;
	log_set_sink(collect);
	return recover_run(&recover, NULL) < 0;
}

static int adopt_and_log(struct testhost *host, void *data)
{
	struct hook_call run = {
		.host = &host->host, .guest = "g\n1", .xml = data, .xml_length = strlen(data)};

	log_set_sink(collect);
	hook_call_adopt(&run);
	hook_call_done(&run);
	return 0;
}

/* Each message is one line, whatever the guest is called. */
static void no_name_makes_lines_of_its_own(void **state)
{
	auto_testhost struct testhost *host = machine_with_caller("");
	auto_free char *log = NULL;
	char xml[] = DOMAIN("g&#10;1", UUID_1, HOSTDEV("0x03", "0x0"));

	(void)state;
	log_fd = memory_file("", 0);
	/* Not on a VFIO driver: that is told. */
	assert_int_equal(testhost_process(host, adopt_and_log, xml), 0);
	tree_remove(host->root_fd, FILE_OF(UUID_1));
	tree_file(host->root_fd, FILE_OF(UUID_1), "rubbish\n");
	assert_int_equal(testhost_process(host, adopt_and_log, xml), 0);
	tree_file(host->root_fd, FILE_OF(UUID_1),
		  "hostdev-hook journal 1\nboot " BOOT "\nguest g\\x0a1\nuuid " UUID_1
		  "\nclaim 0000:03:00.0\nreturning\n");
	assert_int_equal(testhost_process(host, recover_and_log, NULL), 0);
	log = read_back(log_fd);
	assert_contains(log, "g\\x0a1: it runs, and its device");
	assert_contains(log, "g\\x0a1: it runs, but its devices could not be claimed");
	assert_contains(log, "g\\x0a1: everything is returned");
	for (char *at = log, *line; (line = strsep(&at, "\n"));)
		assert_true(!*line || (line[0] == '[' && line[strlen(line) - 1] == ']'));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_was_killed_is_told_and_tried_again),
		cmocka_unit_test(it_is_tried_again_only_once),
		cmocka_unit_test(who_was_killed_behind_its_work_is_told_too),
		cmocka_unit_test(of_a_start_it_is_told_too),
		cmocka_unit_test(of_a_recovery_it_is_told_too),
		cmocka_unit_test(a_command_to_paste_is_taken_as_it_stands),
		cmocka_unit_test(each_kind_of_rest_is_told_as_what_it_is),
		cmocka_unit_test(the_first_failure_is_told_by_its_own_device),
		cmocka_unit_test(a_deferred_probe_is_waited_for),
		cmocka_unit_test(but_no_longer_than_it_may_take),
		cmocka_unit_test(a_driver_whose_name_has_a_blank),
		cmocka_unit_test(no_name_makes_lines_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
