// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where each server inside the kernel (nvmet, LIO, the USB gadget, RNBD, SCST) shows what it
 * serves: folders of configfs or sysfs with the path of a device in one of their attributes.
 */
#include "parsers/storage/exports.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/host-file.h"
#include "base/text.h"
#include "base/worker-ask.h"
#include "parsers/storage/blocks.h"
#include "parsers/storage/peers.h"

#define TIMEOUT_MS 3000
#define ANSWER_MAX ((off_t)16 * 1024 * 1024)

void exports_done(struct exports *exports)
{
	for (size_t i = 0; i < exports->count; i++) {
		free(exports->all[i].by);
		free(exports->all[i].path);
	}
	free(exports->all);
	*exports = (struct exports){0};
}

static void add(struct exports *exports, const struct export *export)
{
	array_push(exports->all, exports->count, *export);
}

/* --- where a path leads --- */

struct export_look {
	const struct host *host;
	const struct mounts *mounts;
	struct exports exports;
};

static bool is_remote(const struct export_look *look, const char *path)
{
	size_t mount = mounts_find(look->mounts, path, MOUNT_NONE);
	auto_peers struct peers peers = {0};

	return mount != MOUNT_NONE &&
	       peers_of_mount(look->host, &look->mounts->mounts[mount], &peers);
}

static bool take_node(const struct stat *status, struct export *export)
{
	if (S_ISBLK(status->st_mode))
		export->kind = EXPORT_BLOCK;
	else if (S_ISCHR(status->st_mode))
		export->kind = EXPORT_CHAR;
	else
		return false;
	export->number = status->st_rdev;
	return true;
}

/* False for what is no device. */
static bool resolve(const struct export_look *look, const char *path, struct export *export)
{
	auto_free char *below = xasprintf("1/root%s", path);
	struct stat status;

	if (!text_starts(path, "/dev/"))
		/* As the kernel sees it; only root gets there. */
		return !is_remote(look, path) && look->host->fd[HOST_PROC] >= 0 &&
		       fstatat(look->host->fd[HOST_PROC], below, &status, 0) == 0 &&
		       take_node(&status, export);
	if (look->host->fd[HOST_DEV] >= 0 &&
	    fstatat(look->host->fd[HOST_DEV], path + strlen("/dev/"), &status, 0) == 0)
		return take_node(&status, export);
	export->kind =
		block_resolve(look->host, path, &export->number) ? EXPORT_BLOCK : EXPORT_GONE;
	return true;
}

/* by: copied. */
static void add_path(struct export_look *look, const char *by, const char *path)
{
	struct export export = {0};

	if (*path != '/' || !resolve(look, path, &export))
		return;
	export.by = xstrdup(by);
	export.path = xstrdup(path);
	add(&look->exports, &export);
}

/* --- what stands in a folder --- */

/* An attribute, its first line; "" where there is none. */
static int read_attr(const struct export_look *look, const char *folder, const char *name,
		     char *text, size_t size, struct error *err)
{
	return host_absent_is_empty(
		host_read(look->host, HOST_SYS, text, size, err, "%s/%s", folder, name), text);
}

/* Sets *ret to false where "enable" says so. */
static int read_enabled(const struct export_look *look, const char *folder, bool *ret,
			struct error *err)
{
	char text[16];
	int result = read_attr(look, folder, "enable", text, sizeof(text), err);

	*ret = strcmp(text, "0") != 0;
	return result;
}

static int read_path(struct export_look *look, const char *folder, const char *by,
		     const char *attribute, struct error *err)
{
	bool enabled;
	char path[4096];
	int ret = read_enabled(look, folder, &enabled, err);

	if (ret == 0)
		ret = read_attr(look, folder, attribute, path, sizeof(path), err);
	if (ret < 0)
		return ret;
	path[strcspn(path, "\n")] = '\0';
	if (enabled)
		add_path(look, by, path);
	return 0;
}

/* A device through whose memory a namespace is served. */
static int read_memory(struct export_look *look, const char *folder, const char *by,
		       struct error *err)
{
	struct export export = {.kind = EXPORT_MEMORY};
	bool enabled;
	char text[64];
	int ret = read_enabled(look, folder, &enabled, err);

	if (ret == 0)
		ret = read_attr(look, folder, "p2pmem", text, sizeof(text), err);
	if (ret < 0)
		return ret;
	if (!enabled || !pci_addr_parse(text, &export.addr))
		return 0;
	export.by = xstrdup(by);
	export.path = xstrdup(text);
	add(&look->exports, &export);
	return 0;
}

static int read_nvmet(struct export_look *look, const char *folder, const char *by,
		      struct error *err)
{
	int ret = read_path(look, folder, by, "device_path", err);

	return ret < 0 ? ret : read_memory(look, folder, by, err);
}

/* "Major: 8 Minor: 16", "TCM FILEIO ID: 0  File: /dev/sdb  Size: 512": what it really has open. */
static bool read_info(struct export_look *look, const char *by, char *info)
{
	const char *number = strstr(info, "Major: ");
	struct export export = {.kind = EXPORT_BLOCK};
	unsigned int major, minor;
	char *file = strstr(info, "File: ");

	if (number && sscanf(number, "Major: %9u Minor: %9u", &major, &minor) == 2) {
		export.number = makedev(major, minor);
		export.by = xstrdup(by);
		export.path = xstrdup("");
		add(&look->exports, &export);
		return true;
	}
	if (!file)
		return false;
	file += strlen("File: ");
	file[strcspn(file, " \n")] = '\0';
	add_path(look, by, file);
	return true;
}

static int read_lio(struct export_look *look, const char *folder, const char *by, struct error *err)
{
	bool enabled;
	char info[4096];
	int ret = read_enabled(look, folder, &enabled, err);

	if (ret < 0 || !enabled)
		return ret;
	ret = read_attr(look, folder, "info", info, sizeof(info), err);
	if (ret < 0)
		return ret;
	return read_info(look, by, info) ? 0 : read_path(look, folder, by, "udev_path", err);
}

static int read_gadget(struct export_look *look, const char *folder, const char *by,
		       struct error *err)
{
	return read_path(look, folder, by, "file", err);
}

static int read_scst(struct export_look *look, const char *folder, const char *by,
		     struct error *err)
{
	return read_path(look, folder, by, "filename", err);
}

static int read_rnbd(struct export_look *look, const char *folder, const char *by,
		     struct error *err)
{
	char name[HOST_NAME_SIZE];
	auto_free char *path = NULL;
	int ret = host_absent_is_empty(host_read_link_name(look->host, HOST_SYS, name, sizeof(name),
							   err, "%s/block_dev", folder),
				       name);

	if (ret < 0)
		return ret;
	path = xasprintf("/dev/%s", name);
	if (*name)
		add_path(look, by, path);
	return 0;
}

/* --- all servers --- */

static const struct server {
	const char *name, *root, *below; /* "*": each folder there */
	int (*read)(struct export_look *look, const char *folder, const char *by,
		    struct error *err);
} servers[] = {
	{"nvmet", "kernel/config/nvmet/subsystems", "*/namespaces/*", read_nvmet},
	{"nvmet", "kernel/config/nvmet/subsystems", "*/passthru", read_nvmet},
	{"LIO", "kernel/config/target/core", "*/*", read_lio},
	{"a USB gadget", "kernel/config/usb_gadget", "*/functions/mass_storage.*/lun.*",
	 read_gadget},
	{"RNBD", "class/rnbd-server/ctl/devices", "*", read_rnbd},
	{"SCST", "kernel/scst_tgt/devices", "*", read_scst},
};

static int walk(struct export_look *look, const struct server *server, const char *folder,
		const char *below, struct error *err);

static bool is_pattern(const char *component)
{
	return strchr(component, '*') != NULL;
}

/* Attributes stand among the folders. */
static bool is_folder(const struct export_look *look, const char *path)
{
	struct stat status;

	return fstatat(look->host->fd[HOST_SYS], path, &status, 0) == 0 && S_ISDIR(status.st_mode);
}

static int walk_all(struct export_look *look, const struct server *server, const char *folder,
		    const char *pattern, const char *rest, struct error *err)
{
	cleanup(host_free_names) char **names = NULL;
	struct error why = ERROR_INIT;
	int ret = host_list(look->host, HOST_SYS, &names, NULL, &why, "%s", folder);

	/* Not there, or gone meanwhile. */
	if (ret == -ENOENT)
		return 0;
	if (ret < 0 && err)
		*err = why;
	for (size_t i = 0; ret == 0 && names[i]; i++) {
		auto_free char *next = xasprintf("%s/%s", folder, names[i]);

		if (fnmatch(pattern, names[i], 0) == 0 && is_folder(look, next))
			ret = walk(look, server, next, rest, err);
	}
	return ret;
}

/* "nvmet as nqn.x/namespaces/1". */
static int read_folder(struct export_look *look, const struct server *server, const char *folder,
		       struct error *err)
{
	auto_free char *by = xasprintf("%s as %s", server->name, folder + strlen(server->root) + 1);

	return is_folder(look, folder) ? server->read(look, folder, by, err) : 0;
}

/* below: what is left of the server's pattern; NULL: the folder is one of those. */
static int walk(struct export_look *look, const struct server *server, const char *folder,
		const char *below, struct error *err)
{
	auto_free char *component = NULL, *next = NULL;
	const char *slash = below ? strchr(below, '/') : NULL, *rest = slash ? slash + 1 : NULL;

	if (!below)
		return read_folder(look, server, folder, err);
	component = slash ? xasprintf("%.*s", (int)(slash - below), below) : xstrdup(below);
	if (is_pattern(component))
		return walk_all(look, server, folder, component, rest, err);
	next = xasprintf("%s/%s", folder, component);
	return walk(look, server, next, rest, err);
}

/* --- by a child --- */

/* "KIND MAJOR:MINOR ADDRESS BY PATH", with tabs between. */
static char *format(const struct exports *exports)
{
	struct text text = TEXT_INIT;

	for (size_t i = 0; i < exports->count; i++) {
		const struct export *export = &exports->all[i];
		auto_free char *by = text_escape(export->by), *path = text_escape(export->path);

		text_printf(&text, "%d\t%u:%u\t%s\t%s\t%s\n", (int)export->kind,
			    major(export->number), minor(export->number), ADDR(&export->addr), by,
			    path);
	}
	return text_steal(&text);
}

static void parse_line(char *line, struct exports *exports)
{
	char *kind = strsep(&line, "\t"), *number = strsep(&line, "\t");
	char *address = strsep(&line, "\t"), *by = strsep(&line, "\t");
	struct export export = {0};
	unsigned int major, minor;

	if (!by || !line || sscanf(number, "%u:%u", &major, &minor) != 2)
		return;
	export.kind = (enum export_kind)atoi(kind);
	export.number = makedev(major, minor);
	if (!pci_addr_parse(address, &export.addr))
		return;
	export.by = xstrdup(by);
	export.path = xstrdup(line);
	add(exports, &export);
}

static int try_to_look(void *data, int answer, struct error *err)
{
	struct export_look *look = data;
	auto_free char *text = NULL;
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < sizeof(servers) / sizeof(*servers); i++)
		ret = walk(look, &servers[i], servers[i].root, servers[i].below, err);
	if (ret < 0)
		return ret;
	text = format(&look->exports);
	return worker_answer(answer, text, strlen(text), err);
}

static bool is_any(const struct host *host)
{
	struct stat status;

	/* What may not be looked at may be there. */
	for (size_t i = 0; i < sizeof(servers) / sizeof(*servers); i++)
		if (host_file_stat(host, HOST_SYS, &status, NULL, "%s", servers[i].root) != -ENOENT)
			return true;
	return false;
}

int exports_read(const struct host *host, const struct mounts *mounts, struct exports *ret,
		 struct error *err)
{
	auto_exports struct exports exports = {0};
	struct export_look look = {.host = host, .mounts = mounts};
	const struct worker_question question = {.ask = try_to_look,
						 .data = &look,
						 .timeout_ms = TIMEOUT_MS,
						 .silence = "what is exported is not told in time"};
	auto_free char *answer = NULL;
	char *at, *line;
	int result;

	if (!is_any(host))
		return 0;
	result = worker_ask(&question, &answer, NULL, err);
	if (result < 0)
		return result;
	for (at = answer; (line = strsep(&at, "\n"));)
		parse_line(line, &exports);
	*ret = exports;
	exports = (struct exports){0};
	return 0;
}
