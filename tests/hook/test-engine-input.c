// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the engine does with bad input, odd names and an unfit /run: one clear line, and an
 * unchanged machine.
 */
#include "tests/hook/engine-call.h"

static void bad_xml(void **state)
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
	memset(filler, ' ', huge - 1);
	for (size_t i = 0; good[i]; i++)
		filler[i] = good[i];
	call.xml = filler;
	call.xml_length = huge - 1;
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

static void odd_names(void **state)
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

static void missing_run(void **state)
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

static void unfit_state_dir(void **state)
{
	auto_testhost struct testhost *host = testhost_new(machine);
	auto_call struct call prepare = PREPARE("g1", DOMAIN("g1", UUID_1, HOSTDEV("0x01", "0x0")));

	(void)state;
	assert_int_equal(mkdirat(host->root_fd, "run/hostdev-hook", 0700), 0);
	assert_int_equal(fchmodat(host->root_fd, "run/hostdev-hook", 0777, 0), 0);
	check_refused(host, &prepare, "writable by nobody else");
	assert_int_equal(fchmodat(host->root_fd, "run/hostdev-hook", 0700, 0), 0);
	/* Made before us by somebody who waits for what we write in it. */
	if (fchownat(host->root_fd, "run/hostdev-hook", 12345, 12345, 0) == 0)
		check_refused(host, &prepare, "belongs to user 12345");
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

static void journal_of_an_older_boot(void **state)
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

static void unreadable_journal(void **state)
{
	auto_testhost struct testhost *host = testhost_new(machine);
	auto_call struct call prepare = PREPARE("g1", DOMAIN("g1", UUID_1, HOSTDEV("0x01", "0x0")));

	(void)state;
	assert_int_equal(mkdirat(host->root_fd, "run/hostdev-hook", 0700), 0);
	write_file(host, "run/hostdev-hook/" UUID_2 ".journal", "nonsense\n");
	check_refused(host, &prepare, UUID_2 ".journal: journal line 1");
}

static void bad_policy(void **state)
{
	auto_testhost struct testhost *host = testhost_new(machine);
	auto_call struct call call = PREPARE(
		"g1", "<domain><name>g1</name><uuid>" UUID_1 "</uuid><metadata><h:policy "
		      "xmlns:h='urn:hostdev-hook:1' group='nonsense'/></metadata><devices>" HOSTDEV(
			      "0x01", "0x0") "</devices></domain>");

	(void)state;
	check_refused(host, &call, "group = nonsense");
	/* What stands in the XML starts no line of its own. */
	call.xml = "<domain><name>g1</name><uuid>" UUID_1 "</uuid><metadata><h:policy "
		   "xmlns:h='urn:hostdev-hook:1' group='x&#10;all is "
		   "well'/></metadata><devices>" HOSTDEV("0x01", "0x0") "</devices></domain>";
	check_refused(host, &call, "group = x\\x0aall is well");
	call.xml = DOMAIN("g1", UUID_1, HOSTDEV("0x01", "0x0"));
	assert_int_equal(mkdirat(host->root_fd, "etc/hostdev-hook", 0755), 0);
	write_file(host, "etc/hostdev-hook/hostdev-hook.conf", "grup = whole\n");
	check_refused(host, &call, "hostdev-hook.conf");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_xml),
		cmocka_unit_test(odd_names),
		cmocka_unit_test(missing_run),
		cmocka_unit_test(unfit_state_dir),
		cmocka_unit_test(journal_of_an_older_boot),
		cmocka_unit_test(unreadable_journal),
		cmocka_unit_test(bad_policy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
