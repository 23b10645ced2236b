// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where the other end of a network block device is. The kernel does not say; it names the process
 * that has connected it, whose sockets tell a server on another machine from one on this host, as
 * qemu-nbd is for an image in a file.
 */
#include "parsers/nbd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

#define STATE_ESTABLISHED 0x01

/* --- the sockets of a process --- */

struct inodes {
	unsigned long *all; /* heap */
	size_t count;
};

static void inodes_done(struct inodes *inodes)
{
	free(inodes->all);
}

static bool has_inode(const struct inodes *inodes, unsigned long inode)
{
	for (size_t i = 0; i < inodes->count; i++)
		if (inodes->all[i] == inode)
			return true;
	return false;
}

static void read_inodes(const struct host *host, int pid, struct inodes *inodes)
{
	cleanup(host_free_names) char **names = NULL;

	if (host_list(host, HOST_PROC, &names, NULL, NULL, "%d/fd", pid) < 0)
		return;
	for (size_t i = 0; names[i]; i++) {
		unsigned long inode;
		char target[64];

		if (host_read_link_name(host, HOST_PROC, target, sizeof(target), NULL, "%d/fd/%s",
					pid, names[i]) < 0 ||
		    sscanf(target, "socket:[%19lu]", &inode) != 1)
			continue;
		inodes->all = array_grow(inodes->all, inodes->count, sizeof(*inodes->all));
		inodes->all[inodes->count++] = inode;
	}
}

/* --- their connections --- */

/* "0: LOCAL:PORT REMOTE:PORT STATE TX:RX TIMER:WHEN RETRIES UID TIMEOUT INODE ..." */
static void add_connection(const char *line, const struct inodes *inodes, struct ways *ways)
{
	struct way way = {.has_address = true, .has_local = true};
	char local[33], remote[33];
	unsigned long inode;
	unsigned int state;

	if (sscanf(line,
		   "%*d: %32[0-9A-Fa-f]:%*x %32[0-9A-Fa-f]:%*x %2x %*x:%*x %*x:%*x %*x %*u %*d "
		   "%19lu",
		   local, remote, &state, &inode) == 4 &&
	    state == STATE_ESTABLISHED && has_inode(inodes, inode) &&
	    inet_parse_words(local, &way.local) && inet_parse_words(remote, &way.address))
		ways_add(ways, &way);
}

static void read_connections(const struct host *host, const char *path, const struct inodes *inodes,
			     struct ways *ways)
{
	auto_free char *table = NULL;
	char *at, *line;

	if (host_read_file(host, HOST_PROC, INET_FILE_MAX, &table, NULL, NULL, "%s", path) < 0)
		return;
	for (at = table; (line = strsep(&at, "\n"));)
		add_connection(line, inodes, ways);
}

/* A process of this name, and not another one that has got the number of one that has ended. */
static bool is_client(const struct host *host, int pid)
{
	char command[64];

	return host_read(host, HOST_PROC, command, sizeof(command), NULL, "%d/comm", pid) == 0 &&
	       strstr(command, "nbd");
}

bool nbd_read_ways(const struct host *host, const char *name, struct ways *ret)
{
	cleanup(inodes_done) struct inodes inodes = {0};
	const struct way unknown = {0};
	char text[32];
	int pid;

	if (host_read(host, HOST_SYS, text, sizeof(text), NULL, "class/block/%s/pid", name) < 0 &&
	    host_read(host, HOST_SYS, text, sizeof(text), NULL, "block/%s/pid", name) < 0)
		return false;
	if (sscanf(text, "%9d", &pid) != 1 || pid <= 0)
		return false;
	if (is_client(host, pid))
		read_inodes(host, pid, &inodes);
	if (inodes.count > 0) {
		read_connections(host, "net/tcp", &inodes, ret);
		read_connections(host, "net/tcp6", &inodes, ret);
		return ret->count > 0;
	}
	ways_add(ret, &unknown);
	return true;
}
