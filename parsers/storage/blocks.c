// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where sysfs says which block device stands on which: partitions, holders, loop devices; and by
 * what names people know them.
 */
#include "parsers/storage/blocks.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/cleanup.h"
#include "base/host-file.h"
#include "base/text.h"

#define BLOCK "class/block"

void block_stack_done(struct block_stack *stack)
{
	for (size_t i = 0; i < stack->count; i++)
		free(stack->blocks[i].name);
	free(stack->blocks);
	memset(stack, 0, sizeof(*stack));
}

void loops_done(struct loops *loops)
{
	for (size_t i = 0; i < loops->count; i++) {
		free(loops->loops[i].name);
		free(loops->loops[i].file);
	}
	free(loops->loops);
	memset(loops, 0, sizeof(*loops));
}

bool block_is_partition(const struct host *host, const char *name)
{
	return host_exists(host, HOST_SYS, BLOCK "/%s/partition", name);
}

char *block_node(const char *name)
{
	char *node = xstrdup(name);

	for (char *mark = node; (mark = strchr(mark, '!'));)
		*mark = '/';
	return node;
}

int block_number(const struct host *host, const char *name, dev_t *ret, struct error *err)
{
	unsigned int major, minor;
	char text[32], rest;
	int result = host_read(host, HOST_SYS, text, sizeof(text), err, BLOCK "/%s/dev", name);

	if (result < 0)
		return result;
	if (sscanf(text, "%u:%u%c", &major, &minor, &rest) != 2)
		return error_set(err, EBADMSG, "/sys/" BLOCK "/%s/dev: no device number", name);
	*ret = makedev(major, minor);
	return 0;
}

/* A directory that need not be there. */
static int list(const struct host *host, const char *name, const char *folder, char ***ret,
		struct error *err)
{
	int result = host_list(host, HOST_SYS, ret, NULL, err, BLOCK "/%s%s", name, folder);

	if (result != -ENOENT)
		return result;
	*ret = xcalloc(1, sizeof(**ret));
	return 0;
}

int block_partitions(const struct host *host, const char *name, char ***ret, struct error *err)
{
	cleanup(host_free_names) char **names = NULL;
	int result = list(host, name, "", &names, err);
	size_t kept = 0;

	if (result < 0)
		return result;
	for (size_t i = 0; names[i]; i++) {
		char *entry = names[i];

		names[i] = NULL;
		if (host_exists(host, HOST_SYS, BLOCK "/%s/%s/partition", name, entry))
			names[kept++] = entry;
		else
			free(entry);
	}
	*ret = steal(&names);
	return 0;
}

bool block_resolve(const struct host *host, const char *path, dev_t *ret)
{
	auto_free char *name = NULL;
	struct stat status;

	if (!text_starts(path, "/dev/"))
		return false;
	path += strlen("/dev/");
	/* Any user may say what the source of a mount is (fusermount3 -o fsname=). */
	if (*path && host_file_node(host, path, &status, NULL) == 0) {
		if (S_ISBLK(status.st_mode))
			*ret = status.st_rdev;
		return S_ISBLK(status.st_mode);
	}
	name = xstrdup(path);
	for (char *slash = name; (slash = strchr(slash, '/'));)
		*slash = '!';
	return *name && *name != '.' && block_number(host, name, ret, NULL) == 0;
}

int loops_read(const struct host *host, struct loops *ret, struct error *err)
{
	cleanup(loops_done) struct loops loops = {0};
	cleanup(host_free_names) char **names = NULL;
	int result = list(host, "", "", &names, err);

	for (size_t i = 0; result == 0 && names[i]; i++) {
		struct loop loop = {.backing = 0};
		char path[4096];

		/* Not bound to anything. */
		if (!text_starts(names[i], "loop") ||
		    host_read(host, HOST_SYS, path, sizeof(path), NULL,
			      BLOCK "/%s/loop/backing_file", names[i]) < 0)
			continue;
		if (!block_resolve(host, path, &loop.backing))
			loop.file = xstrdup(path);
		loop.name = xstrdup(names[i]);
		array_push(loops.loops, loops.count, loop);
	}
	if (result < 0)
		return result;
	*ret = loops;
	memset(&loops, 0, sizeof(loops));
	return 0;
}

static int push(const struct host *host, struct block_stack *stack, const char *name,
		struct error *err)
{
	dev_t device = 0;
	int ret;

	for (size_t i = 0; i < stack->count; i++)
		if (strcmp(stack->blocks[i].name, name) == 0)
			return 0;
	ret = block_number(host, name, &device, err);
	if (ret < 0)
		return ret;
	array_push(stack->blocks, stack->count, (struct block){xstrdup(name), device});
	return 0;
}

static int push_all(const struct host *host, struct block_stack *stack, char *const *names,
		    struct error *err)
{
	int ret = 0;

	for (size_t i = 0; ret == 0 && names[i]; i++)
		ret = push(host, stack, names[i], err);
	return ret;
}

/* All that stands directly on one block of the stack. */
static int push_holders(const struct host *host, const struct loops *loops, const char *name,
			dev_t device, struct block_stack *stack, struct error *err)
{
	cleanup(host_free_names) char **holders = NULL;
	int ret = list(host, name, "/holders", &holders, err);

	if (ret == 0)
		ret = push_all(host, stack, holders, err);
	for (size_t i = 0; ret == 0 && i < loops->count; i++)
		if (!loops->loops[i].file && loops->loops[i].backing == device)
			ret = push(host, stack, loops->loops[i].name, err);
	return ret;
}

static int push_partitions(const struct host *host, const char *name, struct block_stack *stack,
			   struct error *err)
{
	cleanup(host_free_names) char **partitions = NULL;
	int ret = block_partitions(host, name, &partitions, err);

	return ret < 0 ? ret : push_all(host, stack, partitions, err);
}

int block_stack_read(const struct host *host, const char *name, const struct loops *loops,
		     struct block_stack *ret, struct error *err)
{
	cleanup(block_stack_done) struct block_stack stack = {0};
	int result = push(host, &stack, name, err);

	/* The stack grows while this walks it. */
	for (size_t i = 0; result == 0 && i < stack.count; i++) {
		auto_free char *current = xstrdup(stack.blocks[i].name);

		result = push_holders(host, loops, current, stack.blocks[i].device, &stack, err);
		if (i == 0)
			stack.direct = stack.count - 1;
		else if (result == 0)
			result = push_partitions(host, current, &stack, err);
	}
	if (result < 0)
		return result;
	*ret = stack;
	memset(&stack, 0, sizeof(stack));
	return 0;
}

static const char *mapper_kind(const char *uuid)
{
	static const struct {
		const char *prefix, *kind;
	} kinds[] = {
		{"LVM-", "LVM volume"},
		{"CRYPT-", "encrypted volume"},
		{"mpath-", "multipath device"},
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (text_starts(uuid, kinds[i].prefix))
			return kinds[i].kind;
	return "mapped device";
}

char *block_label(const struct host *host, const char *name)
{
	auto_free char *mapper = NULL;
	char text[256], uuid[256];

	if (host_read(host, HOST_SYS, text, sizeof(text), NULL, BLOCK "/%s/dm/name", name) == 0) {
		if (host_read(host, HOST_SYS, uuid, sizeof(uuid), NULL, BLOCK "/%s/dm/uuid", name) <
		    0)
			uuid[0] = '\0';
		mapper = text_escape(text);
		return xasprintf("%s %s (%s)", mapper_kind(uuid), mapper, name);
	}
	if (host_exists(host, HOST_SYS, BLOCK "/%s/md", name))
		return xasprintf("RAID array %s", name);
	if (host_exists(host, HOST_SYS, BLOCK "/%s/loop", name))
		return xasprintf("loop device %s", name);
	return xasprintf("block device %s", name);
}
