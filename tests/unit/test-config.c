// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One configuration file: what is taken, and that every doubt is refused with file and line.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "parsers/config/config.h"
#include "tests/host/check.h"
#include "tests/host/tree.h"
#include "tests/unit/policy-helpers.h"

#define FILE_NAME "/etc/hostdev-hook/hostdev-hook.conf"

struct machine {
	char root[64];
	char file[128];
	int root_fd;
	struct host host;
};

static int machine_setup(void **state)
{
	struct machine *machine = xcalloc(1, sizeof(*machine));

	strcpy(machine->root, "/tmp/test-config-XXXXXX");
	if (!mkdtemp(machine->root))
		return -1;
	machine->root_fd = open(machine->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	tree_dir(machine->root_fd, "etc/hostdev-hook");
	snprintf(machine->file, sizeof(machine->file), "%s" FILE_NAME, machine->root);
	*state = machine;
	return host_open(&machine->host, machine->root, NULL, NULL, NULL);
}

static int machine_teardown(void **state)
{
	struct machine *machine = *state;

	host_close(&machine->host);
	tree_remove(machine->root_fd, "etc");
	close(machine->root_fd);
	rmdir(machine->root);
	free(machine);
	return 0;
}

static void file_write(const struct machine *machine, const char *data, size_t length)
{
	auto_fclose FILE *file = fopen(machine->file, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(data, 1, length, file), length);
	assert_int_equal(fchmod(fileno(file), 0644), 0);
}

/* Reads text as the file, into the policy that is the default. */
static int read_text(void **state, const char *text, struct policy *policy, struct error *err)
{
	const struct machine *machine = *state;

	file_write(machine, text, strlen(text));
	*policy = (struct policy)POLICY_INIT;
	*err = (struct error)ERROR_INIT;
	return config_read(&machine->host, NULL, policy, err);
}

static void assert_group(void **state, const char *text, enum group_policy group)
{
	struct policy policy;
	struct error err;

	assert_int_equal(read_text(state, text, &policy, &err), 0);
	assert_int_equal(policy.group, group);
}

static void assert_refused(void **state, const char *text, const char *message)
{
	struct policy policy;
	struct error err;

	assert_int_equal(read_text(state, text, &policy, &err), -EINVAL);
	assert_int_equal(err.code, EINVAL);
	assert_string_equal(err.text, message);
	assert_int_equal(policy.group, GROUP_REFUSE);
}

static void absent(void **state)
{
	const struct machine *machine = *state;
	struct host nowhere = machine->host;
	struct policy policy = {.group = GROUP_WHOLE};
	struct error err = ERROR_INIT;

	assert_int_equal(config_read(&machine->host, NULL, &policy, &err), 0);
	nowhere.fd[HOST_ETC] = -1;
	assert_int_equal(config_read(&nowhere, NULL, &policy, &err), 0);
	assert_int_equal(policy.group, GROUP_WHOLE);
}

static void nothing_set(void **state)
{
	assert_group(state, "", GROUP_REFUSE);
	assert_group(state, "\n\n", GROUP_REFUSE);
	assert_group(state, "# group = whole\n\t# group = whole", GROUP_REFUSE);
}

static void values(void **state)
{
	assert_group(state, "group = whole\n", GROUP_WHOLE);
	assert_group(state, "group=whole", GROUP_WHOLE);
	assert_group(state, "# why\n\n  group\t=\twhole  # because\n\n", GROUP_WHOLE);
	assert_group(state, "group = \"whole\"\n", GROUP_WHOLE);
	assert_group(state, "group = refuse\n", GROUP_REFUSE);
}

/* Blanks and comments go, then the quotes around all that is left, and nothing else. */
static void assert_value(void **state, const char *written, const char *value)
{
	auto_free char *text = xasprintf("group =%s\n", written);
	auto_free char *message = xasprintf(
		FILE_NAME ":1: group = %s: the value must be one of: refuse, whole", value);

	assert_refused(state, text, message);
}

static void quotes(void **state)
{
	assert_group(state, "group=\t \"whole\"\t #\"", GROUP_WHOLE);
	assert_value(state, " \"whole", "\"whole");
	assert_value(state, "whole\" ", "whole\"");
	assert_value(state, " who\"le", "who\"le");
	assert_value(state, " 'whole'", "'whole'");
	assert_value(state, " \"\"whole\"\"", "\"whole\"");
	assert_value(state, " \"whole\" x", "\"whole\" x");
	assert_value(state, " \"\"", "");
	assert_value(state, " \"", "\"");
	assert_value(state, " \" \t", "\"");
	assert_value(state, " \" whole \"", " whole ");
	assert_value(state, " \"who#le\"", "\"who");
	assert_value(state, " a = b", "a = b");
}

/* The first of several faults is told, of whatever kind they are. */
static void first_fault(void **state)
{
	assert_refused(state, "\ngrup = whole\nnonsense\n",
		       FILE_NAME ":2: unknown key grup; did you mean group?");
	assert_refused(state, "nonsense\ngrup = whole\n",
		       FILE_NAME ":1: not of the form KEY = VALUE");
	assert_refused(state, "group = whole\ngrup = 1\ngrup = 2\n[x]\n",
		       FILE_NAME ":2: unknown key grup; did you mean group?");
}

static void unknown_key(void **state)
{
	assert_refused(state, "# a\n\ngrup = whole\n",
		       FILE_NAME ":3: unknown key grup; did you mean group?");
	assert_refused(state, "group = whole\ngrup = whole\n",
		       FILE_NAME ":2: unknown key grup; did you mean group?");
	assert_refused(state, "; group = whole\n", FILE_NAME ":1: not of the form KEY = VALUE");
}

static void bad_value(void **state)
{
	const char *const values[] = {"group = all\n", "group =\n", "group = # whole\n",
				      "group == whole\n", "group = whole refuse\n"};

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		struct policy policy;
		struct error err;

		assert_int_equal(read_text(state, values[i], &policy, &err), -EINVAL);
		assert_true(text_starts(err.text, FILE_NAME ":1: group = "));
		assert_int_equal(policy.group, GROUP_REFUSE);
	}
}

static void syntax(void **state)
{
	assert_refused(state, "\ngroup whole\n", FILE_NAME ":2: not of the form KEY = VALUE");
	assert_refused(state, "group\n", FILE_NAME ":1: not of the form KEY = VALUE");
	assert_refused(state, "= whole\n", FILE_NAME ":1: not of the form KEY = VALUE");
	assert_refused(state, "group # = whole\n", FILE_NAME ":1: not of the form KEY = VALUE");
	assert_refused(state, "group = whole\n  more\n",
		       FILE_NAME ":2: not of the form KEY = VALUE");
}

static void sections(void **state)
{
	static const char *const names[] = {"[policy]",
					    " [0000:01:00.0",
					    "[1:00.0]",
					    "[0000:01:00.0",
					    "[0000:01:00.0]x",
					    "[ 0000:01:00.0]",
					    "[0000:01:00.8]",
					    "[]",
					    "[",
					    "[0000:01:00.0]]",
					    "[0000:0A:00.0]"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		auto_free char *text = xasprintf("group = whole\n%s\nallow = none\n", names[i]);
		auto_free char *message =
			xasprintf(FILE_NAME ":2: %s: a section is named by the address of a "
					    "device, as [0000:01:00.0]",
				  names[i] + strspn(names[i], " "));

		assert_refused(state, text, message);
	}
}

static void twice(void **state)
{
	assert_refused(state, "group = whole\ngroup = refuse\n",
		       FILE_NAME ":2: group is set on line 1 already");
	assert_refused(state, "\ngroup=whole\n#\ngroup=whole\n",
		       FILE_NAME ":4: group is set on line 2 already");
}

static void odd_bytes(void **state)
{
	const struct machine *machine = *state;
	struct policy policy = POLICY_INIT;
	struct error err = ERROR_INIT;

	assert_refused(state, "group = whole\r\n",
		       FILE_NAME ":1: holds a control character (0x0d)");
	file_write(machine, "group = whole\0\n", 15);
	assert_int_equal(config_read(&machine->host, NULL, &policy, &err), -EINVAL);
	assert_string_equal(err.text, FILE_NAME ":1: holds a control character (0x00)");
	assert_refused(state, "gr\xc3\xbcppe = whole\n", FILE_NAME ":1: unknown key gr\xc3\xbcppe");
}

static void sizes(void **state)
{
	auto_text struct text text = TEXT_INIT;
	struct policy policy;
	struct error err;

	text_printf(&text, "# %01200d\n", 0);
	assert_refused(state, text.data, FILE_NAME ":1: longer than 1024 bytes");
	while (text.length < 70000)
		text_printf(&text, "# %0900d\n", 0);
	assert_int_equal(read_text(state, text.data, &policy, &err), -EFBIG);
}

static void trust(void **state)
{
	const struct machine *machine = *state;
	struct policy policy = POLICY_INIT;
	struct error err = ERROR_INIT;

	file_write(machine, "group = whole\n", 14);
	assert_int_equal(chmod(machine->file, 0664), 0);
	assert_int_equal(config_read(&machine->host, NULL, &policy, &err), -EPERM);
	assert_true(text_starts(err.text, FILE_NAME ": "));
	assert_int_equal(chmod(machine->file, 0646), 0);
	assert_int_equal(config_read(&machine->host, NULL, &policy, &err), -EPERM);
	assert_int_equal(chmod(machine->file, 0600), 0);
	assert_needs(chown(machine->file, 12345, 0) == 0, "root, to give files away");
	assert_int_equal(config_read(&machine->host, NULL, &policy, &err), -EPERM);
	assert_int_equal(policy.group, GROUP_REFUSE);
}

static void not_a_file(void **state)
{
	const struct machine *machine = *state;
	struct policy policy = POLICY_INIT;
	struct error err = ERROR_INIT;

	assert_int_equal(mkfifo(machine->file, 0644), 0);
	assert_int_equal(config_read(&machine->host, NULL, &policy, &err), -EINVAL);
	assert_string_equal(err.text, FILE_NAME ": not a regular file");
	assert_int_equal(unlink(machine->file), 0);
	assert_int_equal(mkdir(machine->file, 0755), 0);
	assert_int_equal(config_read(&machine->host, NULL, &policy, &err), -EINVAL);
}

/* --- sections --- */

static const struct pci_addr card = {.bus = 1}, nic = {.bus = 2};

static void device_sections(void **state)
{
	static const char text[] = "display = release\n"
				   "[0000:01:00.0]\n"
				   "display = \"stop\" # why\n"
				   "allow = console, igpu\n"
				   "  [0000:02:00.0]  # the NIC\n"
				   "display=refuse\n"
				   "[01:00.0]\n"
				   "\twait-time = 3\n"
				   "[pci_0000_02_00_0]\n"
				   "wait-time = 4\n";
	struct policy policy;
	struct error err;

	assert_int_equal(read_text(state, text, &policy, &err), 0);
	assert_int_equal(policy.all.display, DISPLAY_RELEASE);
	assert_int_equal(policy_of_device(&policy, &card).display, DISPLAY_STOP);
	assert_int_equal(policy_of_device(&policy, &card).allow,
			 1U << USE_CONSOLE | 1U << USE_IGPU);
	assert_int_equal(policy_of_device(&policy, &card).wait_time_ms, 3000);
	assert_int_equal(policy_of_device(&policy, &nic).display, DISPLAY_REFUSE);
	assert_int_equal(policy_of_device(&policy, &nic).wait_time_ms, 4000);
	policy_done(&policy);
}

static void wrong_in_sections(void **state)
{
	assert_refused(state, "[0000:01:00.0]\ngroup = whole\n",
		       FILE_NAME ":2: group cannot be set for one device");
	assert_refused(state, "group = whole\n[0000:01:00.0]\n\ndisplay = no\n",
		       FILE_NAME ":4: display = no: the value must be one of: refuse, release, "
				 "stop");
	assert_refused(state, "[0000:01:00.0]\ngrup = whole\n",
		       FILE_NAME ":2: unknown key grup; did you mean group?");
	assert_refused(state, "[0000:01:00.0]\ndisplay\n",
		       FILE_NAME ":2: not of the form KEY = VALUE");
}

static void twice_in_sections(void **state)
{
	assert_refused(state,
		       "display = stop\n[0000:01:00.0]\ndisplay = stop\n[0000:02:00.0]\n"
		       "display = stop\n[01:00.0]\ndisplay = stop\n",
		       FILE_NAME ":7: display is set on line 3 already");
}

static void empty_sections(void **state)
{
	assert_group(state, "group = whole\n[0000:01:00.0]\n", GROUP_WHOLE);
	assert_group(state, "[0000:01:00.0]\n[0000:02:00.0]", GROUP_REFUSE);
}

/* --- what is installed --- */

static void assert_key(const char *text, const char *key)
{
	auto_free char *start = xasprintf("%s = ", key);

	assert_contains(text, start);
}

/* Every key stands in the file that is installed, with its default: "#key = value". */
static void installed(void **state)
{
	static const char *const keys[] = {"group", "processes", "services",  "display",
					   "allow", "wait-time", "grace-time"};
	auto_fclose FILE *file = fopen(TESTS_DIR "/../etc/hostdev-hook.conf", "r");
	auto_text struct text text = TEXT_INIT;
	struct policy policy;
	struct error err;
	char line[256];

	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		assert_true(*line == '#' || *line == '\n');
		if (*line == '#' && line[1] >= 'a' && line[1] <= 'z')
			text_printf(&text, "%s", line + 1);
	}
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		assert_key(text.data, keys[i]);
	for (size_t i = 0; limits_key(i); i++)
		assert_key(text.data, limits_key(i));
	assert_ok(read_text(state, text.data, &policy, &err), &err);
	assert_default_policy(&policy);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, machine_setup, machine_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(absent),
		TEST(nothing_set),
		TEST(values),
		TEST(quotes),
		TEST(first_fault),
		TEST(unknown_key),
		TEST(bad_value),
		TEST(syntax),
		TEST(sections),
		TEST(twice),
		TEST(odd_bytes),
		TEST(sizes),
		TEST(trust),
		TEST(not_a_file),
		TEST(device_sections),
		TEST(wrong_in_sections),
		TEST(twice_in_sections),
		TEST(empty_sections),
		TEST(installed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
