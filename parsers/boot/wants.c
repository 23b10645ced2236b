// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From the lines that a start of the host carries out to the devices that their disks are behind.
 * Tests: generator/previews.bats.
 */
#include "parsers/boot/wants.h"

#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/host-path.h"
#include "base/text.h"
#include "parsers/boot/start-lines.h"
#include "parsers/boot/start-units.h"
#include "parsers/storage/blocks.h"
#include "parsers/storage/disks.h"

#define FILE_MAX ((size_t)1024 * 1024)
#define MAPPER "/dev/mapper/"

static void read_lines(const struct host *host, const char *path,
		       void (*parse)(char *text, struct start_lines *lines),
		       struct start_lines *lines)
{
	auto_free char *text = NULL;

	if (host_path_read(host, path, FILE_MAX, &text, NULL, NULL) == 0)
		parse(text, lines);
}

/* What is locked now, and is mounted once it is unlocked, is on the disk that is to be unlocked. */
static const char *source_of(const struct start_lines *lines, const struct start_line *line)
{
	if (!text_starts(line->source, MAPPER))
		return line->source;
	for (size_t i = 0; i < lines->count; i++)
		if (strcmp(lines->all[i].name, line->source + strlen(MAPPER)) == 0)
			return lines->all[i].source;
	return line->source;
}

static bool find_device(const struct host *host, const struct start_lines *lines,
			const struct start_line *line, dev_t *ret)
{
	return block_resolve(host, line->source, ret) ||
	       block_resolve(host, source_of(lines, line), ret);
}

static void add(const struct disk *disk, const char *name, const struct start_line *line,
		struct wants *wants)
{
	array_push(wants->all, wants->count,
		   (struct want){.addr = disk->addr,
				 .what = block_node(name),
				 .how = xstrdup(line->how),
				 .spared = line->spared,
				 .help = xstrdup(line->help ? line->help : "")});
}

static int add_of_disk(const struct host *host, const struct disk *disk, dev_t device,
		       const struct start_line *line, struct wants *wants, struct error *err)
{
	cleanup(host_free_names) char **parts = NULL;
	int ret;

	if (disk->device == device) {
		add(disk, disk->name, line, wants);
		return 0;
	}
	ret = block_partitions(host, disk->name, &parts, err);
	for (size_t i = 0; ret == 0 && parts[i]; i++) {
		dev_t part;

		/* Gone since. */
		if (block_number(host, parts[i], &part, NULL) == 0 && part == device)
			add(disk, parts[i], line, wants);
	}
	return ret;
}

static int add_line(const struct host *host, const struct disks *disks,
		    const struct start_lines *lines, const struct start_line *line,
		    struct wants *wants, struct error *err)
{
	dev_t device;
	int ret = 0;

	if (!find_device(host, lines, line, &device))
		return 0;
	for (size_t i = 0; ret == 0 && i < disks->count; i++)
		ret = add_of_disk(host, &disks->disks[i], device, line, wants, err);
	return ret;
}

/* The systems look for a key of its name by themselves. */
static bool has_key(const struct host *host, const char *name)
{
	auto_free char *path = xasprintf("/etc/cryptsetup-keys.d/%s.key", name);
	struct stat status;

	return host_path_stat(host, path, &status, NULL) == 0;
}

/* One that the start waits for, if there is any. */
static void find_asked(const struct host *host, const struct start_lines *lines,
		       struct wants *wants)
{
	const struct start_line *found = NULL;

	for (size_t i = 0; i < lines->count; i++)
		if (lines->all[i].asks && !has_key(host, lines->all[i].name) &&
		    (!found || (found->spared && !lines->all[i].spared)))
			found = &lines->all[i];
	wants->asked = found ? text_escape(found->name) : NULL;
	wants->waits = found && !found->spared;
}

int wants_read(const struct host *host, const struct snapshot *snapshot, const char *cmdline,
	       struct wants *ret, struct error *err)
{
	cleanup(start_lines_done) struct start_lines lines = {0};
	cleanup(disks_done) struct disks disks = {0};
	cleanup(wants_done) struct wants wants = {0};
	int result;

	read_lines(host, "/etc/fstab", start_lines_fstab, &lines);
	read_lines(host, "/etc/crypttab", start_lines_crypttab, &lines);
	read_lines(host, "/etc/initramfs-tools/conf.d/resume", start_lines_resume_conf, &lines);
	start_lines_cmdline(cmdline, &lines);
	start_units_read(host, &lines);
	find_asked(host, &lines, &wants);
	result = disks_read(host, snapshot, &disks, err);
	for (size_t i = 0; result == 0 && i < lines.count; i++)
		result = add_line(host, &disks, &lines, &lines.all[i], &wants, err);
	if (result < 0)
		return result;
	*ret = wants;
	memset(&wants, 0, sizeof(wants));
	return 0;
}
