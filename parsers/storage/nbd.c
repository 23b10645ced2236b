// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where the other end of a network block device is. The kernel does not say; it names the process
 * that has connected it, whose sockets tell a server on another machine from one on this host, as
 * qemu-nbd is for an image in a file. Tests: unit/test-remote-disks.c.
 */
#include "parsers/storage/nbd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

#define STATE_ESTABLISHED 0x01
#define STATUS_MAX ((size_t)64 * 1024)

/* --- the sockets of a process --- */

struct sock {
	unsigned long inode;
	bool is_own; /* its other end is on this host */
};

struct socks {
	struct sock *all; /* heap */
	size_t count;
};

static void socks_done(struct socks *socks)
{
	free(socks->all);
}

static struct sock *find_sock(const struct socks *socks, unsigned long inode)
{
	for (size_t i = 0; i < socks->count; i++)
		if (socks->all[i].inode == inode)
			return &socks->all[i];
	return NULL;
}

static bool are_own(const struct socks *socks)
{
	for (size_t i = 0; i < socks->count; i++)
		if (!socks->all[i].is_own)
			return false;
	return true;
}

static void read_socks(const struct host *host, int pid, struct socks *socks)
{
	cleanup(host_free_names) char **names = NULL;

	if (host_list(host, HOST_PROC, &names, NULL, NULL, "%d/fd", pid) < 0)
		return;
	for (size_t i = 0; names[i]; i++) {
		struct sock sock = {.is_own = false};
		char target[64];

		if (host_read_link_name(host, HOST_PROC, target, sizeof(target), NULL, "%d/fd/%s",
					pid, names[i]) < 0 ||
		    sscanf(target, "socket:[%19lu]", &sock.inode) != 1)
			continue;
		array_push(socks->all, socks->count, sock);
	}
}

/* --- their connections --- */

struct nbd_search {
	struct socks socks;
	struct ways *ways;
};

/* "0: LOCAL:PORT REMOTE:PORT STATE TX:RX TIMER:WHEN RETRIES UID TIMEOUT INODE ..." */
static void take_connection(const char *line, struct nbd_search *search)
{
	struct way way = {.has_address = true, .has_local = true};
	char local[33], remote[33];
	unsigned long inode;
	unsigned int state;
	struct sock *sock;

	if (sscanf(line,
		   "%*d: %32[0-9A-Fa-f]:%*x %32[0-9A-Fa-f]:%*x %2x %*x:%*x %*x:%*x %*x %*u %*d "
		   "%19lu",
		   local, remote, &state, &inode) != 4)
		return;
	sock = find_sock(&search->socks, inode);
	if (!sock || state != STATE_ESTABLISHED || !inet_parse_words(local, &way.local) ||
	    !inet_parse_words(remote, &way.address))
		return;
	if (inet_is_loopback(&way.address))
		sock->is_own = true;
	else
		ways_add(search->ways, &way);
}

/* "NUMBER: REFERENCES PROTOCOL FLAGS TYPE STATE INODE [PATH]" */
static void take_unix(const char *line, struct nbd_search *search)
{
	unsigned long inode;
	struct sock *sock;

	if (sscanf(line, "%*[0-9A-Fa-f]: %*x %*x %*x %*x %*x %19lu", &inode) != 1)
		return;
	sock = find_sock(&search->socks, inode);
	if (sock)
		sock->is_own = true;
}

static void read_table(const struct host *host, const char *path,
		       void (*take)(const char *line, struct nbd_search *search),
		       struct nbd_search *search)
{
	auto_free char *table = NULL;
	char *at, *line;

	if (host_read_file(host, HOST_PROC, INET_FILE_MAX, &table, NULL, NULL, "%s", path) < 0)
		return;
	for (at = table; (line = strsep(&at, "\n"));)
		take(line, search);
}

/*
 * A process of this name of root's, and not another one that has got the number of one that has
 * ended: any user can have one of this name with what sockets he likes.
 */
static bool is_client(const struct host *host, int pid)
{
	auto_free char *status = NULL;
	unsigned int real, effective;
	char command[64];
	const char *line;

	if (host_read(host, HOST_PROC, command, sizeof(command), NULL, "%d/comm", pid) < 0 ||
	    !strstr(command, "nbd") ||
	    host_read_file(host, HOST_PROC, STATUS_MAX, &status, NULL, NULL, "%d/status", pid) < 0)
		return false;
	line = strstr(status, "\nUid:");
	return line && sscanf(line, "\nUid: %u %u", &real, &effective) == 2 && real == 0 &&
	       effective == 0;
}

static void read_client(const struct host *host, int pid, struct nbd_search *search)
{
	read_socks(host, pid, &search->socks);
	read_table(host, "net/tcp", take_connection, search);
	read_table(host, "net/tcp6", take_connection, search);
	read_table(host, "net/unix", take_unix, search);
}

bool nbd_read_ways(const struct host *host, const char *name, struct ways *ret)
{
	const struct way unknown = {0};
	struct nbd_search search = {.ways = ret};
	char text[32];
	bool is_own;
	int pid;

	if (host_read(host, HOST_SYS, text, sizeof(text), NULL, "class/block/%s/pid", name) < 0 &&
	    host_read(host, HOST_SYS, text, sizeof(text), NULL, "block/%s/pid", name) < 0)
		return false;
	if (sscanf(text, "%9d", &pid) != 1 || pid <= 0)
		return false;
	if (is_client(host, pid))
		read_client(host, pid, &search);
	/* A socket of another network namespace, say, is in none of the tables. */
	is_own = search.socks.count > 0 && are_own(&search.socks);
	socks_done(&search.socks);
	if (ret->count == 0 && !is_own)
		ways_add(ret, &unknown);
	return ret->count > 0;
}
