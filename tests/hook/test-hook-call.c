// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How often one call of the hook parses the domain XML and reads the configuration, and that a
 * script of a user which changes the configuration is heeded by the lend behind it.
 */
#include "tests/hook/engine-call.h"
#include "tests/hook/scripts-tree.h"

#include "base/fd.h"
#include "hook/operation.h"
#include "parsers/config/config.h"
#include "parsers/domain/domain.h"

#define XML DOMAIN("g1", UUID_1, HOSTDEV("0x03", "0x0"))

/* The engine runs in a child: what it counts has to be seen outside. */
static struct counts {
	int parsed, configured;
} * counts;

int __real_domain_parse(const char *xml, size_t length, struct guest *ret, struct error *err);
int __wrap_domain_parse(const char *xml, size_t length, struct guest *ret, struct error *err);
int __real_config_read(const struct host *host, const char *guest, struct policy *policy,
		       struct error *err);
int __wrap_config_read(const struct host *host, const char *guest, struct policy *policy,
		       struct error *err);

int __wrap_domain_parse(const char *xml, size_t length, struct guest *ret, struct error *err)
{
	counts->parsed++;
	return __real_domain_parse(xml, length, ret, err);
}

int __wrap_config_read(const struct host *host, const char *guest, struct policy *policy,
		       struct error *err)
{
	counts->configured++;
	return __real_config_read(host, guest, policy, err);
}

static void call(struct testhost *host, struct call *made, const char *operation, const char *xml)
{
	call_done(made);
	*made = (struct call){.guest = "g1",
			      .operation = operation,
			      .suboperation = operation_find(operation, "end") ? "end" : "begin",
			      .xml = xml,
			      .scripts_dir = scripts_dir};
	*counts = (struct counts){0};
	call_engine(host, made);
}

static void assert_counts(int parsed, int configured)
{
	assert_int_equal(counts->parsed, parsed);
	assert_int_equal(counts->configured, configured);
}

static void all_calls_of_a_run(struct testhost *host, int of_scripts)
{
	auto_call struct call made = {0};

	call(host, &made, "prepare", XML);
	assert_int_equal(made.status, 0);
	assert_counts(1, of_scripts + 1);
	call(host, &made, "start", XML);
	assert_int_equal(made.status, 0);
	assert_counts(1, of_scripts);
	call(host, &made, "reconnect", XML);
	assert_counts(1, of_scripts);
	call(host, &made, "release", XML);
	/* Its UUID stands plainly in the XML, and the journal has all else. */
	assert_counts(of_scripts, of_scripts);
}

static void without_scripts_each_is_read_once(void **state)
{
	auto_testhost struct testhost *host = testhost_new(machine);

	(void)state;
	all_calls_of_a_run(host, 0);
}

/* A lend reads the configuration behind the scripts once more: see the next test. */
static void with_scripts_the_xml_is_parsed_once(void **state)
{
	auto_testhost struct testhost *host = testhost_new(machine);

	(void)state;
	put_script("qemu.d/g1/prepare/begin/x", "");
	put_script("qemu.d/g1/start/begin/x", "");
	put_script("qemu.d/g1/reconnect/begin/x", "");
	put_script("qemu.d/g1/release/end/x", "");
	all_calls_of_a_run(host, 1);
}

static void a_script_that_changes_the_configuration_is_heeded(void **state)
{
	auto_testhost struct testhost *host = testhost_new(machine);
	auto_free char *body =
		xasprintf("mkdir -p %s/etc/hostdev-hook\n"
			  "echo 'grup = whole' >%s/etc/hostdev-hook/hostdev-hook.conf",
			  host->root, host->root);
	auto_call struct call made = {0};

	(void)state;
	put_script("qemu.d/g1/prepare/begin/x", body);
	call(host, &made, "prepare", XML);
	assert_int_equal(made.status, 1);
	assert_contains(made.said, "hostdev-hook.conf");
}

/* The same words each time, from one attempt. */
static void xml_that_cannot_be_parsed_is_tried_once(void **state)
{
	auto_testhost struct testhost *host = testhost_new(machine);
	auto_call struct call made = {0};

	(void)state;
	put_script("qemu.d/g1/prepare/begin/x", "");
	call(host, &made, "prepare", "<domain><hostdev></domain>");
	assert_int_equal(made.status, 1);
	assert_contains(made.said, "nothing was changed");
	assert_int_equal(counts->parsed, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_tree(without_scripts_each_is_read_once),
		in_tree(with_scripts_the_xml_is_parsed_once),
		in_tree(a_script_that_changes_the_configuration_is_heeded),
		in_tree(xml_that_cannot_be_parsed_is_tried_once),
	};
	auto_close int fd = -1;

	fd = fd_memory("counts");
	if (fd < 0 || ftruncate(fd, sizeof(*counts)) < 0)
		return 1;
	/* Shared with the engine, which is a child. */
	counts = mmap(NULL, sizeof(*counts), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
