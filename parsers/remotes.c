// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A list of what depends on other machines; and which file systems and disks of this host are
 * theirs.
 */
#include "parsers/remotes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

void remotes_done(struct remotes *remotes)
{
	for (size_t i = 0; i < remotes->count; i++)
		free(remotes->all[i].what);
	free(remotes->all);
	*remotes = (struct remotes){0};
}

static bool same_local(const struct remote *a, const struct remote *b)
{
	return a->has_local == b->has_local && (!a->has_local || inet_equal(&a->local, &b->local));
}

void remotes_add(struct remotes *remotes, enum use_kind kind, const struct inet *address,
		 const struct inet *local, char *what)
{
	struct remote remote = {
		.kind = kind, .has_address = address, .has_local = local, .what = what};

	if (address)
		remote.address = *address;
	if (local)
		remote.local = *local;
	for (size_t i = 0; i < remotes->count; i++) {
		const struct remote *other = &remotes->all[i];

		if (other->kind == kind && strcmp(other->what, what) == 0 &&
		    same_local(other, &remote)) {
			free(what);
			return;
		}
	}
	remotes->all = array_grow(remotes->all, remotes->count, sizeof(remote));
	remotes->all[remotes->count++] = remote;
}

/* --- the root file system --- */

static const char *const network_types[] = {"nfs", "nfs4", "cifs", "smb3"};

static bool is_network_type(const char *type)
{
	for (size_t i = 0; i < sizeof(network_types) / sizeof(*network_types); i++)
		if (strcmp(type, network_types[i]) == 0)
			return true;
	return false;
}

/* Without these the host does not run. */
static bool is_root(const char *mount_point)
{
	return strcmp(mount_point, "/") == 0 || strcmp(mount_point, "/usr") == 0;
}

/* The server's address, which the kernel puts among the options whatever was mounted. */
static bool find_address(char *options, struct inet *ret)
{
	char *option;

	while ((option = strsep(&options, ",")))
		if (text_starts(option, "addr="))
			return inet_parse(option + strlen("addr="), ret);
	return false;
}

/* "ID PARENT DEV ROOT POINT OPTIONS [TAGS...] - TYPE SOURCE OPTIONS" (proc_pid_mountinfo(5)). */
static void add_mount(struct remotes *remotes, char *line)
{
	char *dash = strstr(line, " - "), *point = NULL, *type, *source;
	struct inet address;
	bool known;

	if (!dash)
		return;
	*dash = '\0';
	for (int field = 0; field < 5; field++)
		point = strsep(&line, " ");
	dash += strlen(" - ");
	type = strsep(&dash, " ");
	source = strsep(&dash, " ");
	if (!point || !is_root(point) || !is_network_type(type) || !source || !dash)
		return;
	known = find_address(dash, &address);
	remotes_add(remotes, USE_NETWORK_ROOT, known ? &address : NULL, NULL,
		    xasprintf("the file system on %s (%s %s)", point, type, source));
}

static int read_mounts(const struct host *host, struct remotes *remotes, struct error *err)
{
	auto_free char *mounts = NULL;
	char *at, *line;
	int ret;

	/* As PID 1 sees it: who called the hook may have mounts of its own. */
	ret = host_read_file(host, HOST_PROC, INET_FILE_MAX, &mounts, NULL, err, "1/mountinfo");
	if (ret < 0)
		ret = host_read_file(host, HOST_PROC, INET_FILE_MAX, &mounts, NULL, err,
				     "self/mountinfo");
	if (ret < 0)
		return ret == -ENOENT ? 0 : ret;
	for (at = mounts; (line = strsep(&at, "\n"));)
		add_mount(remotes, line);
	return 0;
}

/* --- iSCSI --- */

static bool read_portal(const struct host *host, const char *connection, const char *attribute,
			struct inet *ret)
{
	char text[64];

	return host_read(host, HOST_SYS, text, sizeof(text), NULL, "class/iscsi_connection/%s/%s",
			 connection, attribute) == 0 &&
	       inet_parse(text, ret);
}

/* Any session counts: what is mounted, swapped to or stacked on its disks is not looked at here. */
static int read_iscsi(const struct host *host, struct remotes *remotes, struct error *err)
{
	cleanup(host_free_names) char **names = NULL;
	int ret = host_list(host, HOST_SYS, &names, NULL, err, "class/iscsi_connection");

	if (ret < 0)
		return ret == -ENOENT ? 0 : ret;
	for (size_t i = 0; names[i]; i++) {
		struct inet portal;
		bool known = read_portal(host, names[i], "address", &portal) ||
			     read_portal(host, names[i], "persistent_address", &portal);

		remotes_add(remotes, USE_NETWORK_ROOT, known ? &portal : NULL, NULL,
			    known ? xasprintf("the iSCSI disks of %s", INET(&portal))
				  : xasprintf("the iSCSI disks of %s", names[i]));
	}
	return 0;
}

int network_root_read(const struct host *host, struct remotes *remotes, struct error *err)
{
	int ret = read_mounts(host, remotes, err);

	return ret < 0 ? ret : read_iscsi(host, remotes, err);
}
