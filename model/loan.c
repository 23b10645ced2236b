// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The record of which devices shared IOMMU groups when they were lent, and its text.
 */
#include "model/loan.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

#define FIRST_LINE "hostdev-hook loan 1"

void loan_done(struct loan *loan)
{
	for (size_t i = 0; i < loan->group_count; i++) {
		for (size_t m = 0; m < loan->groups[i].member_count; m++)
			free(loan->groups[i].members[m].driver);
		free(loan->groups[i].members);
	}
	free(loan->groups);
	free(loan->kernel);
	free(loan->guest);
	memset(loan, 0, sizeof(*loan));
}

const struct loan_member *loan_group_find(const struct loan_group *group,
					  const struct pci_addr *addr)
{
	for (size_t i = 0; i < group->member_count; i++)
		if (pci_addr_equal(&group->members[i].addr, addr))
			return &group->members[i];
	return NULL;
}

const struct loan_group *loan_find(const struct loan *loan, const struct pci_addr *addr)
{
	for (size_t i = 0; i < loan->group_count; i++)
		if (loan_group_find(&loan->groups[i], addr))
			return &loan->groups[i];
	return NULL;
}

void loan_group_add(struct loan_group *group, const struct pci_addr *addr, const char *driver)
{
	struct loan_member member = {.addr = *addr, .driver = xstrdup(driver)};

	array_push(group->members, group->member_count, member);
}

/* --- its text --- */

void loan_write(const struct loan *loan, const char *guest, struct text *out)
{
	auto_free char *name = text_escape(guest);
	auto_free char *kernel = text_escape(loan->kernel ? loan->kernel : "");

	text_printf(out, FIRST_LINE "\nguest %s\nkernel %s\n", name, kernel);
	for (size_t i = 0; i < loan->group_count; i++) {
		const struct loan_group *group = &loan->groups[i];

		text_printf(out, "group");
		for (size_t m = 0; m < group->member_count; m++)
			text_printf(out, " %s%s%s", ADDR(&group->members[m].addr),
				    group->members[m].driver ? "=" : "",
				    group->members[m].driver ? group->members[m].driver : "");
		text_append(out, "\n", 1);
	}
}

static bool group_parse(char *words, struct loan *loan)
{
	struct loan_group group = {0};
	char *rest = words, *word;
	bool good = true;

	while (good && (word = strsep(&rest, " "))) {
		char *driver = strchr(word, '=');
		struct pci_addr addr;

		if (driver)
			*driver++ = '\0';
		good = pci_addr_parse(word, &addr);
		if (good)
			loan_group_add(&group, &addr, driver);
	}
	array_push(loan->groups, loan->group_count, group);
	return good;
}

static bool line_parse(char *line, struct loan *loan)
{
	if (text_starts(line, "group "))
		return group_parse(line + strlen("group "), loan);
	if (text_starts(line, "guest ") && !loan->guest)
		return text_unescape(line + strlen("guest "), strlen(line) - strlen("guest "),
				     &loan->guest);
	if (!text_starts(line, "kernel ") || loan->kernel)
		return true;
	line += strlen("kernel ");
	return text_unescape(line, strlen(line), &loan->kernel);
}

bool loan_parse(const char *data, size_t length, struct loan *ret)
{
	auto_free char *copy = xasprintf("%.*s", (int)length, length ? data : "");
	cleanup(loan_done) struct loan loan = {0};
	char *rest = copy, *line = strsep(&rest, "\n");

	if (strcmp(line, FIRST_LINE) != 0)
		return false;
	while ((line = strsep(&rest, "\n")))
		if (!line_parse(line, &loan))
			return false;
	if (!loan.kernel)
		return false;
	*ret = loan;
	memset(&loan, 0, sizeof(loan));
	return true;
}
