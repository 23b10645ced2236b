// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The engine as libvirt meets it, on a made-up machine: what goes in on descriptor 0, what comes
 * out on 1 and 2, the exit status, and the machine before and after.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "hook/engine.h"
#include "tests/host/check.h"
#include "tests/host/testhost.h"

#define UUID_1 "4dea22b3-1d52-d8f3-2516-782e98ab3fa0"
#define UUID_2 "5dea22b3-1d52-d8f3-2516-782e98ab3fa1"
#define BOOT "0d9e2c1e-5f3a-4b52-9a58-1c7b2f0e6d11"
#define OTHER_BOOT "1d9e2c1e-5f3a-4b52-9a58-1c7b2f0e6d12"

static const char machine[] =
	"kernel 6.1.0-test\n"
	"boot " BOOT "\n"
	"bridge 0000:00:01.0 8086:1901 bus=01 group=1 driver=pcieport\n"
	"device 0000:01:00.0 10de:2204 class=030000 group=14 driver=nouveau power=auto\n"
	"device 0000:01:00.1 10de:1aef class=040300 group=14 driver=snd_hda_intel power=auto\n"
	"device 0000:03:00.0 8086:10d3 class=020000 group=16 driver=e1000e\n"
	"driver nouveau module=nouveau\n"
	"driver snd_hda_intel module=snd_hda_intel\n"
	"driver e1000e module=e1000e\n"
	"module vfio-pci unloaded registers=vfio-pci\n";

#define HOSTDEV(bus, function)                                                                     \
	"<hostdev mode='subsystem' type='pci' managed='yes'><source><address domain='0x0000' "     \
	"bus='" bus "' slot='0x00' function='" function "'/></source></hostdev>"
#define DOMAIN(name, uuid, devices)                                                                \
	"<domain type='kvm'><name>" name "</name><uuid>" uuid "</uuid><devices>" devices           \
	"</devices></domain>"

/* One call: arguments, input, and what came of it. */
struct call {
	const char *guest, *operation, *suboperation, *xml;
	size_t xml_length; /* 0: strlen */
	int input_fd, stdout_fd, stderr_fd;
	int status;
	char *said, *printed; /* heap */
};

static void call_done(struct call *call)
{
	free(call->said);
	free(call->printed);
}

static char *read_back(int fd)
{
	struct stat status;
	char *data;

	assert_int_equal(fstat(fd, &status), 0);
	data = xcalloc((size_t)status.st_size + 1, 1);
	assert_int_equal(pread(fd, data, (size_t)status.st_size, 0), status.st_size);
	close(fd);
	return data;
}

static int memory_file(const char *data, size_t length)
{
	int fd = memfd_create("test", 0);

	assert_true(fd >= 0);
	while (length > 0) {
		ssize_t written = write(fd, data, length);

		assert_true(written > 0);
		data += written;
		length -= (size_t)written;
	}
	lseek(fd, 0, SEEK_SET);
	return fd;
}

static void drop_line(enum log_level level, const struct log_fields *fields, const char *message)
{
	(void)level;
	(void)fields;
	(void)message;
}

static int run_engine(struct testhost *host, void *data)
{
	struct call *call = data;
	char *argv[] = {(char *)"engine",           (char *)call->guest, (char *)call->operation,
			(char *)call->suboperation, (char *)"-",         NULL};

	log_set_sink(drop_line);
	dup2(call->input_fd, STDIN_FILENO);
	dup2(call->stdout_fd, STDOUT_FILENO);
	dup2(call->stderr_fd, STDERR_FILENO);
	return engine_main(5, argv, &host->host);
}

static void call_engine(struct testhost *host, struct call *call)
{
	int status;

	free(call->said);
	free(call->printed);
	call->input_fd =
		memory_file(call->xml, call->xml_length ? call->xml_length : strlen(call->xml));
	call->stdout_fd = memory_file("", 0);
	call->stderr_fd = memory_file("", 0);
	status = testhost_process(host, run_engine, call);
	close(call->input_fd);
	call->printed = read_back(call->stdout_fd);
	call->said = read_back(call->stderr_fd);
	assert_string_equal(call->printed, "");
	call->status = WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

#define auto_call cleanup(call_done)
#define PREPARE(name, text)                                                                        \
	{                                                                                          \
		.guest = (name), .operation = "prepare", .suboperation = "begin", .xml = (text)    \
	}
#define RELEASE(name, text)                                                                        \
	{                                                                                          \
		.guest = (name), .operation = "release", .suboperation = "end", .xml = (text)      \
	}

static bool has_journal(const struct testhost *host, const char *uuid)
{
	auto_free char *path = xasprintf("%s/run/hostdev-hook/%s.journal", host->root, uuid);

	return access(path, F_OK) == 0;
}

/* Refused with this in its one line, and nothing on the machine differs. */
static void check_refused(struct testhost *host, struct call *call, const char *part)
{
	auto_free char *before = testhost_tree(host);
	auto_free char *after = NULL;

	call_engine(host, call);
	assert_int_equal(call->status, 1);
	assert_contains(call->said, part);
	assert_contains(call->said, "nothing was changed");
	assert_ptr_equal(strchr(call->said, '\n'), call->said + strlen(call->said) - 1);
	after = testhost_tree(host);
	assert_text(after, before);
	assert_int_equal(testhost_operations(host), 0);
}

static void test_lend_and_return(void **state)
{
	auto_testhost struct testhost *host = testhost_new(machine);
	const char *xml = DOMAIN("g1", UUID_1, HOSTDEV("0x01", "0x0") HOSTDEV("0x01", "0x1"));
	auto_call struct call prepare = PREPARE("g1", xml), release = RELEASE("g1", xml);
	auto_free char *before = testhost_tree(host);
	auto_free char *lent = NULL;
	auto_free char *after = NULL;

	(void)state;
	call_engine(host, &prepare);
	assert_string_equal(prepare.said, "");
	assert_int_equal(prepare.status, 0);
	assert_true(has_journal(host, UUID_1));
	lent = testhost_state(host);
	assert_contains(lent, "driver=vfio-pci");
	call_engine(host, &release);
	assert_string_equal(release.said, "");
	assert_int_equal(release.status, 0);
	assert_false(has_journal(host, UUID_1));
	after = testhost_tree(host);
	assert_text(after, before);
}

/* The XML of release is not what is restored from. */
static void return_with(const char *guest, const char *xml)
{
	auto_testhost struct testhost *host = testhost_new(machine);
	auto_call struct call prepare = PREPARE("g1", DOMAIN("g1", UUID_1, HOSTDEV("0x01", "0x0")));
	auto_call struct call release = RELEASE(guest, xml);
	auto_free char *before = testhost_tree(host);
	auto_free char *after = NULL;

	call_engine(host, &prepare);
	assert_int_equal(prepare.status, 0);
	call_engine(host, &release);
	assert_string_equal(release.said, "");
	assert_int_equal(release.status, 0);
	assert_false(has_journal(host, UUID_1));
	after = testhost_tree(host);
	assert_text(after, before);
}

static void test_return_without_its_xml(void **state)
{
	(void)state;
	return_with("g1", "");
	return_with("g1", "<domain><name>g1</na");
	return_with("g1", DOMAIN("g1", UUID_1, ""));
	return_with("renamed", DOMAIN("renamed", UUID_1, HOSTDEV("0x03", "0x0")));
}

static void test_return_of_nothing(void **state)
{
	auto_testhost struct testhost *host = testhost_new(machine);
	auto_call struct call release = RELEASE("g1", DOMAIN("g1", UUID_1, HOSTDEV("0x01", "0x0")));
	auto_call struct call nobody = RELEASE("nobody", "");

	(void)state;
	call_engine(host, &release);
	assert_int_equal(release.status, 0);
	assert_string_equal(release.said, "");
	call_engine(host, &nobody);
	assert_int_equal(nobody.status, 0);
	assert_int_equal(testhost_operations(host), 0);
}

static void test_refused_prepare_then_release(void **state)
{
	auto_testhost struct testhost *host = testhost_new(machine);
	const char *xml = DOMAIN("g1", UUID_1, HOSTDEV("0x09", "0x0"));
	auto_call struct call prepare = PREPARE("g1", xml), release = RELEASE("g1", xml);

	(void)state;
	check_refused(host, &prepare, "g1 is not started: there is no PCI device 0000:09:00.0");
	assert_false(has_journal(host, UUID_1));
	call_engine(host, &release);
	assert_int_equal(release.status, 0);
	assert_int_equal(testhost_operations(host), 0);
}

static void test_bad_xml(void **state)
{
	auto_testhost struct testhost *host = testhost_new(machine);
	const char *good = DOMAIN("g1", UUID_1, HOSTDEV("0x01", "0x0"));
	static const char bomb[] =
		"<!DOCTYPE domain [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;'>"
		"<!ENTITY c '&b;&b;&b;&b;&b;&b;&b;'>]><domain><name>&c;</name></domain>";
	auto_call struct call call = PREPARE("g1", "");
	size_t huge = 11u * 1024 * 1024;
	auto_free char *filler = xcalloc(huge, 1);

	(void)state;
	check_refused(host, &call, "XML");
	call.xml = good;
	for (call.xml_length = 1; call.xml_length < strlen(good); call.xml_length += 7)
		check_refused(host, &call, "XML");
	call.xml_length = 0;
	call.xml = bomb;
	check_refused(host, &call, "XML");
	call.xml = "<domain><name>g\xff\xfe</name><uuid>" UUID_1 "</uuid></domain>";
	check_refused(host, &call, "XML");
	memset(filler, ' ', huge);
	memcpy(filler, good, strlen(good));
	call.xml = filler;
	call.xml_length = huge;
	check_refused(host, &call, "XML");
}

static void lend_named(const char *name, const char *escaped)
{
	auto_testhost struct testhost *host = testhost_new(machine);
	auto_free char *xml = xasprintf("<domain><name>%s</name><uuid>%s</uuid><devices>%s"
					"</devices></domain>",
					escaped, UUID_1, HOSTDEV("0x03", "0x0"));
	auto_call struct call prepare = PREPARE(name, xml), release = RELEASE(name, "");
	auto_free char *before = testhost_tree(host);
	auto_free char *after = NULL;

	call_engine(host, &prepare);
	assert_string_equal(prepare.said, "");
	assert_int_equal(prepare.status, 0);
	assert_true(has_journal(host, UUID_1));
	call_engine(host, &release);
	assert_int_equal(release.status, 0);
	assert_false(has_journal(host, UUID_1));
	after = testhost_tree(host);
	assert_text(after, before);
}

static void test_odd_names(void **state)
{
	(void)state;
	lend_named("--help", "--help");
	lend_named("..", "..");
	lend_named("a b", "a b");
	lend_named("it's \"q\" <&>", "it's &quot;q&quot; &lt;&amp;&gt;");
	lend_named("-> # \\", "-&gt; # \\");
	lend_named("gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f");
}

static void remove_run(struct testhost *host)
{
	assert_int_equal(unlinkat(host->root_fd, "run", AT_REMOVEDIR), 0);
	host->host.fd[HOST_RUN] = -1;
}

static void test_missing_run(void **state)
{
	auto_testhost struct testhost *host = testhost_new(machine);
	auto_call struct call prepare = PREPARE("g1", DOMAIN("g1", UUID_1, HOSTDEV("0x01", "0x0")));
	auto_call struct call release = RELEASE("g1", "");

	(void)state;
	remove_run(host);
	check_refused(host, &prepare, "/run");
	call_engine(host, &release);
	assert_int_equal(release.status, 0);
}

static void test_unfit_state_dir(void **state)
{
	auto_testhost struct testhost *host = testhost_new(machine);
	auto_call struct call prepare = PREPARE("g1", DOMAIN("g1", UUID_1, HOSTDEV("0x01", "0x0")));

	(void)state;
	assert_int_equal(mkdirat(host->root_fd, "run/hostdev-hook", 0700), 0);
	assert_int_equal(fchmodat(host->root_fd, "run/hostdev-hook", 0777, 0), 0);
	check_refused(host, &prepare, "writable by nobody else");
	assert_int_equal(unlinkat(host->root_fd, "run/hostdev-hook", AT_REMOVEDIR), 0);
	assert_int_equal(symlinkat("/tmp", host->root_fd, "run/hostdev-hook"), 0);
	check_refused(host, &prepare, "/run/hostdev-hook");
}

static void write_file(struct testhost *host, const char *path, const char *text)
{
	auto_close int fd = openat(host->root_fd, path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

#define JOURNAL(boot, guest, uuid)                                                                 \
	"hostdev-hook journal 1\nboot " boot "\nguest " guest "\nuuid " uuid                       \
	"\nclaim 0000:03:00.0\n"                                                                   \
	"step driver 0000:03:00.0 none -> vfio-pci,override=vfio-pci # test\n"                     \
	"begun 1\ndone 1\n"

static void test_journal_of_an_older_boot(void **state)
{
	auto_testhost struct testhost *host = testhost_new(machine);
	const char *xml = DOMAIN("g1", UUID_1, HOSTDEV("0x03", "0x0"));
	auto_call struct call prepare = PREPARE("g1", xml), release = RELEASE("g1", xml);
	auto_free char *before = testhost_tree(host);
	auto_free char *after = NULL;

	(void)state;
	assert_int_equal(mkdirat(host->root_fd, "run/hostdev-hook", 0700), 0);
	write_file(host, "run/hostdev-hook/" UUID_1 ".journal", JOURNAL(OTHER_BOOT, "g1", UUID_1));
	call_engine(host, &release);
	assert_int_equal(release.status, 0);
	assert_int_equal(testhost_operations(host), 0);
	assert_false(has_journal(host, UUID_1));
	/* Nor do another guest's old claims keep anybody out. */
	write_file(host, "run/hostdev-hook/" UUID_1 ".journal", JOURNAL(OTHER_BOOT, "g1", UUID_1));
	write_file(host, "run/hostdev-hook/" UUID_2 ".journal", JOURNAL(OTHER_BOOT, "g2", UUID_2));
	call_engine(host, &prepare);
	assert_string_equal(prepare.said, "");
	assert_int_equal(prepare.status, 0);
	call_engine(host, &release);
	assert_int_equal(release.status, 0);
	after = testhost_tree(host);
	assert_text(after, before);
}

static void test_claims_of_others(void **state)
{
	auto_testhost struct testhost *host = testhost_new(machine);
	auto_call struct call first =
		PREPARE("first", DOMAIN("first", UUID_1, HOSTDEV("0x01", "0x0")));
	auto_call struct call second =
		PREPARE("second", DOMAIN("second", UUID_2, HOSTDEV("0x01", "0x1")));

	(void)state;
	call_engine(host, &first);
	assert_int_equal(first.status, 0);
	testhost_script(host, NULL);
	check_refused(host, &second, "belongs to guest first");
	assert_true(has_journal(host, UUID_1));
}

static void test_unreadable_journal(void **state)
{
	auto_testhost struct testhost *host = testhost_new(machine);
	auto_call struct call prepare = PREPARE("g1", DOMAIN("g1", UUID_1, HOSTDEV("0x01", "0x0")));

	(void)state;
	assert_int_equal(mkdirat(host->root_fd, "run/hostdev-hook", 0700), 0);
	write_file(host, "run/hostdev-hook/" UUID_2 ".journal", "nonsense\n");
	check_refused(host, &prepare, UUID_2 ".journal: journal line 1");
}

static void test_bad_policy(void **state)
{
	auto_testhost struct testhost *host = testhost_new(machine);
	auto_call struct call call = PREPARE(
		"g1", "<domain><name>g1</name><uuid>" UUID_1 "</uuid><metadata><h:policy "
		      "xmlns:h='urn:hostdev-hook:1' group='nonsense'/></metadata><devices>" HOSTDEV(
			      "0x01", "0x0") "</devices></domain>");

	(void)state;
	check_refused(host, &call, "group = nonsense");
	call.xml = DOMAIN("g1", UUID_1, HOSTDEV("0x01", "0x0"));
	assert_int_equal(mkdirat(host->root_fd, "etc/hostdev-hook", 0755), 0);
	write_file(host, "etc/hostdev-hook/hostdev-hook.conf", "grup = whole\n");
	check_refused(host, &call, "hostdev-hook.conf");
}

static void test_failure_is_undone(void **state)
{
	auto_testhost struct testhost *host = testhost_new(machine);
	const char *xml = DOMAIN("g1", UUID_1, HOSTDEV("0x01", "0x0"));
	auto_call struct call prepare = PREPARE("g1", xml), release = RELEASE("g1", xml);
	struct fault fault = {.kind = FAULT_FAIL,
			      .at = FAULT_ANY,
			      .path = "drivers/vfio-pci/bind",
			      .value = "0000:01:00.1",
			      .code = 5};
	auto_free char *before = testhost_tree(host);
	auto_free char *after = NULL;

	(void)state;
	testhost_script(host, &fault);
	call_engine(host, &prepare);
	assert_int_equal(prepare.status, 1);
	assert_contains(prepare.said, "g1 is not started: 0000:01:00.1");
	assert_contains(prepare.said, "everything is back as it was");
	assert_false(has_journal(host, UUID_1));
	after = testhost_tree(host);
	assert_text(after, before);
	testhost_script(host, NULL);
	call_engine(host, &release);
	assert_int_equal(release.status, 0);
	assert_int_equal(testhost_operations(host), 0);
}

static void test_device_vanishes(void **state)
{
	auto_testhost struct testhost *host = testhost_new(machine);
	const char *xml = DOMAIN("g1", UUID_1, HOSTDEV("0x01", "0x0") HOSTDEV("0x03", "0x0"));
	auto_call struct call prepare = PREPARE("g1", xml);
	struct fault fault = {.kind = FAULT_VANISH, .at = 3, .addr = {0, 3, 0, 0}};
	auto_free char *after = NULL;

	(void)state;
	testhost_script(host, &fault);
	call_engine(host, &prepare);
	assert_int_equal(prepare.status, 1);
	assert_contains(prepare.said, "0000:03:00.0");
	assert_false(has_journal(host, UUID_1));
	after = testhost_state(host);
	assert_contains(after, "driver=nouveau");
	assert_contains(after, "driver=snd_hda_intel");
}

static void test_killed_run_is_settled_at_next_prepare(void **state)
{
	auto_testhost struct testhost *host = testhost_new(machine);
	const char *xml = DOMAIN("g1", UUID_1, HOSTDEV("0x01", "0x0"));
	auto_call struct call prepare = PREPARE("g1", xml), release = RELEASE("g1", xml);
	struct fault fault = {.kind = FAULT_DIE_AFTER, .at = 4};
	auto_free char *before = testhost_tree(host);
	auto_free char *after = NULL;

	(void)state;
	testhost_script(host, &fault);
	call_engine(host, &prepare);
	assert_true(prepare.status >= 1000);
	assert_true(has_journal(host, UUID_1));
	testhost_script(host, NULL);
	call_engine(host, &prepare);
	assert_string_equal(prepare.said, "");
	assert_int_equal(prepare.status, 0);
	call_engine(host, &release);
	after = testhost_tree(host);
	assert_text(after, before);
}

static void test_start_claims_pool_interface(void **state)
{
	auto_testhost struct testhost *host = testhost_new(machine);
	const char *xml =
		DOMAIN("g1", UUID_1,
		       "<interface type='hostdev' managed='yes'><source><address type='pci' "
		       "domain='0' bus='3' slot='0' function='0'/></source></interface>");
	auto_call struct call start = {
		.guest = "g1", .operation = "start", .suboperation = "begin", .xml = xml};
	auto_call struct call release = RELEASE("g1", "");
	auto_call struct call second =
		PREPARE("second", DOMAIN("second", UUID_2, HOSTDEV("0x03", "0x0")));

	(void)state;
	call_engine(host, &start);
	assert_string_equal(start.said, "");
	assert_true(has_journal(host, UUID_1));
	call_engine(host, &start);
	assert_int_equal(start.status, 0);
	check_refused(host, &second, "belongs to guest g1");
	call_engine(host, &release);
	assert_false(has_journal(host, UUID_1));
	assert_int_equal(testhost_operations(host), 0);
}

static void test_operations_without_work(void **state)
{
	static const char *const operations[][2] = {
		{"started", "begin"}, {"stopped", "end"},   {"reconnect", "begin"},
		{"migrate", "begin"}, {"restore", "begin"}, {"attach", "begin"},
		{"future", "begin"},  {"prepare", "end"},   {"", ""},
	};
	auto_testhost struct testhost *host = testhost_new(machine);

	(void)state;
	for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
		auto_call struct call call = {.guest = "g1",
					      .operation = operations[i][0],
					      .suboperation = operations[i][1],
					      .xml = "not XML"};

		call_engine(host, &call);
		assert_int_equal(call.status, 0);
		assert_string_equal(call.said, "");
	}
	assert_int_equal(testhost_operations(host), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lend_and_return),
		cmocka_unit_test(test_return_without_its_xml),
		cmocka_unit_test(test_return_of_nothing),
		cmocka_unit_test(test_refused_prepare_then_release),
		cmocka_unit_test(test_bad_xml),
		cmocka_unit_test(test_odd_names),
		cmocka_unit_test(test_missing_run),
		cmocka_unit_test(test_unfit_state_dir),
		cmocka_unit_test(test_journal_of_an_older_boot),
		cmocka_unit_test(test_claims_of_others),
		cmocka_unit_test(test_unreadable_journal),
		cmocka_unit_test(test_bad_policy),
		cmocka_unit_test(test_failure_is_undone),
		cmocka_unit_test(test_device_vanishes),
		cmocka_unit_test(test_killed_run_is_settled_at_next_prepare),
		cmocka_unit_test(test_start_claims_pool_interface),
		cmocka_unit_test(test_operations_without_work),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
