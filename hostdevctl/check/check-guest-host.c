// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a guest needs of the host besides its devices, and where libvirt keeps what it means to do
 * with a guest: libvirt itself is not asked, as it may not answer. Tests: ctl/check-guest.bats.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "hostdevctl/check/check.h"

#define MEMINFO_MAX ((size_t)64 * 1024)
#define KIB_OF_GIB (1024.0 * 1024.0)

/* --- memory --- */

/* In KiB, or of what is counted the number; 0: not known. */
static uint64_t meminfo(const struct host *host, const char *key)
{
	auto_free char *text = NULL;
	const char *found;
	size_t length;

	if (host_read_file(host, HOST_PROC, MEMINFO_MAX, &text, &length, NULL, "meminfo") < 0)
		return 0;
	found = strstr(text, key);
	if (!found || (found > text && found[-1] != '\n'))
		return 0;
	return strtoull(found + strlen(key), NULL, 10);
}

static void check_hugepages(struct check *check, const struct guest *guest)
{
	const struct guest_memory *memory = &guest->memory;
	uint64_t page = memory->page ? memory->page : meminfo(check->host, "Hugepagesize:");
	char value[32] = "0";
	uint64_t wanted, free_pages;

	if (page == 0)
		return;
	host_read(check->host, HOST_SYS, value, sizeof(value), NULL,
		  "kernel/mm/hugepages/hugepages-%" PRIu64 "kB/free_hugepages", page);
	wanted = (memory->size + page - 1) / page;
	free_pages = strtoull(value, NULL, 10);
	if (free_pages < wanted)
		check_problem(check, FIND_GUEST_HUGEPAGES_SHORT, guest->name,
			      "needs %" PRIu64 " huge pages of %" PRIu64 " KiB, and %" PRIu64
			      " are free: QEMU does not start; free memory, and write the number "
			      "that is missing to /sys/kernel/mm/hugepages/hugepages-%" PRIu64
			      "kB/nr_hugepages, or take <hugepages> out of the guest",
			      wanted, page, free_pages, page);
	else
		check_ok(check, FIND_GUEST_MEMORY, guest->name,
			 "needs %" PRIu64 " huge pages of %" PRIu64 " KiB, and %" PRIu64
			 " are free",
			 wanted, page, free_pages);
}

static void check_available(struct check *check, const struct guest *guest)
{
	uint64_t available = meminfo(check->host, "MemAvailable:");

	if (available == 0)
		return;
	if (available < guest->memory.size)
		check_note(check, FIND_GUEST_MEMORY_SHORT, guest->name,
			   "needs %.1f GiB, all of it at once, as the memory of a guest with a "
			   "device is locked; %.1f GiB are available now: programs of the host may "
			   "be ended for it",
			   (double)guest->memory.size / KIB_OF_GIB, (double)available / KIB_OF_GIB);
	else
		check_ok(check, FIND_GUEST_MEMORY, guest->name,
			 "needs %.1f GiB, and %.1f GiB are available",
			 (double)guest->memory.size / KIB_OF_GIB, (double)available / KIB_OF_GIB);
}

static void check_memory(struct check *check, const struct guest *guest)
{
	const struct guest_memory *memory = &guest->memory;

	if (memory->size == 0)
		return;
	if (memory->hard_limit && memory->hard_limit < memory->size)
		check_problem(check, FIND_GUEST_MEMORY_LIMIT, guest->name,
			      "<hard_limit> of <memtune> is %.1f GiB, and the guest has %.1f GiB, "
			      "all of which is locked for its devices: take <hard_limit> out of "
			      "the guest, or raise it to more than the guest has",
			      (double)memory->hard_limit / KIB_OF_GIB,
			      (double)memory->size / KIB_OF_GIB);
	if (memory->hugepages)
		check_hugepages(check, guest);
	else
		check_available(check, guest);
}

/* --- what libvirt means to do with it --- */

static void check_autostart(struct check *check, const struct guest *guest)
{
	if (host_exists(check->host, HOST_ETC, "libvirt/qemu/autostart/%s.xml", guest->name))
		check_note(check, FIND_GUEST_AUTOSTART, guest->name,
			   "is started with the host: a desktop or service that takes a device at "
			   "the same time can stand in the way; reserve the devices from boot on "
			   "(hostdevctl generate static), or virsh autostart --disable %s",
			   guest->name);
}

static void check_save(struct check *check, const struct guest *guest)
{
	if (host_exists(check->host, HOST_VAR, "libvirt/qemu/save/%s.save", guest->name))
		check_note(check, FIND_GUEST_MANAGED_SAVE, guest->name,
			   "has a managed save: the next start goes on from there, with the "
			   "devices that the guest had then, and not with those of its settings; "
			   "virsh managedsave-remove %s drops it",
			   guest->name);
}

static void check_snapshots(struct check *check, const struct guest *guest)
{
	cleanup(host_free_names) char **names = NULL;
	size_t count = 0;

	if (host_list(check->host, HOST_VAR, &names, &count, NULL, "libvirt/qemu/snapshot/%s",
		      guest->name) < 0 ||
	    count == 0)
		return;
	check_note(check, FIND_GUEST_SNAPSHOTS, guest->name,
		   "has %zu snapshot%s: what is in a device is in none of them, and a snapshot "
		   "with memory cannot be made, and may not be reverted to, while a guest has a "
		   "device; those of the disks alone can",
		   count, count == 1 ? "" : "s");
}

void check_guest_host(struct check *check, const struct guest *guest)
{
	check_memory(check, guest);
	/* A name with a slash in it would lead elsewhere; libvirt has none. */
	if (strchr(guest->name, '/'))
		return;
	check_autostart(check, guest);
	check_save(check, guest);
	check_snapshots(check, guest);
}
