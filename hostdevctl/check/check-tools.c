// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What else on this host makes virtual functions or hides devices, by the files of its
 * configuration. What chooses drivers is found by check-other-tools.c.
 * Tests: ctl/check-other-tools.bats.
 */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "hostdevctl/check/check.h"

#define FILE_MAX ((size_t)256 * 1024)

bool check_has_process(const struct host *host, const char *name)
{
	cleanup(host_free_names) char **names = NULL;

	if (host_list(host, HOST_PROC, &names, NULL, NULL, ".") < 0)
		return false;
	for (size_t i = 0; names[i]; i++) {
		char comm[32];

		if (!names[i][strspn(names[i], "0123456789")] &&
		    host_read(host, HOST_PROC, comm, sizeof(comm), NULL, "%s/comm", names[i]) ==
			    0 &&
		    strcmp(comm, name) == 0)
			return true;
	}
	return false;
}

/* --- files of lines --- */

static void tell_line(struct check *check, enum finding_id id, const char *file, unsigned int line,
		      const char *note)
{
	auto_free char *subject = xasprintf("/etc/%s:%u", file, line);

	findings_add(&check->findings, id, FINDING_NOTE, subject, "%s", note);
}

static void check_rule(struct check *check, const char *file, unsigned int line, const char *text)
{
	if (strstr(text, "sriov_numvfs"))
		tell_line(check, FIND_UDEV_VFS, file, line,
			  "this rule of udev makes virtual functions: the card that has them "
			  "cannot be lent itself, but its functions can");
}

static void check_link(struct check *check, const char *file, unsigned int line, const char *text)
{
	if (text_starts(text, "SR-IOVVirtualFunctions="))
		tell_line(check, FIND_LINK_VFS, file, line,
			  "systemd-udevd makes virtual functions by this line: the card that has "
			  "them cannot be lent itself, but its functions can");
}

static void check_lines(struct check *check, const char *file,
			void (*look)(struct check *, const char *, unsigned int, const char *))
{
	auto_free char *data = NULL;
	unsigned int number = 0;
	size_t length;
	char *at, *line;

	if (host_read_file(check->host, HOST_ETC, FILE_MAX, &data, &length, NULL, "%s", file) < 0)
		return;
	at = data;
	while ((line = strsep(&at, "\n"))) {
		line += strspn(line, " \t");
		number++;
		if (*line && *line != '#' && *line != ';')
			look(check, file, number, line);
	}
}

static void check_files(struct check *check, const char *directory, const char *suffix,
			void (*look)(struct check *, const char *, unsigned int, const char *))
{
	cleanup(host_free_names) char **names = NULL;

	if (host_list(check->host, HOST_ETC, &names, NULL, NULL, "%s", directory) < 0)
		return;
	for (size_t i = 0; names[i]; i++) {
		auto_free char *file = xasprintf("%s/%s", directory, names[i]);

		if (text_ends(names[i], suffix))
			check_lines(check, file, look);
	}
}

/* Those of .link files are in NAME.link.d. */
static void check_drop_ins(struct check *check)
{
	cleanup(host_free_names) char **names = NULL;

	if (host_list(check->host, HOST_ETC, &names, NULL, NULL, "systemd/network") < 0)
		return;
	for (size_t i = 0; names[i]; i++) {
		auto_free char *directory = xasprintf("systemd/network/%s", names[i]);

		if (text_ends(names[i], ".link.d"))
			check_files(check, directory, ".conf", check_link);
	}
}

void check_tools(struct check *check)
{
	check_files(check, "udev/rules.d", ".rules", check_rule);
	check_files(check, "systemd/network", ".link", check_link);
	check_drop_ins(check);
	if (check_has_process(check->host, "cardwired"))
		check_note(check, FIND_CARDWIRE, "cardwired",
			   "runs, and can hide a graphics card from libvirt and the hook, which "
			   "then take it for missing: let a card be seen before its guest starts");
}
