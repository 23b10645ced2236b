/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "generator/generate.h"
#include "tests/host/check.h"

/*
 * What the generator is told of a host, from lines
 *   01:00.0 GROUP CLASS VENDOR:DEVICE DRIVER [bridge] [vf=01:00.0] [sub=VVVV:DDDD]
 * GROUP "-": none; DRIVER "none". It boots by GRUB with drop-ins, the image is of initramfs-tools,
 * it has two kernels; a test may change the fields of "boot", whose strings are constants.
 */
struct known {
	struct snapshot snapshot;
	struct boot boot;
	struct boot_loader_found loaders[4];
	struct boot_initramfs_found builders[4];
	struct boot_kernel kernels[8];
	struct generate_facts facts;
};

static void known_add_member(struct snapshot *snapshot, const struct device *device)
{
	struct group *group = NULL;

	for (size_t i = 0; i < snapshot->group_count; i++)
		if (snapshot->groups[i].number == device->group)
			group = &snapshot->groups[i];
	if (!group) {
		snapshot->groups = array_grow(snapshot->groups, snapshot->group_count,
					      sizeof(*snapshot->groups));
		group = &snapshot->groups[snapshot->group_count++];
		*group = (struct group){.number = device->group};
	}
	array_push(group->members, group->member_count, device->addr);
}

static void known_add_device(struct snapshot *snapshot, const char *line)
{
	char addr[32], group[16], driver[64], physfn[16];
	unsigned int class_code, vendor, product, subvendor = 0, subproduct = 0;
	struct device device = {.group = DEVICE_NO_GROUP};
	const char *sub = strstr(line, "sub=");

	assert_int_equal(sscanf(line, "%31s %15s %x %x:%x %63s", addr, group, &class_code, &vendor,
				&product, driver),
			 6);
	if (sub)
		sscanf(sub, "sub=%x:%x", &subvendor, &subproduct);
	assert_true(pci_addr_parse_given(addr, &device.addr));
	device.class_code = class_code;
	device.vendor = (uint16_t)vendor;
	device.product = (uint16_t)product;
	device.subvendor = (uint16_t)subvendor;
	device.subproduct = (uint16_t)subproduct;
	device.is_bridge = strstr(line, " bridge") != NULL;
	device.is_vf = strstr(line, " vf=") != NULL;
	if (device.is_vf) {
		snprintf(physfn, sizeof(physfn), "%.7s", strstr(line, " vf=") + 4);
		assert_true(pci_addr_parse_given(physfn, &device.physfn));
	}
	if (strcmp(driver, "none") != 0)
		strcpy(device.bound.driver, driver);
	if (strcmp(group, "-") != 0) {
		device.group = atoi(group);
		known_add_member(snapshot, &device);
	}
	array_push(snapshot->devices, snapshot->device_count, device);
}

static __attribute__((unused)) struct known *known_new(const char *lines)
{
	struct known *known = xcalloc(1, sizeof(*known));
	auto_free char *copy = xstrdup(lines);
	char *at = copy, *line;

	while ((line = strsep(&at, "\n")))
		if (*line)
			known_add_device(&known->snapshot, line);
	known->snapshot.iommu = true;
	known->loaders[0] = (struct boot_loader_found){.kind = LOADER_GRUB,
						       .evidence = (char *)"it has a menu"};
	known->builders[0] =
		(struct boot_initramfs_found){.kind = INITRAMFS_TOOLS,
					      .evidence = (char *)"it is there",
					      .program = (char *)"/usr/sbin/update-initramfs",
					      .builds = true};
	known->kernels[0] = (struct boot_kernel){.release = (char *)"6.12",
						 .image = (char *)"/boot/vmlinuz-6.12",
						 .initrd = (char *)"/boot/initrd.img-6.12",
						 .runs = true,
						 .vfio_pci = BOOT_DRIVER_MODULE};
	known->kernels[1] = known->kernels[0];
	known->kernels[1].release = (char *)"6.1";
	known->kernels[1].runs = false;
	known->kernels[1].initrd = (char *)"/boot/initrd.img-6.1";
	known->boot = (struct boot){
		.loaders = known->loaders,
		.loader_count = 1,
		.initramfs = known->builders,
		.initramfs_count = 1,
		.kernels = known->kernels,
		.kernel_count = 2,
		.grub = {.found = true,
			 .config = (char *)"/boot/grub/grub.cfg",
			 .mkconfig = (char *)"/usr/sbin/grub-mkconfig",
			 .update = (char *)"/usr/sbin/update-grub",
			 .drop_ins = true,
			 .has_linux = true,
			 .longest_line = 40},
		.cmdline = (char *)"root=UUID=1 ro quiet",
	};
	known->facts = (struct generate_facts){.boot = &known->boot, .snapshot = &known->snapshot};
	return known;
}

static __attribute__((unused)) void known_free(struct known **known)
{
	if (*known)
		snapshot_done(&(*known)->snapshot);
	free(*known);
}
#define auto_known cleanup(known_free)

static __attribute__((unused)) void known_use(struct known *known, enum use_kind kind,
					      const char *addr, const char *what)
{
	struct pci_addr where;

	assert_true(pci_addr_parse_given(addr, &where));
	snapshot_add_use(&known->snapshot, kind, &where, xstrdup(what),
			 xstrdup(use_is_storage(kind) ? "in use" : "is in use"));
}

/* Wishes with the defaults of the command line, and these devices by their addresses; NULL: none.
 */
static __attribute__((unused)) struct generate_wishes wishes_of(enum generate_mode mode,
								const char *devices)
{
	struct generate_wishes wishes = {.mode = mode,
					 .arguments = "as typed",
					 .kernels = "3",
					 .ranks = {.newest = 3},
					 .default_choice = "none"};

	if (devices)
		assert_int_equal(selection_add_devices(&wishes.selection.include, devices, NULL),
				 0);
	return wishes;
}

/* The draft of these wishes, which are released. *ret: draft_done. */
static __attribute__((unused)) void draft_make(const struct known *known,
					       struct generate_wishes *wishes, struct draft *ret)
{
	generate_draft(&known->facts, wishes, ret);
	selection_wishes_done(&wishes->selection);
}

static __attribute__((unused)) char *remarks_text(const struct draft_remarks *remarks)
{
	auto_text struct text out = TEXT_INIT;

	text_append(&out, "", 0);
	for (size_t i = 0; i < remarks->count; i++)
		text_printf(&out, "%s\n", remarks->items[i]);
	return steal(&out.data);
}

/* A line for each step: "file TARGET", "build TARGET stale", "check TARGET". Heap. */
static __attribute__((unused)) char *steps_text(const struct draft *draft)
{
	auto_text struct text out = TEXT_INIT;

	text_append(&out, "", 0);
	for (size_t i = 0; i < draft->step_count; i++) {
		const struct draft_step *step = &draft->steps[i];

		text_printf(&out, "%s %s%s%s\n", step_kind_name(step->kind), step->target,
			    step->after ? " " : "", step->after ? step->after : "");
	}
	return steal(&out.data);
}

/* The text of a file of the draft; "" where it has none. */
static __attribute__((unused)) const char *file_text(const struct draft *draft, const char *path)
{
	for (size_t i = 0; i < draft->step_count; i++)
		if (draft->steps[i].kind == STEP_FILE && strcmp(draft->steps[i].target, path) == 0)
			return draft->steps[i].bytes.data ? draft->steps[i].bytes.data : "";
	return "";
}

#define assert_remarks(remarks, expected)                                                          \
	do {                                                                                       \
		auto_free char *remarks_ = remarks_text(remarks);                                  \
		assert_text(remarks_, expected);                                                   \
	} while (0)

/* Some refusal, or note, or advice has this part. */
#define assert_remark(remarks, part)                                                               \
	do {                                                                                       \
		auto_free char *remarks_ = remarks_text(remarks);                                  \
		assert_contains(remarks_, part);                                                   \
	} while (0)
