// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Processes as /proc shows them, down to descriptors that are devices to stat(2), and how they end.
 * Which of them live is kept beside /proc, in "processes", with the line that each came of.
 */
#include "tests/host/processes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "model/cell.h"
#include "tests/host/nodes.h"
#include "tests/host/tree.h"

struct life {
	const struct machine_process *line;
	unsigned int pid;
	unsigned long long start;
};

static bool life_of(const struct testhost *host, const char *pid, struct life *ret)
{
	auto_free char *path = xasprintf("processes/%s", pid);
	auto_free char *text = tree_read(host->root_fd, path);
	size_t index;

	if (!text || sscanf(text, "%zu %llu", &index, &ret->start) != 2)
		return false;
	ret->line = &host->machine.processes[index];
	ret->pid = (unsigned int)strtoul(pid, NULL, 10);
	return true;
}

/* The node of this name, or a device by its number; false where there is none now. */
static bool find_number(const struct testhost *host, const char *name, dev_t *ret, bool *ret_block)
{
	const struct machine_node *node = machine_node(&host->machine, name);
	unsigned int major, minor;

	if (node && node_exists(host, node)) {
		*ret = node_number(node);
		*ret_block = node->block;
		return true;
	}
	if (node || sscanf(name, "%u:%u", &major, &minor) != 2)
		return false;
	*ret = makedev(major, minor);
	*ret_block = false;
	return true;
}

static void add_descriptors(const struct testhost *host, const char *dir, const char *holds)
{
	char name[CELL_NAME_SIZE];

	tree_dir(host->root_fd, dir);
	for (int fd = 0; fd < 3; fd++) {
		auto_free char *path = xasprintf("%s/%d", dir, fd);

		tree_node(host->root_fd, path, false, makedev(1, 3));
	}
	for (int fd = 3; list_next(&holds, name, sizeof(name)); fd++) {
		auto_free char *path = xasprintf("%s/%d", dir, fd);
		bool block = false;
		dev_t number;

		if (find_number(host, name, &number, &block))
			tree_node(host->root_fd, path, block, number);
	}
}

/* A map is named by the file system and inode of the device's file. */
static void add_map(const struct testhost *host, const char *dir, const char *name,
		    unsigned long long at, struct text *out)
{
	auto_free char *file = xasprintf("dev/%s", name);
	auto_free char *path = xasprintf("%s/map_files/%llx-%llx", dir, at, at + 0x1000);
	struct stat status = {0};
	bool block = false;
	dev_t number;

	if (!find_number(host, name, &number, &block))
		return;
	fstatat(host->root_fd, file, &status, AT_SYMLINK_NOFOLLOW);
	text_printf(out, "%llx-%llx rw-s 100000000 %02x:%02x %-26ju /dev/%s\n", at, at + 0x1000,
		    major(status.st_dev), minor(status.st_dev), (uintmax_t)status.st_ino, name);
	tree_node(host->root_fd, path, block, number);
}

static void add_maps(const struct testhost *host, const char *dir,
		     const struct machine_process *line)
{
	auto_free char *path = xasprintf("%s/maps", dir), *files = xasprintf("%s/map_files", dir);
	auto_text struct text out = TEXT_INIT;
	unsigned long long at = 0x7f0000000000ULL;
	const char *list = line->maps;
	char name[CELL_NAME_SIZE];

	tree_dir(host->root_fd, files);
	text_printf(&out, "55d0c0000000-55d0c0008000 r-xp 00000000 08:02 131077%*s%s\n", 21, "",
		    line->exe);
	for (; list_next(&list, name, sizeof(name)); at += 0x1000)
		add_map(host, dir, name, at, &out);
	for (list = line->libs; list_next(&list, name, sizeof(name)); at += 0x1000)
		text_printf(&out, "%llx-%llx r-xp 00000000 08:02 131078%*s%s\n", at, at + 0x1000,
			    21, "", name);
	text_printf(&out, "7ffd0a000000-7ffd0a021000 rw-p 00000000 00:00 0%*s[stack]\n", 26, "");
	tree_file(host->root_fd, path, "%s", out.data);
}

static unsigned int thread_count(const struct machine_process *line)
{
	const char *list = line->threads;
	unsigned int count = 1;
	char name[CELL_NAME_SIZE];

	while (list_next(&list, name, sizeof(name)))
		count++;
	return count;
}

/* As the kernel packs it: the high part of the minor number lies above the major one. */
static unsigned int terminal_of(const struct machine_process *line)
{
	unsigned int major, minor;

	if (!line->tty || sscanf(line->tty, "%u:%u", &major, &minor) != 2)
		return 0;
	return (minor & 0xff) | major << 8 | (minor & ~0xffu) << 12;
}

static void add_identity(const struct testhost *host, const char *dir, const struct life *life,
			 const char *tid, bool dead)
{
	const struct machine_process *line = life->line;
	auto_free char *stat = xasprintf("%s/stat", dir), *status = xasprintf("%s/status", dir);
	auto_free char *comm = xasprintf("%s/comm", dir), *cgroup = xasprintf("%s/cgroup", dir);
	unsigned int threads = thread_count(line);

	tree_file(host->root_fd, stat,
		  "%s (%s) %c %u %u %u %u -1 %u 0 0 0 0 0 0 0 0 20 0 %u 0 %llu"
		  " 0 0 18446744073709551615 0 0 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0"
		  " 0\n",
		  tid, line->comm, dead ? 'Z' : 'S', line->ppid, life->pid, life->pid,
		  terminal_of(line), line->flags, threads, life->start);
	tree_file(host->root_fd, status,
		  "Name:\t%s\nUmask:\t0022\nState:\t%s\nTgid:\t%u\nPid:\t%s\nPPid:\t%u\n"
		  "Uid:\t%u\t%u\t%u\t%u\nGid:\t%u\t%u\t%u\t%u\nThreads:\t%u\n",
		  line->comm, dead ? "Z (zombie)" : "S (sleeping)", life->pid, tid, line->ppid,
		  line->uid, line->uid, line->uid, line->uid, line->uid, line->uid, line->uid,
		  line->uid, threads);
	tree_file(host->root_fd, comm, "%s\n", line->comm);
	tree_file(host->root_fd, cgroup, "0::%s\n", line->cgroup);
}

/* A directory of /proc: a process's own, or one of its tasks'. */
static void add_task(const struct testhost *host, const char *dir, const struct life *life,
		     const char *tid, bool dead)
{
	auto_free char *fd = xasprintf("%s/fd", dir), *maps = xasprintf("%s/maps", dir);

	add_identity(host, dir, life, tid, dead);
	if (dead || life->line->flags & 0x200000) {
		tree_dir(host->root_fd, fd);
		tree_file(host->root_fd, maps, "%s", "");
		return;
	}
	add_descriptors(host, fd, life->line->holds);
	add_maps(host, dir, life->line);
}

static void add_cmdline(const struct testhost *host, const char *dir, const struct life *life)
{
	auto_free char *path = xasprintf("%s/cmdline", dir), *exe = xasprintf("%s/exe", dir);
	auto_free char *bytes = xstrdup(life->line->cmdline);
	bool none = life->line->zombie || life->line->flags & 0x200000;
	size_t length = strlen(bytes);

	for (size_t i = 0; i < length; i++)
		if (bytes[i] == ' ')
			bytes[i] = '\0';
	tree_bytes(host->root_fd, path, bytes, none ? 0 : length + 1);
	if (!none)
		tree_raw_link(host->root_fd, exe, life->line->exe);
}

static void add_process(const struct testhost *host, const struct life *life)
{
	auto_free char *dir = xasprintf("proc/%u", life->pid), *pid = xasprintf("%u", life->pid);
	auto_free char *state = xasprintf("processes/%u", life->pid);
	auto_free char *first = xasprintf("%s/task/%u", dir, life->pid);
	const char *list = life->line->threads;
	char tid[CELL_NAME_SIZE];

	add_task(host, dir, life, pid, life->line->zombie);
	add_task(host, first, life, pid, life->line->zombie);
	add_cmdline(host, dir, life);
	while (list_next(&list, tid, sizeof(tid))) {
		auto_free char *task = xasprintf("%s/task/%s", dir, tid);

		add_task(host, task, life, tid, false);
	}
	tree_file(host->root_fd, state, "%zu %llu\n",
		  (size_t)(life->line - host->machine.processes), life->start);
}

static void remove_process(const struct testhost *host, unsigned int pid)
{
	auto_free char *dir = xasprintf("proc/%u", pid), *state = xasprintf("processes/%u", pid);

	tree_remove(host->root_fd, state);
	tree_remove(host->root_fd, dir);
}

/* One whose unit is not active is not there; what it holds must be. */
static void boot_process(struct testhost *host, const struct machine_process *line)
{
	const struct life life = {line, line->pid, line->start};
	auto_free char *pid = xasprintf("%u", line->pid);
	const char *lists[] = {line->holds, line->maps};
	char name[CELL_NAME_SIZE];
	bool block;
	dev_t number;

	for (size_t i = 0; i < host->machine.unit_count; i++)
		if (list_has(host->machine.units[i].pids, pid) &&
		    strcmp(host->machine.units[i].state, "active") != 0)
			return;
	for (size_t i = 0; i < 2; i++) {
		while (list_next(&lists[i], name, sizeof(name))) {
			if (find_number(host, name, &number, &block))
				continue;
			fprintf(stderr, "test host: process %u holds %s, which is not there\n",
				line->pid, name);
			abort();
		}
	}
	add_process(host, &life);
}

void processes_boot(struct testhost *host)
{
	for (size_t i = 0; i < host->machine.process_count; i++)
		boot_process(host, &host->machine.processes[i]);
}

static unsigned int free_pid(const struct testhost *host, unsigned int pid)
{
	auto_free char *dir = xasprintf("proc/%u", pid);

	return tree_exists(host->root_fd, dir) ? free_pid(host, pid + 1) : pid;
}

int process_end(struct testhost *host, int pid, unsigned long long start, bool kill)
{
	auto_free char *text = xasprintf("%d", pid);
	struct life life;

	if (!life_of(host, text, &life) || life.start != start)
		return 0;
	if (!kill && (life.line->stubborn || life.line->stuck))
		return EBUSY;
	if (life.line->stubborn || life.line->stuck)
		kernel_log(host, "kill %d\n", pid);
	if (life.line->stuck)
		return ETIMEDOUT;
	remove_process(host, life.pid);
	life.pid = free_pid(host, life.pid + 1);
	life.start++;
	if (life.line->respawns)
		add_process(host, &life);
	return 0;
}

void process_gone(struct testhost *host, int pid)
{
	remove_process(host, (unsigned int)pid);
}

/* Does the life come of a line with one of these pids? */
static bool is_of(const struct life *life, const char *pids)
{
	auto_free char *pid = xasprintf("%u", life->line->pid);

	return list_has(pids, pid);
}

/* What lives, by number; the list is not to be walked while it changes. */
static struct life *lives(const struct testhost *host, size_t *ret_count)
{
	struct life *found = NULL, life;
	size_t count = 0;
	char *name;

	for (size_t i = 0; (name = tree_entry(host->root_fd, "processes", i)); i++) {
		if (life_of(host, name, &life))
			array_push(found, count, life);
		free(name);
	}
	*ret_count = count;
	return found;
}

void processes_stop(struct testhost *host, const char *pids)
{
	size_t count;
	auto_free struct life *all = lives(host, &count);

	for (size_t i = 0; i < count; i++)
		if (is_of(&all[i], pids))
			remove_process(host, all[i].pid);
}

void processes_start(struct testhost *host, const char *pids)
{
	char pid[CELL_NAME_SIZE];

	processes_stop(host, pids);
	while (list_next(&pids, pid, sizeof(pid))) {
		for (size_t i = 0; i < host->machine.process_count; i++) {
			const struct machine_process *line = &host->machine.processes[i];
			const struct life life = {line, line->pid, line->start + 1000ULL};

			if (line->pid == strtoul(pid, NULL, 10))
				add_process(host, &life);
		}
	}
}

/* Does something to each entry of the folder that is this device; their number. */
static size_t each_entry(const struct testhost *host, const char *folder, dev_t number, bool block,
			 bool remove)
{
	cleanup(host_free_names) char **names = NULL;
	size_t found = 0;

	if (host_list(&host->host, HOST_PROC, &names, NULL, NULL, "%s", folder) < 0)
		return 0;
	for (size_t i = 0; names[i]; i++) {
		auto_free char *path = xasprintf("proc/%s/%s", folder, names[i]);
		struct stat status;

		if (fstatat(host->root_fd, path, &status, AT_SYMLINK_NOFOLLOW) < 0 ||
		    status.st_rdev != number || S_ISBLK(status.st_mode) != block)
			continue;
		found++;
		if (remove)
			tree_remove(host->root_fd, path);
	}
	return found;
}

/* A closed map leaves the list of maps as well. */
static void forget_maps(const struct testhost *host, const char *dir, const char *name)
{
	auto_free char *path = xasprintf("proc/%s/maps", dir), *end = xasprintf(" /dev/%s", name);
	auto_free char *text = tree_read(host->root_fd, path);
	auto_text struct text out = TEXT_INIT;
	char *rest = text, *line;

	text_append(&out, "", 0);
	while (rest && (line = strsep(&rest, "\n")))
		if (*line && !(strstr(line, end) && strlen(strstr(line, end)) == strlen(end)))
			text_printf(&out, "%s\n", line);
	tree_file(host->root_fd, path, "%s", out.data);
}

static size_t each_hold(const struct testhost *host, unsigned int pid,
			const struct machine_node *node, bool remove)
{
	cleanup(host_free_names) char **tasks = NULL;
	size_t found = 0;

	if (host_list(&host->host, HOST_PROC, &tasks, NULL, NULL, "%u/task", pid) < 0)
		return 0;
	for (size_t i = 0; tasks[i]; i++) {
		auto_free char *dir = xasprintf("%u/task/%s", pid, tasks[i]);
		auto_free char *fd = xasprintf("%s/fd", dir), *map = xasprintf("%s/map_files", dir);

		found += each_entry(host, fd, node_number(node), node->block, remove);
		found += each_entry(host, map, node_number(node), node->block, remove);
		if (remove)
			forget_maps(host, dir, node->name);
	}
	return found;
}

bool processes_hold(const struct testhost *host, const struct machine_node *node)
{
	size_t count;
	auto_free struct life *all = lives(host, &count);

	for (size_t i = 0; node->numbered && i < count; i++)
		if (each_hold(host, all[i].pid, node, false) > 0)
			return true;
	return false;
}

void process_close(struct testhost *host, int pid, const struct machine_node *node)
{
	auto_free char *dir = xasprintf("%d", pid), *fd = xasprintf("%d/fd", pid);
	auto_free char *map = xasprintf("%d/map_files", pid);

	each_hold(host, (unsigned int)pid, node, true);
	each_entry(host, fd, node_number(node), node->block, true);
	each_entry(host, map, node_number(node), node->block, true);
	forget_maps(host, dir, node->name);
}

void processes_let_go(struct testhost *host, const struct machine_node *node)
{
	size_t count;
	auto_free struct life *all = lives(host, &count);

	for (size_t i = 0; node->numbered && i < count; i++)
		if (all[i].line->lets_go)
			process_close(host, (int)all[i].pid, node);
}
