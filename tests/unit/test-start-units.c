// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which of systemd's units for mounts and swap a start looks at, and whether it waits for them.
 */
#include "tests/host/check.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "parsers/start-units.h"
#include "tests/host/testhost.h"

#define ETC "etc/systemd/system/"
#define LOCAL "usr/local/lib/systemd/system/"
#define USR "usr/lib/systemd/system/"
#define UNIT(path, what) "file " path "\n\t[Mount]\n\tWhat=" what "\n\tWhere=/srv\n"

static void check(const char *machine, const char *expected)
{
	auto_testhost struct testhost *host = testhost_new(machine);
	cleanup(start_lines_done) struct start_lines lines = {0};
	auto_text struct text out = TEXT_INIT;

	start_units_read(&host->host, &lines);
	text_append(&out, "", 0);
	for (size_t i = 0; i < lines.count; i++)
		text_printf(&out, "%s %s%s%s\n", lines.all[i].unit, lines.all[i].source,
			    lines.all[i].spared ? ", " : "",
			    lines.all[i].spared ? lines.all[i].spared : "");
	assert_text(out.data, expected);
}

static void what_is_enabled_is_waited_for(void **state)
{
	(void)state;
	check(UNIT(ETC "srv.mount", "/dev/sda1"), "srv.mount /dev/sda1, not enabled\n");
	check(UNIT(ETC "srv.mount", "/dev/sda1") "link " ETC
						 "multi-user.target.wants/srv.mount ../srv.mount\n",
	      "srv.mount /dev/sda1\n");
	check(UNIT(LOCAL "srv.mount", "/dev/sda1") "link " ETC
						   "x.service.requires/srv.mount /nowhere\n",
	      "srv.mount /dev/sda1\n");
	check(UNIT(USR "a.swap", "/dev/sda1") "link " USR "swap.target.wants/a.swap ../a.swap\n",
	      "a.swap /dev/sda1\n");
}

static void what_is_mounted_when_asked_for_may_be_missing(void **state)
{
	(void)state;
	check(UNIT(ETC "srv.mount", "/dev/sda1") "file " ETC
						 "local-fs.target.wants/srv.automount\n",
	      "srv.mount /dev/sda1, by automount\n");
}

static void the_admins_hides_the_packages(void **state)
{
	(void)state;
	check(UNIT(USR "srv.mount", "/dev/sda1") UNIT(ETC "srv.mount", "/dev/sdb1"),
	      "srv.mount /dev/sdb1, not enabled\n");
	check(UNIT(USR "srv.mount", "/dev/sda1") "link " ETC "srv.mount /dev/null\n", "");
	check(UNIT(USR "srv.mount", "/dev/sda1") UNIT(ETC "srv.mount", "tmpfs"), "");
}

static void what_is_no_such_unit(void **state)
{
	(void)state;
	check(UNIT(ETC "srv.service", "/dev/sda1") UNIT(ETC "x@.mount", "/dev/sda1")
		      UNIT(ETC "srv.mount.d/x.conf", "/dev/sda1")
			      UNIT("run/systemd/generator/srv.mount", "/dev/sda1"),
	      "");
	check("", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_enabled_is_waited_for),
		cmocka_unit_test(what_is_mounted_when_asked_for_may_be_missing),
		cmocka_unit_test(the_admins_hides_the_packages),
		cmocka_unit_test(what_is_no_such_unit),
	};

	return cmocka_run_group_tests_name("start-units", tests, NULL, NULL);
}
