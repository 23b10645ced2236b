// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A guest in a few words, for tests that are not about the domain XML.
 */
#include "tests/host/lending.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void must(bool good, const char *line)
{
	if (good)
		return;
	fprintf(stderr, "test guest: %s\n", line);
	abort();
}

static enum hostdev_kind kind_of(const char *word)
{
	static const enum hostdev_kind kinds[] = {HOSTDEV_HOSTDEV, HOSTDEV_INTERFACE, HOSTDEV_NVME};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(word, hostdev_kind_name(kinds[i])) == 0)
			return kinds[i];
	must(false, word);
	return HOSTDEV_HOSTDEV;
}

static void add_word(struct hostdev *hostdev, const char *word)
{
	if (strcmp(word, "managed") == 0)
		hostdev->managed = true;
	else if (strcmp(word, "iommufd") == 0)
		hostdev->iommufd = true;
	else if (text_starts(word, "model="))
		hostdev->driver_model = xstrdup(word + 6);
	else if (text_starts(word, "name="))
		hostdev->driver_name = xstrdup(word + 5);
	else
		must(false, word);
}

static void add_policy(struct guest *guest, const char *key, const char *value)
{
	must(key && value, "policy KEY VALUE");
	array_push(guest->policy, guest->policy_count,
		   (struct policy_item){.key = xstrdup(key), .value = xstrdup(value), .line = 1});
}

static void add_line(struct guest *guest, char *line, unsigned int number)
{
	char *rest = line, *kind = strtok_r(rest, " \t", &rest), *word;
	struct hostdev hostdev = {.line = number};

	if (!kind)
		return;
	word = strtok_r(rest, " ", &rest);
	if (strcmp(kind, "policy") == 0) {
		add_policy(guest, word, strtok_r(rest, " ", &rest));
		return;
	}
	hostdev.kind = kind_of(kind);
	must(word && pci_addr_parse(word, &hostdev.addr), kind);
	while ((word = strtok_r(rest, " ", &rest)))
		add_word(&hostdev, word);
	array_push(guest->hostdevs, guest->hostdev_count, hostdev);
}

struct guest guest_make(const char *lines)
{
	struct guest guest = {.name = xstrdup("win11"), .uuid = TEST_UUID};
	auto_free char *copy = xstrdup(lines);
	char *rest = copy, *line;

	for (unsigned int number = 1; (line = strsep(&rest, "\n")); number++)
		add_line(&guest, line, number);
	return guest;
}
