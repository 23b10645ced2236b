// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Why a PCI device may be missing in sysfs though the card is in the machine: somebody hides it,
 * its slot or the firmware has switched it off, a rule of udev has removed it, it has moved. Each
 * is told by another file, and each has another way back.
 * Tests: model/test-cases.c, model/test-answers.c.
 */
#include "parsers/pci/absent.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "parsers/slow.h"

#define DEVICES "bus/pci/devices"
#define SLOTS "bus/pci/slots"
#define RULES_LIMIT ((size_t)256 * 1024)
#define RESCAN "echo 1 > /sys/bus/pci/rescan"

/* One missing device, and what is known of it by now. */
struct absent {
	const struct host *host;
	const struct snapshot *snapshot;
	const struct pci_addr *addr;
	struct absence found; /* no evidence yet: go on looking */
};

/* Each takes over its heap strings. */
static void found(struct absent *absent, char *evidence, char *advice)
{
	absent->found.evidence = evidence;
	absent->found.advice = advice;
}

static const struct pin *pin_of(const struct absent *absent)
{
	return pins_find(&absent->snapshot->pins, absent->addr);
}

/* Or what belongs to a graphics card: its sound and its USB controllers. Not known: it may be. */
static bool may_be_graphics(const struct absent *absent)
{
	const struct pin *pin = pin_of(absent);
	uint32_t base = pin ? pin->class_code >> 16 : 0x03;

	return base == 0x03 || base == 0x04 || base == 0x0c;
}

/* --- hidden --- */

/* The kernel's own list has domains in its names only where there are several. */
static bool kernel_has(const struct absent *absent)
{
	const struct pci_addr *addr = absent->addr;

	return (addr->domain == 0 && host_exists(absent->host, HOST_PROC, "bus/pci/%02x/%02x.%x",
						 addr->bus, addr->slot, addr->function)) ||
	       host_exists(absent->host, HOST_PROC, "bus/pci/%04x:%02x/%02x.%x", addr->domain,
			   addr->bus, addr->slot, addr->function);
}

/* Without systemd a daemon is a process of that name. */
static bool process_runs(const struct host *host, const char *name)
{
	cleanup(host_free_names) char **pids = NULL;
	char comm[32];

	if (host_list(host, HOST_PROC, &pids, NULL, NULL, ".") < 0)
		return false;
	for (size_t i = 0; pids[i]; i++)
		if (isdigit((unsigned char)pids[i][0]) &&
		    host_read(host, HOST_PROC, comm, sizeof(comm), NULL, "%s/comm", pids[i]) == 0 &&
		    strcmp(comm, name) == 0)
			return true;
	return false;
}

static bool daemon_runs(const struct host *host, const char *name)
{
	auto_free char *unit = xasprintf("%s.service", name);
	cleanup(host_unit_done) struct host_unit state = {0};

	if (host_unit_read(host, 0, unit, &state, NULL) == 0 &&
	    (text_equal(state.state, "active") || text_equal(state.state, "activating")))
		return true;
	return process_runs(host, name);
}

/*
 * Cardwire hides graphics cards from all programs but udev and a few others, by an LSM in BPF: the
 * folders of a card, of its sound function and of the bridges above are "not there".
 */
static void look_for_hider(struct absent *absent)
{
	bool sure = kernel_has(absent);
	bool cardwire = may_be_graphics(absent) && daemon_runs(absent->host, "cardwired");

	if (cardwire)
		found(absent,
		      xasprintf("is %shidden by cardwired, which runs",
				sure ? "" : "not to be seen, perhaps "),
		      xstrdup("See \"cardwire list\", and show the card again: \"cardwire gpu ID "
			      "--unblock\" or \"cardwire set hybrid\"."));
	else if (sure)
		found(absent,
		      xstrdup("is hidden from this program, though the kernel has it "
			      "(/proc/bus/pci)"),
		      xstrdup("Look for who hides it (a security module, BPF, a container), and "
			      "have it shown to libvirt and to this hook."));
}

/* --- switched off --- */

static bool is_slot_of(const struct absent *absent, const char *slot)
{
	char place[PCI_ADDR_TEXT_SIZE];
	auto_free char *whole = NULL;
	struct pci_addr addr;

	if (host_read(absent->host, HOST_SYS, place, sizeof(place), NULL, SLOTS "/%s/address",
		      slot) < 0)
		return false;
	whole = xasprintf("%s.0", place);
	return pci_addr_parse(whole, &addr) && pci_addr_same_slot(&addr, absent->addr);
}

/*
 * By a child: asking a slot may wake the port above it, and a laptop's switches ask its firmware.
 * The text ends before the newline; heap, NULL: not told.
 */
static char *read_switch(const struct host *host, enum host_dir dir, const char *path)
{
	char *value;

	if (!host_exists(host, dir, "%s", path) || slow_file_read(host, dir, path, &value) < 0)
		return NULL;
	value[strcspn(value, "\n")] = '\0';
	return value;
}

static bool slot_is_off(const struct absent *absent, const char *slot)
{
	auto_free char *path = xasprintf(SLOTS "/%s/power", slot);
	auto_free char *power = read_switch(absent->host, HOST_SYS, path);

	return text_equal(power, "0");
}

static void look_at_slots(struct absent *absent)
{
	cleanup(host_free_names) char **slots = NULL;

	if (host_list(absent->host, HOST_SYS, &slots, NULL, NULL, SLOTS) < 0)
		return;
	for (size_t i = 0; slots[i]; i++) {
		auto_free char *slot = text_escape(slots[i]);

		if (!is_slot_of(absent, slots[i]) || !slot_is_off(absent, slots[i]))
			continue;
		found(absent, xasprintf("is not there: its slot %s is switched off", slot),
		      xasprintf("Switch it on: echo 1 > /sys/" SLOTS "/%s/power.", slot));
		return;
	}
}

/* Attributes that say 1 where the graphics card of a laptop is off, and how it comes back. */
static void look_at_firmware(struct absent *absent)
{
	static const char *const switches[] = {
		"devices/platform/asus-nb-wmi/dgpu_disable",
		"class/firmware-attributes/asus-armoury/attributes/dgpu_disable/current_value",
	};
	auto_free char *bbswitch = NULL;

	if (!may_be_graphics(absent))
		return;
	for (size_t i = 0; i < sizeof(switches) / sizeof(switches[0]); i++) {
		auto_free char *value = read_switch(absent->host, HOST_SYS, switches[i]);

		if (!text_equal(value, "1"))
			continue;
		found(absent,
		      xstrdup("is not there, perhaps as the firmware has this laptop's card off"),
		      xasprintf("Switch it on and reboot: echo 0 > /sys/%s.", switches[i]));
		return;
	}
	bbswitch = read_switch(absent->host, HOST_PROC, "acpi/bbswitch");
	if (bbswitch && text_starts(bbswitch, ADDR(absent->addr)) && strstr(bbswitch, "OFF"))
		found(absent, xstrdup("is not there: bbswitch has switched it off"),
		      xstrdup("Switch it on: echo ON > /proc/acpi/bbswitch."));
}

/* --- removed --- */

/* A rule that takes PCI devices off the bus, as tools write it that switch laptops' cards off. */
static bool removes_devices(const char *rules)
{
	for (const char *line = rules; line && *line; line = strchr(line, '\n')) {
		auto_free char *copy = NULL;

		line += *line == '\n';
		copy = xasprintf("%.*s", (int)strcspn(line, "\n"), line);
		if (copy[strspn(copy, " \t")] != '#' && strstr(copy, "\"pci\"") &&
		    strstr(copy, "ATTR{remove}=\"1\""))
			return true;
	}
	return false;
}

static void look_at_rules(struct absent *absent)
{
	static const struct {
		enum host_dir dir;
		const char *path, *shown;
	} places[] = {{HOST_ETC, "udev/rules.d", "/etc"},
		      {HOST_RUN, "udev/rules.d", "/run"},
		      {HOST_USR, "lib/udev/rules.d", "/usr"}};

	if (!may_be_graphics(absent))
		return;
	for (size_t p = 0; p < sizeof(places) / sizeof(places[0]); p++) {
		cleanup(host_free_names) char **names = NULL;

		if (host_list(absent->host, places[p].dir, &names, NULL, NULL, "%s",
			      places[p].path) < 0)
			continue;
		for (size_t i = 0; names[i]; i++) {
			auto_free char *rules = NULL, *name = text_escape(names[i]);
			size_t length;

			if (host_read_file(absent->host, places[p].dir, RULES_LIMIT, &rules,
					   &length, NULL, "%s/%s", places[p].path, names[i]) < 0 ||
			    !removes_devices(rules))
				continue;
			found(absent,
			      xasprintf("is not there, perhaps removed by udev (%s/%s/%s)",
					places[p].shown, places[p].path, name),
			      xstrdup("Have the tool that wrote the rule switch the card on "
				      "(envycontrol -s hybrid, say), or delete it and reboot."));
			return;
		}
	}
}

/* --- moved --- */

static bool has_id(const struct host *host, const char *name, const char *attr, unsigned int id)
{
	char text[16];

	return host_read(host, HOST_SYS, text, sizeof(text), NULL, DEVICES "/%s/%s", name, attr) ==
		       0 &&
	       strtoul(text, NULL, 16) == id;
}

/* Another one like it that the guest has always had does not count. */
static bool is_pinned(const struct snapshot *snapshot, const char *name)
{
	struct pci_addr addr;

	return !pci_addr_parse(name, &addr) || pins_find(&snapshot->pins, &addr);
}

static void look_elsewhere(struct absent *absent)
{
	const struct pin *pin = pin_of(absent);
	cleanup(host_free_names) char **names = NULL;

	if (!pin || host_list(absent->host, HOST_SYS, &names, NULL, NULL, DEVICES) < 0)
		return;
	for (size_t i = 0; names[i]; i++) {
		if (is_pinned(absent->snapshot, names[i]) ||
		    !has_id(absent->host, names[i], "vendor", pin->vendor) ||
		    !has_id(absent->host, names[i], "device", pin->product) ||
		    !has_id(absent->host, names[i], "subsystem_vendor", pin->subvendor) ||
		    !has_id(absent->host, names[i], "subsystem_device", pin->subproduct) ||
		    !has_id(absent->host, names[i], "class", pin->class_code))
			continue;
		found(absent, xasprintf("is not there any more; one like it is at %s", names[i]),
		      xasprintf("Addresses move when cards or firmware change: if that is the one, "
				"name %s in the guest.",
				names[i]));
		return;
	}
	found(absent, xstrdup("is not there any more"),
	      xstrdup("If somebody removed it, or it fell off the bus, \"" RESCAN "\" may bring it "
		      "back; if cards or firmware changed, correct the address in the guest (lspci "
		      "-D)."));
}

/* The surest first. */
static void look(struct absent *absent)
{
	static void (*const looks[])(struct absent *) = {
		look_for_hider, look_at_slots, look_at_firmware, look_at_rules, look_elsewhere};

	for (size_t i = 0; i < sizeof(looks) / sizeof(looks[0]) && !absent->found.evidence; i++)
		looks[i](absent);
}

static void read_one(const struct host *host, const struct pci_addr *addr,
		     struct snapshot *snapshot)
{
	struct absent absent = {
		.host = host, .snapshot = snapshot, .addr = addr, .found = {.addr = *addr}};

	if (snapshot_device(snapshot, addr) || snapshot_absence(snapshot, addr))
		return;
	look(&absent);
	if (!absent.found.evidence)
		return;
	array_push(snapshot->absences, snapshot->absence_count, absent.found);
}

void absent_read(const struct host *host, const struct guest *guest, struct snapshot *snapshot)
{
	for (size_t i = 0; i < guest->hostdev_count; i++)
		read_one(host, &guest->hostdevs[i].addr, snapshot);
}

/* --- all that are hidden --- */

/* A bus of the kernel's list, "01" or "10000:e1". */
static void read_bus(const struct host *host, const char *bus, struct snapshot *snapshot)
{
	cleanup(host_free_names) char **names = NULL;

	if (!isxdigit((unsigned char)*bus) ||
	    host_list(host, HOST_PROC, &names, NULL, NULL, "bus/pci/%s", bus) < 0)
		return;
	for (size_t i = 0; names[i]; i++) {
		auto_free char *text =
			xasprintf("%s%s:%s", strchr(bus, ':') ? "" : "0000:", bus, names[i]);
		struct pci_addr addr;

		if (pci_addr_parse(text, &addr))
			read_one(host, &addr, snapshot);
	}
}

static int by_address(const void *a, const void *b)
{
	const struct absence *one = a, *other = b;

	return pci_addr_compare(&one->addr, &other->addr);
}

void absent_survey(const struct host *host, struct snapshot *snapshot)
{
	cleanup(host_free_names) char **buses = NULL;

	if (host_list(host, HOST_PROC, &buses, NULL, NULL, "bus/pci") < 0)
		return;
	for (size_t i = 0; buses[i]; i++)
		read_bus(host, buses[i], snapshot);
	if (snapshot->absence_count > 1)
		qsort(snapshot->absences, snapshot->absence_count, sizeof(*snapshot->absences),
		      by_address);
}
