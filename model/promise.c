// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a boot has made of a set-up's promise.
 */
#include "model/promise.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

void promise_done(struct promise *promise)
{
	free(promise->addrs);
	memset(promise, 0, sizeof(*promise));
}

static bool has_addr(const struct promise *promise, const struct pci_addr *addr)
{
	return pci_addr_is_among(addr, promise->addrs, promise->addr_count);
}

/* "0000:01:00.0=...,0000:02:00.0=..." */
static void take_items(struct promise *promise, char *items)
{
	char *item;

	while ((item = strsep(&items, ","))) {
		struct pci_addr addr;

		item[strcspn(item, "=")] = '\0';
		if (pci_addr_parse(item, &addr) && !has_addr(promise, &addr))
			array_push(promise->addrs, promise->addr_count, addr);
	}
}

/* "init=/bin/bash" */
static bool is_shell(const char *word)
{
	static const char *const names[] = {"/sh", "/bash", "/dash", "/ash", "/zsh"};
	const char *name = strrchr(word, '/');

	return name && text_find(names, sizeof(names) / sizeof(*names), name, strlen(name)) >= 0;
}

/* The words by which the boot scripts (generator/shell/binder) let everything be. */
bool promise_is_switched_off(const char *word)
{
	static const char *const whole[] = {
		"single",       "s",      "S",         "1",
		"-s",           "rescue", "rd.rescue", "emergency",
		"rd.emergency", "-b",     "recovery",  "systemd.unit=runlevel1.target",
		"rd.break",     "break"};
	static const char *const beginnings[] = {"systemd.unit=rescue",
						 "systemd.unit=emergency",
						 "rd.systemd.unit=rescue",
						 "rd.break=",
						 "break=",
						 "rd.systemd.unit=emergency"};

	if (strcmp(word, "hostdev.off") == 0 || text_starts(word, "hostdev.off="))
		return strcmp(word, "hostdev.off=0") != 0 && strcmp(word, "hostdev.off=no") != 0;
	if (text_starts(word, "init="))
		return is_shell(word);
	if (text_find(whole, sizeof(whole) / sizeof(*whole), word, strlen(word)) >= 0)
		return true;
	for (size_t i = 0; i < sizeof(beginnings) / sizeof(*beginnings); i++)
		if (text_starts(word, beginnings[i]))
			return true;
	return false;
}

/* One blank between words; what stands between quotes is one, as the boot scripts have it. Heap. */
static char *copy_line(const char *cmdline)
{
	char *copy = xasprintf(" %s ", cmdline), *end;

	for (char *at = copy; *at; at++)
		if (strchr("\t\n", *at))
			*at = ' ';
	for (char *at = copy; (at = strchr(at, '"')) && (end = strchr(at + 1, '"')); at = end + 1)
		for (char *inside = at; inside < end; inside++)
			if (*inside == ' ')
				*inside = '_';
	return copy;
}

/* Do all words of the choice stand on the line of copy_line()? */
static bool has_words(const char *line, const char *words)
{
	auto_free char *copy = copy_line(words);

	return text_has_words(line, copy);
}

static void promise_all(const struct setup *setup, struct promise *promise)
{
	for (size_t i = 0; i < setup->devices.count; i++)
		array_push(promise->addrs, promise->addr_count, setup->devices.items[i].addr);
}

void promise_of_boot(const struct setup *setup, const char *cmdline, struct promise *ret)
{
	auto_free char *line = copy_line(cmdline);
	auto_free char *copy = xstrdup(line);
	struct promise promise = {0};
	char *at = copy, *word;
	bool asked = false;

	while ((word = strsep(&at, " "))) {
		promise.off |= promise_is_switched_off(word);
		if (!text_starts(word, WORD_GUEST))
			continue;
		asked = true;
		take_items(&promise, word + strlen(WORD_GUEST));
	}
	for (size_t i = 0; i < setup->choice_count; i++) {
		const struct setup_choice *choice = &setup->choices[i];

		if (*choice->words && has_words(line, choice->words))
			promise.choice = choice->id;
	}
	/* By ids, or out of the image: whatever was reserved is reserved at every boot. */
	if (!asked && strcmp(setup->mode, "static") == 0 &&
	    (promise.choice || (setup->choice_count > 0 && !*setup->choices[0].words)))
		promise_all(setup, &promise);
	if (promise.off)
		promise.addr_count = 0;
	*ret = promise;
}

bool promise_boot_has_reserved(const char *cmdline, const struct pci_addr *addr)
{
	static const struct setup nothing = {.mode = (char *)"multiboot"};
	auto_promise struct promise promise = {0};

	promise_of_boot(&nothing, cmdline, &promise);
	return has_addr(&promise, addr);
}

/* --- the check --- */

/* Has an address perhaps another twin than it had? NULL, or what to say of it. */
static char *say_moved(const struct setup *setup, const struct device *device,
		       const struct snapshot *snapshot)
{
	const struct twin_place *was = setup_twin(setup, &device->addr);
	struct twin_place now;

	twin_place_of(snapshot, device, &now);
	if (!was || twin_place_equal(was, &now))
		return NULL;
	return xasprintf(": among devices of its kind it is number %zu of %zu, and was number %zu "
			 "of %zu, so that it may be another one; make the set-up anew (hostdevctl "
			 "generate %s)",
			 now.rank, now.count, was->rank, was->count, setup->mode);
}

static void check_promised(const struct setup *setup, const struct pci_addr *addr,
			   const struct snapshot *snapshot, struct findings *findings)
{
	const struct device *device = snapshot_device(snapshot, addr);
	const struct pin *pin = pins_find(&setup->devices, addr);
	auto_free char *moved = NULL;

	if (!device) {
		findings_add(findings, FIND_RESERVED_GONE, FINDING_PROBLEM, ADDR(addr),
			     "it was to be reserved, and is not there");
		return;
	}
	if (pin && !pin_matches(pin, device)) {
		auto_text struct text was = TEXT_INIT;

		pin_format(pin, &was);
		findings_add(findings, FIND_RESERVED_OTHER, FINDING_PROBLEM, ADDR(addr),
			     "%s is at the address now, and not %s: it is not reserved; make the "
			     "set-up anew (hostdevctl generate %s)",
			     LABEL(device), was.data, setup->mode);
		return;
	}
	moved = say_moved(setup, device, snapshot);
	if (device_is_on_vfio(device))
		findings_add(findings, moved ? FIND_RESERVED_MOVED : FIND_RESERVED,
			     moved ? FINDING_PROBLEM : FINDING_OK, ADDR(addr),
			     "%s is reserved (driver %s)%s", LABEL(device), device->bound.driver,
			     moved ? moved : "");
	else if (snapshot_claim(snapshot, addr, ""))
		findings_add(findings, FIND_RESERVED_LENT, FINDING_OK, ADDR(addr),
			     "%s is lent to guest %s", LABEL(device),
			     snapshot_claim(snapshot, addr, "")->guest);
	else
		findings_add(findings, FIND_RESERVED_NOT, FINDING_PROBLEM, ADDR(addr),
			     "%s was to be reserved, and %s%s%s", LABEL(device),
			     *device->bound.driver ? "has the driver " : "has no driver",
			     device->bound.driver, moved ? moved : "");
}

static void check_unpromised(const struct setup *setup, const struct promise *promise,
			     const struct snapshot *snapshot, struct findings *findings)
{
	for (size_t i = 0; i < snapshot->device_count; i++) {
		const struct device *device = &snapshot->devices[i];

		if (has_addr(promise, &device->addr) || !device_is_on_vfio(device) ||
		    snapshot_claim(snapshot, &device->addr, ""))
			continue;
		findings_add(findings, FIND_VFIO_UNASKED, FINDING_PROBLEM, ADDR(&device->addr),
			     "%s is on %s, and neither this boot nor a guest has asked for it%s",
			     LABEL(device), device->bound.driver,
			     pins_find(&setup->devices, &device->addr)
				     ? " (another entry of the menu does)"
				     : "");
	}
}

static const struct setup_member *find_member(const struct setup *setup,
					      const struct pci_addr *addr)
{
	for (size_t i = 0; i < setup->member_count; i++)
		if (pci_addr_equal(&setup->members[i].addr, addr))
			return &setup->members[i];
	return NULL;
}

/* Of the group in which the device is now: who has come to it since. */
static void check_group(const struct setup *setup, const struct device *device,
			const struct snapshot *snapshot, struct findings *findings)
{
	const struct group *group = snapshot_group(snapshot, device->group);
	const struct setup_member *own = find_member(setup, &device->addr);

	for (size_t i = 0; group && own && i < group->member_count; i++) {
		const struct setup_member *member = find_member(setup, &group->members[i]);

		if (!member || member->group != own->group)
			findings_add(findings, FIND_RESERVED_GROUP_JOINED, FINDING_PROBLEM,
				     ADDR(&device->addr),
				     "%s has come into its IOMMU group since (under kernel %s): no "
				     "guest can have one without the other; make the set-up anew",
				     ADDR(&group->members[i]), setup->kernel);
	}
	for (size_t i = 0; group && own && i < setup->member_count; i++) {
		const struct setup_member *member = &setup->members[i];
		const struct device *other = snapshot_device(snapshot, &member->addr);

		if (member->group == own->group && other && other->group != device->group)
			findings_add(findings, FIND_RESERVED_GROUP_LEFT, FINDING_NOTE,
				     ADDR(&device->addr), "%s has left its IOMMU group since",
				     ADDR(&member->addr));
	}
}

void promise_check(const struct setup *setup, const struct promise *promise,
		   const struct snapshot *snapshot, struct findings *findings)
{
	if (promise->off)
		findings_add(findings, FIND_BOOT_OFF, FINDING_NOTE, "command line",
			     "a word on it has switched every reservation off for this boot");
	else if (promise->choice && strcmp(setup->mode, "multiboot") == 0)
		findings_add(findings, FIND_BOOT_ENTRY, FINDING_OK, "command line",
			     "this host was started by the entry %s", promise->choice);
	else if (promise->choice)
		findings_add(findings, FIND_BOOT_WORDS, FINDING_OK, "command line",
			     "it has the set-up's words");
	else if (*setup_usual_words(setup))
		findings_add(findings, FIND_BOOT_WORDS_MISSING, FINDING_PROBLEM, "command line",
			     "it lacks \"%s\": the set-up was applied after this start, a recovery "
			     "entry was chosen, or another program has made the boot menu since",
			     setup->choices[0].words);
	else if (promise->addr_count == 0)
		findings_add(findings, FIND_BOOT_USUAL, FINDING_OK, "command line",
			     "this host was started by a usual entry, which reserves nothing");
	for (size_t i = 0; i < promise->addr_count; i++)
		check_promised(setup, &promise->addrs[i], snapshot, findings);
	check_unpromised(setup, promise, snapshot, findings);
	for (size_t i = 0; i < setup->devices.count; i++) {
		const struct device *device =
			snapshot_device(snapshot, &setup->devices.items[i].addr);

		if (device && pin_matches(&setup->devices.items[i], device))
			check_group(setup, device, snapshot, findings);
	}
}
