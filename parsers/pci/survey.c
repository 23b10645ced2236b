// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How thousands of PCI functions become a snapshot in little time: several threads read at once,
 * and groups are found by their members' links, not by their own directories.
 */
#include "parsers/pci/survey.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "parsers/pci/behind.h"
#include "parsers/pci/function.h"

#define DEVICES "bus/pci/devices"

static int compare_devices(const void *a, const void *b)
{
	return pci_addr_compare(&((const struct device *)a)->addr,
				&((const struct device *)b)->addr);
}

#define THREADS_MAX 8
#define FUNCTIONS_A_THREAD 256 /* for fewer a thread costs more than it spares */
#define SHARE 32

/* The functions of the host, of which several threads take one share after the other. */
struct crew {
	const struct host *host;
	char **names;
	struct device *devices; /* at the places of their names */
	bool *found;
	size_t count;
	atomic_size_t next;
};

struct survey_thread {
	pthread_t thread;
	struct crew *crew;
	struct function_reader reader;
	int result;
	struct error error;
};

static void read_named(struct survey_thread *thread, size_t index)
{
	struct crew *crew = thread->crew;
	struct device *device = &crew->devices[index];
	struct error err = ERROR_INIT;
	int ret;

	if (!pci_addr_parse(crew->names[index], &device->addr))
		return;
	ret = function_read(&thread->reader, crew->names[index], device, &err);
	crew->found[index] = ret == 0;
	/* Unplugged since. */
	if (ret == 0 || ret == -ENOENT || thread->result < 0)
		return;
	thread->result = ret;
	thread->error = err;
}

static void *run(void *data)
{
	struct survey_thread *thread = data;
	struct crew *crew = thread->crew;
	size_t first;

	while ((first = atomic_fetch_add(&crew->next, SHARE)) < crew->count)
		for (size_t i = first; i < first + SHARE && i < crew->count; i++)
			read_named(thread, i);
	return NULL;
}

static size_t count_threads(size_t functions)
{
	size_t count = 1 + functions / FUNCTIONS_A_THREAD;
	cpu_set_t processors;

	if (sched_getaffinity(0, sizeof(processors), &processors) < 0)
		return 1;
	if (count > (size_t)CPU_COUNT(&processors))
		count = (size_t)CPU_COUNT(&processors);
	return count > THREADS_MAX ? THREADS_MAX : count;
}

/* One that cannot be started leaves its share to the others. */
static int run_all(struct crew *crew, struct error *err)
{
	struct survey_thread threads[THREADS_MAX] = {0};
	size_t wanted = count_threads(crew->count), started = 1;

	for (size_t i = 0; i < THREADS_MAX; i++) {
		threads[i].crew = crew;
		threads[i].reader.host = crew->host;
	}
	while (started < wanted &&
	       pthread_create(&threads[started].thread, NULL, run, &threads[started]) == 0)
		started++;
	run(&threads[0]);
	for (size_t i = 1; i < started; i++)
		pthread_join(threads[i].thread, NULL);
	for (size_t i = 0; i < started; i++) {
		if (threads[i].result < 0 && err)
			*err = threads[i].error;
		if (threads[i].result < 0)
			return threads[i].result;
	}
	return 0;
}

static void sort_found(const struct crew *crew, struct snapshot *snapshot)
{
	snapshot->devices = crew->devices;
	for (size_t i = 0; i < crew->count; i++)
		if (crew->found[i])
			snapshot->devices[snapshot->device_count++] = crew->devices[i];
	qsort(snapshot->devices, snapshot->device_count, sizeof(*snapshot->devices),
	      compare_devices);
	snapshot->sorted = true;
}

static int read_functions(const struct host *host, struct snapshot *snapshot, struct error *err)
{
	cleanup(host_free_names) char **names = NULL;
	auto_free bool *found = NULL;
	struct crew crew = {.host = host};
	int ret = host_list(host, HOST_SYS, &names, &crew.count, err, DEVICES);

	if (ret < 0)
		return ret == -ENOENT ? 0 : ret;
	found = xcalloc(crew.count, sizeof(*found));
	crew.names = names;
	crew.found = found;
	crew.devices = xcalloc(crew.count, sizeof(*crew.devices));
	ret = run_all(&crew, err);
	if (ret < 0)
		free(crew.devices);
	else
		sort_found(&crew, snapshot);
	return ret;
}

/* A function whose virtual ones are there has them enabled. */
static void find_parents(struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->device_count; i++) {
		const struct device *device = &snapshot->devices[i];
		const struct device *parent =
			device->is_vf ? snapshot_device(snapshot, &device->physfn) : NULL;

		if (parent)
			snapshot->devices[parent - snapshot->devices].has_vfs = true;
	}
}

/* --- groups --- */

struct group_member {
	int group;
	struct pci_addr addr;
};

static int compare_members(const void *one, const void *other)
{
	const struct group_member *a = one, *b = other;

	if (a->group != b->group)
		return a->group < b->group ? -1 : 1;
	return pci_addr_compare(&a->addr, &b->addr);
}

/* VFIO makes a group up only for a device that it has. */
static bool is_made_up(const struct host *host, const struct snapshot *snapshot,
		       const struct group *group)
{
	char name[64];

	return device_is_on_vfio(snapshot_device(snapshot, &group->members[0])) &&
	       host_read(host, HOST_SYS, name, sizeof(name), NULL, "kernel/iommu_groups/%d/name",
			 group->number) == 0 &&
	       strcmp(name, "vfio-noiommu") == 0;
}

/* While VFIO has one of them, the group has a node, which stands elsewhere. */
static void look_at_members(const struct group *group, struct snapshot *snapshot)
{
	bool any = false;

	for (size_t i = 0; i < group->member_count; i++)
		any |= device_is_on_vfio(snapshot_device(snapshot, &group->members[i]));
	for (size_t i = 0; any && i < group->member_count; i++) {
		const struct device *member = snapshot_device(snapshot, &group->members[i]);

		snapshot->devices[member - snapshot->devices].is_bare = false;
	}
}

/* The members from first on that are of one group. */
static size_t add_group(const struct host *host, const struct group_member *first, size_t count,
			struct snapshot *snapshot)
{
	struct group group = {.number = first->group};
	size_t members = 0;

	while (members < count && first[members].group == first->group)
		members++;
	group.members = xcalloc(members, sizeof(*group.members));
	for (size_t i = 0; i < members; i++)
		group.members[group.member_count++] = first[i].addr;
	look_at_members(&group, snapshot);
	group.noiommu = is_made_up(host, snapshot, &group);
	array_push(snapshot->groups, snapshot->group_count, group);
	return members;
}

static void find_groups(const struct host *host, struct snapshot *snapshot)
{
	auto_free struct group_member *members = xcalloc(snapshot->device_count, sizeof(*members));
	size_t count = 0;

	for (size_t i = 0; i < snapshot->device_count; i++)
		if (snapshot->devices[i].group != DEVICE_NO_GROUP)
			members[count++] = (struct group_member){snapshot->devices[i].group,
								 snapshot->devices[i].addr};
	qsort(members, count, sizeof(*members), compare_members);
	for (size_t i = 0; i < count;)
		i += add_group(host, &members[i], count - i, snapshot);
}

int survey_read(const struct host *host, struct snapshot *ret, struct error *err)
{
	auto_snapshot struct snapshot snapshot = {
		.iommu = host_has_entries(host, HOST_SYS, "kernel/iommu_groups")};
	int result = read_functions(host, &snapshot, err);

	if (result < 0)
		return result;
	find_parents(&snapshot);
	find_groups(host, &snapshot);
	result = behind_read_carried(host, &snapshot, err);
	if (result < 0)
		return result;
	*ret = snapshot;
	memset(&snapshot, 0, sizeof(snapshot));
	return 0;
}
