// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The user's scripts as a part of libvirt's call: when they run beside our own work, what they are
 * told, and what it means that one fails.
 */
#include "tests/hook/engine-call.h"
#include "tests/hook/scripts-tree.h"

#include "hook/operation.h"
#include "state/handovers.h"

#define XML DOMAIN("g1", UUID_1, HOSTDEV("0x01", "0x0") HOSTDEV("0x01", "0x1"))
#define PLAIN_XML DOMAIN("g1", UUID_1, "")

static void log_to_file(enum log_level level, const struct log_fields *fields, const char *message)
{
	auto_free char *path = tree_path("log");
	auto_fclose FILE *file = fopen(path, "a");

	if (file)
		fprintf(file, "%d %s %s %s\n", (int)level, fields->guest ? fields->guest : "-",
			fields->uuid ? fields->uuid : "-", message);
}

static void call(struct testhost *host, struct call *made, const char *operation, const char *xml)
{
	call_done(made);
	*made = (struct call){.guest = "g1",
			      .operation = operation,
			      .suboperation = operation_find(operation, "end") ? "end" : "begin",
			      .xml = xml,
			      .scripts_dir = scripts_dir,
			      .sink = log_to_file};
	call_engine(host, made);
}

static void assert_status(const struct call *made, int status, const char *said)
{
	if (said && *said)
		assert_contains(made->said, said);
	else
		assert_text(made->said, "");
	assert_int_equal(made->status, status);
}

static void assert_logged(const char *part)
{
	auto_free char *log = left_in("log");

	assert_contains(log, part);
}

/* A file of the made-up machine, for scripts to look at. */
static char *driver_of(const struct testhost *host)
{
	return xasprintf("basename $(readlink %s/sys/bus/pci/devices/0000:01:00.0/driver)",
			 host->root);
}

static void around_the_hand_over(void **state)
{
	auto_testhost struct testhost *host = testhost_new(machine);
	auto_call struct call made = {0};
	auto_free char *driver = driver_of(host);
	auto_free char *body = xasprintf("echo $2 $(%s) >>$T/seen", driver);

	(void)state;
	put_script("qemu.d/g1/prepare/begin/x", body);
	put_script("qemu.d/g1/start/begin", body);
	put_script("qemu.d/g1/started/begin/x", body);
	put_script("qemu.d/g1/stopped/end/x", body);
	put_script("qemu.d/g1/release/end/x", body);
	call(host, &made, "prepare", XML);
	assert_status(&made, 0, "");
	call(host, &made, "start", XML);
	assert_status(&made, 0, "");
	call(host, &made, "started", XML);
	call(host, &made, "stopped", XML);
	call(host, &made, "release", XML);
	assert_status(&made, 0, "");
	assert_left("seen", "prepare nouveau\nstart vfio-pci\nstarted vfio-pci\nstopped vfio-pci\n"
			    "release nouveau\n");
}

static void what_they_are_told(void **state)
{
	auto_testhost struct testhost *host = testhost_new(machine);
	auto_call struct call made = {0};
	auto_free char *expected =
		xasprintf("%s/g1/release/end/x,g1,release,end,from snapshot,\n%s\n"
			  "g1 " UUID_1 " 0000:01:00.0 0000:01:00.1\n"
			  "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin kept\n",
			  scripts_dir, XML);

	(void)state;
	put_script("qemu.d/g1/release/end/x",
		   "printf '%s,' \"$0\" \"$@\" >$T/seen; echo >>$T/seen\n"
		   "cat >>$T/seen; echo >>$T/seen\n"
		   "echo $HOSTDEV_GUEST $HOSTDEV_UUID $HOSTDEV_DEVICES >>$T/seen\n"
		   "echo $PATH $OURS >>$T/seen");
	setenv("OURS", "kept", 1);
	setenv("HOSTDEV_DEVICES", "not this", 1);
	made = (struct call)RELEASE("g1", XML);
	made.scripts_dir = scripts_dir;
	made.extra = "from snapshot";
	call_engine(host, &made);
	unsetenv("OURS");
	unsetenv("HOSTDEV_DEVICES");
	assert_status(&made, 0, "");
	assert_left("seen", expected);
}

/* Libvirt may have lost it; the journal is gone once everything is returned. */
static void release_without_its_xml(void **state)
{
	auto_testhost struct testhost *host = testhost_new(machine);
	auto_call struct call made = {0};

	(void)state;
	put_script("qemu.d/g1/release/end/x",
		   "cat >$T/stdin; echo $HOSTDEV_UUID $HOSTDEV_DEVICES >>$T/seen");
	call(host, &made, "prepare", XML);
	assert_status(&made, 0, "");
	call(host, &made, "release", "");
	assert_status(&made, 0, "");
	assert_false(has_journal(host, UUID_1));
	assert_left("seen", UUID_1 " 0000:01:00.0 0000:01:00.1\n");
	call(host, &made, "release", "");
	assert_status(&made, 0, "");
	assert_left("seen", UUID_1 " 0000:01:00.0 0000:01:00.1\n\n");
}

static void order_and_log(void **state)
{
	auto_testhost struct testhost *host = testhost_new(machine);
	auto_call struct call made = {0};

	(void)state;
	put_script("qemu.d/g1/prepare/begin/20-b",
		   "echo b >>$T/seen; echo 'a\tword'; echo err >&2");
	put_script("qemu.d/g1/prepare/begin/10-a", "echo a >>$T/seen");
	put_file("qemu.d/g1/prepare/begin/README", "", 0644);
	call(host, &made, "prepare", PLAIN_XML);
	assert_status(&made, 0, "");
	assert_left("seen", "a\nb\n");
	assert_logged("6 g1 " UUID_1 " g1: prepare/begin/20-b: a\\x09word\n"
		      "6 g1 " UUID_1 " g1: prepare/begin/20-b: err\n");
	assert_logged("README: not executable (chmod +x), so it is not run\n");
}

static void assert_recorded(const struct testhost *host, const char *said)
{
	auto_handovers struct handovers last = {0};
	const struct handover *lend = &last.last[HANDOVER_LEND];
	struct error err = ERROR_INIT;

	assert_ok(handovers_read(&host->host, UUID_1, &last, &err), &err);
	assert_int_equal(lend->result, HANDOVER_FAILED);
	assert_contains(said, lend->message);
	assert_contains(lend->message, "the script ");
}

static void failure_at_prepare(void **state)
{
	auto_testhost struct testhost *host = testhost_new(machine);
	auto_call struct call made = {0};
	auto_free char *line =
		xasprintf("\nhostdev-hook: g1 is not started: the script %s/g1/prepare/begin/10-a "
			  "ended with exit status 7: no disk; nothing was lent.\n",
			  scripts_dir);

	(void)state;
	put_script("qemu.d/g1/prepare/begin/00-first", "echo first >>$T/seen");
	put_script("qemu.d/g1/prepare/begin/10-a", "echo looking; echo no disk >&2; exit 7");
	put_script("qemu.d/g1/prepare/begin/20-b", "echo b >>$T/seen");
	tree_dir(host->root_fd, "run/hostdev-hook");
	assert_int_equal(fchmodat(host->root_fd, "run/hostdev-hook", 0700, 0), 0);
	call(host, &made, "prepare", XML);
	assert_text(made.said, line);
	assert_recorded(host, made.said);
	assert_int_equal(made.status, 1);
	assert_left("seen", "first\n");
	assert_int_equal(testhost_operations(host), 0);
	assert_false(has_journal(host, UUID_1));
	assert_logged("3 g1 - g1 is not started: the script ");
}

/* The scripts were run before it, and libvirt will call those of release. */
static void refusal_after_scripts(void **state)
{
	auto_testhost struct testhost *host = testhost_new(machine);
	auto_call struct call made = {0};
	const char *xml = DOMAIN("g1", UUID_1, HOSTDEV("0x09", "0x0"));

	(void)state;
	put_script("qemu.d/g1/prepare/begin/x", "echo prepare >>$T/seen");
	put_script("qemu.d/g1/release/end/x", "echo release >>$T/seen");
	call(host, &made, "prepare", xml);
	assert_status(&made, 1, "there is no PCI device 0000:09:00.0");
	call(host, &made, "release", xml);
	assert_status(&made, 0, "");
	assert_left("seen", "prepare\nrelease\n");
}

/* Where a start ends by it, the rest does not run; elsewhere all run and nobody is told. */
static void failure_by_operation(void **state)
{
	static const struct {
		const char *operation;
		int status;
	} cases[] = {{"prepare", 1}, {"start", 1},     {"started", 1}, {"stopped", 0},
		     {"release", 0}, {"reconnect", 0}, {"attach", 0}};
	auto_testhost struct testhost *host = testhost_new(machine);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		auto_call struct call made = {0};
		const char *operation = cases[i].operation;
		const char *sub = operation_find(operation, "end") ? "end" : "begin";
		auto_free char *first = xasprintf("qemu.d/g1/%s/%s/1", operation, sub);
		auto_free char *second = xasprintf("qemu.d/g1/%s/%s/2", operation, sub);
		auto_free char *log = xasprintf("%s/1 ended with exit status 5: sorry", sub);

		put_script(first, "echo 1 >$T/seen; echo sorry; exit 5");
		put_script(second, "echo 2 >>$T/seen");
		call(host, &made, operation, PLAIN_XML);
		assert_status(&made, cases[i].status, cases[i].status ? log : "");
		assert_left("seen", cases[i].status ? "1\n" : "1\n2\n");
		assert_logged(log);
	}
}

/* All is checked before any is run. */
static void files_of_others(void **state)
{
	static const struct {
		const char *operation;
		int status;
	} cases[] = {{"prepare", 1}, {"start", 1},     {"started", 1}, {"stopped", 0},
		     {"release", 0}, {"reconnect", 0}, {"attach", 0}};
	auto_testhost struct testhost *host = testhost_new(machine);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		auto_call struct call made = {0};
		const char *operation = cases[i].operation;
		const char *sub = operation_find(operation, "end") ? "end" : "begin";
		auto_free char *first = xasprintf("qemu.d/g1/%s/%s/1", operation, sub);
		auto_free char *second = xasprintf("qemu.d/g1/%s/%s/2", operation, sub);
		auto_free char *what = xasprintf("%s/2: belongs to user 1234; root must own it "
						 "(chown root); now its owner is user 1234 and its "
						 "mode 0755",
						 sub);

		put_file("seen", "", 0644);
		put_script(first, "echo 1 >>$T/seen");
		put_script(second, "echo 2 >>$T/seen");
		give_to(second, 1234);
		call(host, &made, operation, PLAIN_XML);
		assert_status(&made, cases[i].status, cases[i].status ? what : "");
		assert_left("seen", cases[i].status ? "" : "1\n");
		assert_logged(what);
	}
}

static void return_failing_before_scripts(void **state)
{
	auto_testhost struct testhost *host = testhost_new(machine);
	auto_call struct call made = {0};
	struct fault fault = {
		.kind = FAULT_FAIL, .at = FAULT_ANY, .path = "drivers/nouveau/bind", .code = 5};

	(void)state;
	put_script("qemu.d/g1/release/end/x", "echo release >>$T/seen; exit 1");
	call(host, &made, "prepare", XML);
	assert_status(&made, 0, "");
	testhost_script(host, &fault);
	call(host, &made, "release", XML);
	assert_status(&made, 1, "g1: not everything could be returned");
	assert_left("seen", "release\n");
}

/* conf: of this host; the guest's own comes on top. */
static void put_conf(struct testhost *host, const char *text)
{
	auto_free char *dir = xasprintf("%s/etc/hostdev-hook", host->root);
	auto_free char *path = xasprintf("%s/hostdev-hook.conf", dir);
	FILE *file;

	mkdir(dir, 0755);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, 0644), 0);
}

static void time_limits(void **state)
{
	static const char own[] =
		"<domain type='kvm'><name>g1</name><uuid>" UUID_1 "</uuid><metadata>"
		"<hostdev:policy xmlns:hostdev='urn:hostdev-hook:1' script-time='1'/></metadata>"
		"<devices/></domain>";
	auto_testhost struct testhost *host = testhost_new(machine);
	auto_call struct call made = {0};

	(void)state;
	put_script("qemu.d/g1/prepare/begin/x", "exec sleep 600");
	put_conf(host, "script-time = 2\n");
	call(host, &made, "prepare", PLAIN_XML);
	assert_status(&made, 1, "x did not end within 2 s and was ended; nothing was lent.");
	call(host, &made, "prepare", own);
	assert_status(&made, 1, "x did not end within 1 s and was ended");
	/* What is left of the whole call's, with time to end it. */
	put_conf(host, "total-time = 4\n");
	call(host, &made, "prepare", PLAIN_XML);
	assert_status(&made, 1, "x did not end within 1.");
	put_conf(host, "total-time = 2\n");
	call(host, &made, "prepare", PLAIN_XML);
	assert_status(&made, 1, "x was not run, as nothing is left of total-time");
}

static void policy_that_cannot_be_read(void **state)
{
	auto_testhost struct testhost *host = testhost_new(machine);
	auto_call struct call made = {0};

	(void)state;
	put_conf(host, "nonsense = 1\n");
	put_script("qemu.d/g1/prepare/begin/x", "echo x >>$T/seen");
	put_script("qemu.d/g1/release/end/x", "echo x >>$T/seen");
	call(host, &made, "release", XML);
	assert_status(&made, 0, "");
	call(host, &made, "prepare", XML);
	assert_status(&made, 1, "nonsense");
	assert_left("seen", "x\nx\n");
	assert_logged("scripts have the usual limits of time");
}

static void no_scripts(void **state)
{
	auto_testhost struct testhost *host = testhost_new(machine);
	auto_call struct call made = {0};

	(void)state;
	put_script("qemu.d/g1", "echo x >>$T/seen");
	put_script("qemu.d/g2/prepare/begin/x", "echo x >>$T/seen");
	put_script("prepare/begin/x", "echo x >>$T/seen");
	call(host, &made, "prepare", PLAIN_XML);
	assert_status(&made, 0, "");
	made.guest = "..";
	call_engine(host, &made);
	assert_status(&made, 0, "");
	assert_left("seen", "");
	assert_left("log", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_tree(around_the_hand_over),
		in_tree(what_they_are_told),
		in_tree(release_without_its_xml),
		in_tree(order_and_log),
		in_tree(failure_at_prepare),
		in_tree(refusal_after_scripts),
		in_tree(failure_by_operation),
		in_tree(files_of_others),
		in_tree(return_failing_before_scripts),
		in_tree(time_limits),
		in_tree(policy_that_cannot_be_read),
		in_tree(no_scripts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
