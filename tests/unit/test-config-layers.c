// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The configuration files together: which are a guest's, which of them wins, and whom they and
 * their directories must belong to.
 */
#include "tests/host/check.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "parsers/config/config.h"
#include "tests/host/testhost.h"
#include "tests/host/tree.h"
#include "tests/unit/policy-helpers.h"

static const struct pci_addr card = {.bus = 1};

static int fresh(void **state)
{
	struct testhost *host = testhost_new("");

	tree_dir(host->root_fd, "etc/hostdev-hook");
	*state = host;
	return 0;
}

static int stale(void **state)
{
	struct testhost *host = *state;

	testhost_free(&host);
	return 0;
}

#define DROP_INS "etc/hostdev-hook/hostdev-hook.conf.d/"
#define GUESTS "etc/hostdev-hook/guests/"

static void put(const struct testhost *machine, const char *path, const char *text)
{
	tree_file(machine->root_fd, path, "%s", text);
}

/* What the layers make of wait-time, of which each layer says another. */
static unsigned int wait_time(const struct testhost *machine, const char *guest)
{
	auto_policy struct policy policy = POLICY_INIT;
	struct error err = ERROR_INIT;

	assert_ok(config_read(&machine->host, guest, &policy, &err), &err);
	return policy.all.wait_time_ms / 1000;
}

static void assert_error(const struct testhost *machine, const char *guest, int code,
			 const char *message)
{
	struct policy policy = POLICY_INIT;
	struct error err = ERROR_INIT;

	assert_int_equal(config_read(&machine->host, guest, &policy, &err), -code);
	assert_text(err.text, message);
	assert_default_policy(&policy);
}

static void layers(void **state)
{
	struct testhost *machine = *state;

	assert_int_equal(wait_time(machine, "win11"), 10);
	put(machine, GUESTS "win11.conf", "wait-time = 4\n");
	assert_int_equal(wait_time(machine, "win11"), 4);
	put(machine, "etc/hostdev-hook/hostdev-hook.conf", "wait-time = 1\n");
	put(machine, DROP_INS "10-a.conf", "wait-time = 2\n");
	put(machine, DROP_INS "9-b.conf", "wait-time = 3\n");
	put(machine, DROP_INS "99.conf.bak", "rubbish");
	put(machine, DROP_INS ".hidden.conf", "rubbish");
	assert_int_equal(wait_time(machine, "win11"), 4);
	assert_int_equal(wait_time(machine, "other"), 3);
	assert_int_equal(wait_time(machine, NULL), 3);
	tree_remove(machine->root_fd, DROP_INS "9-b.conf");
	assert_int_equal(wait_time(machine, "other"), 2);
	tree_remove(machine->root_fd, DROP_INS "10-a.conf");
	assert_int_equal(wait_time(machine, "other"), 1);
}

static void names_of_layers(void **state)
{
	struct testhost *machine = *state;

	put(machine, DROP_INS "a\nb.conf", "grup = whole\n");
	assert_error(machine, "win11", EINVAL,
		     "/" DROP_INS "a\\x0ab.conf:1: unknown key grup; did you mean group?");
	tree_remove(machine->root_fd, DROP_INS "a\nb.conf");
	put(machine, GUESTS "win 11.conf", "\nwait-time = soon\n");
	assert_error(machine, "win 11", EINVAL,
		     "/" GUESTS "win 11.conf:2: wait-time = soon: the value must be a number of "
		     "whole seconds from 0 to 300");
	assert_int_equal(wait_time(machine, "win11"), 10);
}

/* No name leads out of the folder, and none that cannot be a file's stops the guest. */
static void odd_guests(void **state)
{
	struct testhost *machine = *state;
	char name[NAME_MAX + 2];

	tree_dir(machine->root_fd, "etc/hostdev-hook/guests/sub");
	put(machine, "etc/hostdev-hook/out.conf", "wait-time = 1\n");
	put(machine, GUESTS ".conf", "wait-time = 2\n");
	put(machine, GUESTS "..conf", "wait-time = 3\n");
	put(machine, GUESTS ".x.conf", "wait-time = 4\n");
	put(machine, GUESTS "sub/x.conf", "wait-time = 5\n");
	assert_int_equal(wait_time(machine, "../out"), 10);
	assert_int_equal(wait_time(machine, ""), 10);
	assert_int_equal(wait_time(machine, "."), 10);
	assert_int_equal(wait_time(machine, ".."), 10);
	assert_int_equal(wait_time(machine, ".x"), 10);
	assert_int_equal(wait_time(machine, "sub/x"), 10);
	put(machine, GUESTS "-x.conf", "wait-time = 6\n");
	assert_int_equal(wait_time(machine, "-x"), 6);
	memset(name, 'n', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(wait_time(machine, name), 10);
	name[NAME_MAX - 4] = '\0';
	assert_int_equal(wait_time(machine, name), 10);
}

static void mode(const struct testhost *machine, const char *path, mode_t value)
{
	assert_int_equal(fchmodat(machine->root_fd, path, value, 0), 0);
}

static void trust_of_layers(void **state)
{
	static const char *const paths[] = {"etc/hostdev-hook", DROP_INS, GUESTS, DROP_INS "a.conf",
					    GUESTS "win11.conf"};
	struct testhost *machine = *state;

	put(machine, DROP_INS "a.conf", "");
	put(machine, GUESTS "win11.conf", "");
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		int length = (int)strlen(paths[i]);
		auto_free char *message =
			xasprintf("/%.*s: others than its owner may write it (chmod go-w)",
				  paths[i][length - 1] == '/' ? length - 1 : length, paths[i]);

		mode(machine, paths[i], 0775);
		assert_error(machine, "win11", EPERM, message);
		mode(machine, paths[i], 0757);
		assert_error(machine, "win11", EPERM, message);
		mode(machine, paths[i], 0755);
		assert_int_equal(wait_time(machine, "win11"), 10);
	}
	assert_needs(geteuid() == 0, "root, to give files away");
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		struct policy policy = POLICY_INIT;

		assert_int_equal(fchownat(machine->root_fd, paths[i], 12345, 0, 0), 0);
		assert_int_equal(config_read(&machine->host, "win11", &policy, NULL), -EPERM);
		assert_int_equal(fchownat(machine->root_fd, paths[i], 0, 0, 0), 0);
	}
}

static void links(void **state)
{
	struct testhost *machine = *state;

	put(machine, "etc/elsewhere.conf", "wait-time = 7\n");
	tree_raw_link(machine->root_fd, GUESTS "win11.conf", "../../elsewhere.conf");
	assert_int_equal(wait_time(machine, "win11"), 7);
	mode(machine, "etc/elsewhere.conf", 0666);
	assert_error(machine, "win11", EPERM,
		     "/" GUESTS "win11.conf: others than its owner may write it (chmod go-w)");
	tree_remove(machine->root_fd, "etc/elsewhere.conf");
	assert_error(machine, "win11", ENOENT,
		     "open /" GUESTS "win11.conf: No such file or directory");
	tree_remove(machine->root_fd, GUESTS);
	tree_dir(machine->root_fd, "etc/elsewhere");
	tree_raw_link(machine->root_fd, "etc/hostdev-hook/guests", "../elsewhere");
	assert_error(machine, "win11", ENOTDIR, "open /etc/hostdev-hook/guests: Not a directory");
}

/* A policy that was there before is kept where the files are refused, settings included. */
static void refused_leaves_all(void **state)
{
	struct testhost *machine = *state;
	auto_policy struct policy policy = POLICY_INIT;
	struct error err = ERROR_INIT;

	assert_ok(policy_set(&policy, &card, "display", "stop", "here", &err), &err);
	put(machine, "etc/hostdev-hook/hostdev-hook.conf",
	    "group = whole\n[0000:01:00.0]\ndisplay = release\n");
	put(machine, GUESTS "win11.conf", "nonsense\n");
	assert_int_equal(config_read(&machine->host, "win11", &policy, &err), -EINVAL);
	assert_int_equal(policy.group, GROUP_REFUSE);
	assert_int_equal(policy_of_device(&policy, &card).display, DISPLAY_STOP);
	assert_ok(config_read(&machine->host, NULL, &policy, &err), &err);
	assert_int_equal(policy.group, GROUP_WHOLE);
	assert_int_equal(policy_of_device(&policy, &card).display, DISPLAY_RELEASE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fresh, stale)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(layers),          TEST(names_of_layers), TEST(odd_guests),
		TEST(trust_of_layers), TEST(links),           TEST(refused_leaves_all),
	};

	return cmocka_run_group_tests_name("config-layers", tests, NULL, NULL);
}
