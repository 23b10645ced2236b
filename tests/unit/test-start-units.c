// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which of systemd's units for mounts and swap a start looks at, and whether it waits for them.
 */
#include "tests/host/check.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "parsers/boot/start-units.h"
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
	for (size_t i = 0; i < lines.count; i++) {
		const struct start_line *line = &lines.all[i];

		text_printf(&out, "%s, %s%s\n", line->source, line->help ? line->help : "",
			    line->spared ? line->spared : "");
	}
	assert_text(out.data, expected);
}

#define SDA1(rest) "/dev/sda1, " rest "\n"
#define NOBODY "no unit that is known here wants it"
#define LINK(folder, owner, name) "link " folder owner "/" name " ../" name "\n"

static void what_is_enabled_is_waited_for(void **state)
{
	(void)state;
	check(UNIT(ETC "srv.mount", "/dev/sda1"), SDA1(NOBODY));
	check(UNIT(ETC "srv.mount", "/dev/sda1") LINK(ETC, "multi-user.target.wants", "srv.mount"),
	      SDA1("systemctl disable 'srv.mount'"));
	check(UNIT(LOCAL "srv.mount", "/dev/sda1") "link " ETC
						   "x.target.requires/srv.mount /nowhere\n",
	      SDA1("systemctl disable 'srv.mount'"));
	check(UNIT(ETC "srv.mount", "/dev/sda1") LINK(ETC, "x.target.upholds", "srv.mount"),
	      SDA1("systemctl disable 'srv.mount'"));
}

/* A link below /usr is none that "systemctl disable" takes away. */
static void what_a_package_has_enabled_is_masked(void **state)
{
	(void)state;
	check(UNIT(USR "a.swap", "/dev/sda1") LINK(USR, "swap.target.wants", "a.swap"),
	      SDA1("systemctl mask 'a.swap'"));
	check(UNIT(USR "a.swap", "/dev/sda1") LINK(USR, "swap.target.wants", "a.swap")
		      LINK(ETC, "swap.target.wants", "a.swap"),
	      SDA1("systemctl mask 'a.swap'"));
	/* The admin's file is where the mask would be. */
	check(UNIT(ETC "a.swap", "/dev/sda1") LINK(USR, "swap.target.wants", "a.swap"),
	      SDA1("ln -sf /dev/null '/etc/systemd/system/a.swap'"));
}

static void what_nobody_starts_wants_nothing(void **state)
{
	static const char mount[] = UNIT(ETC "srv.mount", "/dev/sda1");
#define BACKUP LINK(ETC, "backup.service.wants", "srv.mount")
#define check_more(more, rest)                                                                     \
	do {                                                                                       \
		auto_free char *machine_ = xasprintf("%s%s", mount, more);                         \
		check(machine_, SDA1(rest));                                                       \
	} while (0)

	(void)state;
	check_more(BACKUP, NOBODY);
	check_more(BACKUP LINK(ETC, "other.service.wants", "backup.service"), NOBODY);
	check_more(BACKUP LINK(ETC, "multi-user.target.wants", "backup.service"),
		   "systemctl disable 'srv.mount'");
	check_more(BACKUP LINK(ETC, "other.service.wants", "backup.service")
			   LINK(USR, "basic.target.wants", "other.service"),
		   "systemctl disable 'srv.mount'");
	/* Two that want each other. */
	check_more(BACKUP LINK(ETC, "srv.mount.wants", "backup.service"), NOBODY);
	/* Enabled under another name, and as one of a kind. */
	check_more(BACKUP "link " ETC "dm.service " USR "backup.service\n",
		   "systemctl disable 'srv.mount'");
	check_more(LINK(ETC, "get@.service.wants", "srv.mount")
			   LINK(ETC, "x.target.wants", "get@tty1.service"),
		   "systemctl disable 'srv.mount'");
	check_more(LINK(ETC, "get@.service.wants", "srv.mount")
			   LINK(ETC, "x.target.wants", "gets.service"),
		   NOBODY);
}

static void what_is_mounted_when_asked_for_may_be_missing(void **state)
{
	(void)state;
	check(UNIT(ETC "srv.mount", "/dev/sda1") "file " ETC
						 "local-fs.target.wants/srv.automount\n",
	      SDA1("by automount"));
}

static void the_admins_hides_the_packages(void **state)
{
	(void)state;
	check(UNIT(USR "srv.mount", "/dev/sda1") UNIT(ETC "srv.mount", "/dev/sdb1"),
	      "/dev/sdb1, " NOBODY "\n");
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
		cmocka_unit_test(what_a_package_has_enabled_is_masked),
		cmocka_unit_test(what_nobody_starts_wants_nothing),
		cmocka_unit_test(what_is_mounted_when_asked_for_may_be_missing),
		cmocka_unit_test(the_admins_hides_the_packages),
		cmocka_unit_test(what_is_no_such_unit),
	};

	return cmocka_run_group_tests_name("start-units", tests, NULL, NULL);
}
