// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Our lines in the logs of a system: the journal's export with its binary fields, and what syslogs
 * write, of which only the last lines count.
 */
#include "tests/host/check.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "parsers/log-lines.h"

/* "TIME|GUEST|MESSAGE", a line each; heap. */
static char *lines_text(const struct log_lines *lines)
{
	auto_text struct text out = TEXT_INIT;

	text_append(&out, "", 0);
	for (size_t i = 0; i < lines->count; i++) {
		const struct log_line *line = &lines->items[i];

		if (line->time)
			text_printf(&out, "%s", line->time);
		else
			text_printf(&out, "%lld", (long long)line->at_us);
		text_printf(&out, "|%s|%s\n", line->guest ? line->guest : "", line->message);
	}
	return steal(&out.data);
}

static void check_export(const char *data, size_t length, const char *expected)
{
	auto_log_lines struct log_lines lines = {0};
	auto_free char *text = NULL;

	log_lines_parse_export(data, length, &lines);
	text = lines_text(&lines);
	assert_text(text, expected);
}

#define CHECK_EXPORT(data, expected) check_export(data, sizeof(data) - 1, expected)

static void entries_of_the_journal(void **state)
{
	(void)state;
	CHECK_EXPORT("", "");
	CHECK_EXPORT("No journal files were found.\n", "");
	CHECK_EXPORT("-- No entries --\n", "");
	CHECK_EXPORT("__CURSOR=s=1;i=2\n__REALTIME_TIMESTAMP=1764525180000001\nMESSAGE=win11: a=b\n"
		     "HOSTDEV_GUEST=win11\n_CMDLINE=x y\n\n"
		     "__REALTIME_TIMESTAMP=5\nPRIORITY=6\nMESSAGE=other\n\n",
		     "1764525180000001|win11|win11: a=b\n5||other\n");
	/* One without a message, and a last one that is cut off behind it. */
	CHECK_EXPORT("__REALTIME_TIMESTAMP=5\nPRIORITY=6\n\n__REALTIME_TIMESTAMP=6\nMESSAGE=last\n",
		     "6||last\n");
}

static void binary_fields_of_the_journal(void **state)
{
	(void)state;
	CHECK_EXPORT("__REALTIME_TIMESTAMP=5\nMESSAGE\n\x07\0\0\0\0\0\0\0two\nmor\n"
		     "HOSTDEV_GUEST=g\n\n",
		     "5|g|two\nmor\n");
	CHECK_EXPORT("MESSAGE\n\x03\0\0\0\0\0\0\0a\0b\n\n", "0||a\n");
	CHECK_EXPORT("MESSAGE=good\n\nMESSAGE\n\xff\xff\xff\xff\xff\xff\xff\xffx\n\n", "0||good\n");
	CHECK_EXPORT("MESSAGE=good\n\nMESSAGE\n\x07\0\0", "0||good\n");
}

static const char syslog_text[] =
	"Nov 30 18:50:00 host kernel: vfio-pci hostdev-hook is no program\n"
	"Nov 30 18:51:00 host hostdev-hook[812]: win11: 1 devices lent\n"
	"2026-11-30T18:52:00.123+01:00 host hostdev-hook[9]: win11 2: 1 devices lent\n"
	"Nov 30 18:53:00 host hostdev-hook: hostdev-hook: win11 is not started: no\n"
	"Nov 30 18:54:00 host sshd[5]: hello\n"
	"Nov 30 18:54:30 host logger: x hostdev-hook[5]: win11: forged\n"
	" hostdev-hook: win11: no time\n"
	"Nov 30 18:54:40 host mallory[7]: hostdev-hook: win11: forged\n"
	"Nov 30 18:55:00 host hostdev-hook[814]: win11: everything is returned\n"
	"Nov 30 18:56:00 host hostdev-hook[81";

static void check_syslog(const char *guest, size_t limit, const char *expected)
{
	auto_log_lines struct log_lines lines = {0};
	auto_free char *text = NULL;

	log_lines_parse_syslog(syslog_text, sizeof(syslog_text) - 1, guest, limit, &lines);
	text = lines_text(&lines);
	assert_text(text, expected);
}

static void lines_of_syslog(void **state)
{
	(void)state;
	check_syslog(NULL, 0, "");
	check_syslog(NULL, 1, "Nov 30 18:55:00||win11: everything is returned\n");
	check_syslog("win11", 2,
		     "Nov 30 18:53:00|win11|hostdev-hook: win11 is not started: no\n"
		     "Nov 30 18:55:00|win11|win11: everything is returned\n");
	check_syslog("win11 2", 100,
		     "2026-11-30T18:52:00.123+01:00|win11 2|win11 2: 1 devices lent\n");
	/* Neither the beginning of another guest's name nor one with words of ours in it. */
	check_syslog("win", 100, "");
	check_syslog("win11 is", 100, "");
	check_syslog(NULL, 100,
		     "Nov 30 18:51:00||win11: 1 devices lent\n"
		     "2026-11-30T18:52:00.123+01:00||win11 2: 1 devices lent\n"
		     "Nov 30 18:53:00||hostdev-hook: win11 is not started: no\n"
		     "Nov 30 18:55:00||win11: everything is returned\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries_of_the_journal),
		cmocka_unit_test(binary_fields_of_the_journal),
		cmocka_unit_test(lines_of_syslog),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
