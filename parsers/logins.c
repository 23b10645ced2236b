// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How a login by ssh shows from outside: a connection in /proc/net/tcp, the sockets that the
 * server's processes have open, and what those call themselves while nobody is let in yet.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "parsers/remotes.h"

#define SSH_PORT 22
#define STATE_ESTABLISHED 0x01
#define STATE_LISTEN 0x0a

struct tcp_socket {
	struct inet local, remote;
	unsigned int port, state;
	unsigned long inode; /* 0: no process has it */
};

/* A socket that a process of an ssh server has open. */
struct owned {
	unsigned long inode;
	bool stranger; /* who is on the other side has not been let in */
};

struct sockets {
	struct tcp_socket *all;
	size_t count;
	struct owned *owned;
	size_t owned_count;
};

static void sockets_done(struct sockets *sockets)
{
	free(sockets->all);
	free(sockets->owned);
}

/* --- connections --- */

/* "0: LOCAL:PORT REMOTE:PORT STATE TX:RX TIMER:WHEN RETRIES UID TIMEOUT INODE ..." */
static bool parse_socket(const char *line, struct tcp_socket *ret)
{
	struct tcp_socket socket;
	char local[33], remote[33];

	if (sscanf(line,
		   "%*d: %32[0-9A-Fa-f]:%4x %32[0-9A-Fa-f]:%*x %2x %*x:%*x %*x:%*x %*x %*u %*d "
		   "%19lu",
		   local, &socket.port, remote, &socket.state, &socket.inode) != 5 ||
	    !inet_parse_words(local, &socket.local) || !inet_parse_words(remote, &socket.remote))
		return false;
	*ret = socket;
	return true;
}

static int read_sockets(const struct host *host, const char *path, struct sockets *sockets,
			struct error *err)
{
	auto_free char *table = NULL;
	char *at, *line;
	int ret = host_read_file(host, HOST_PROC, INET_FILE_MAX, &table, NULL, err, "%s", path);

	if (ret < 0)
		return ret == -ENOENT ? 0 : ret;
	for (at = table; (line = strsep(&at, "\n"));) {
		struct tcp_socket socket;

		/* The heading, and nothing behind the last line. */
		if (strstr(line, "local_address") || !*line)
			continue;
		if (!parse_socket(line, &socket))
			return error_set(err, EBADMSG, "/proc/%s: not a socket: %.64s", path, line);
		if (socket.state != STATE_ESTABLISHED && socket.state != STATE_LISTEN)
			continue;
		sockets->all = array_grow(sockets->all, sockets->count, sizeof(socket));
		sockets->all[sockets->count++] = socket;
	}
	return 0;
}

/* --- processes --- */

static bool is_server(const struct host *host, const char *pid)
{
	char comm[64];

	if (!isdigit((unsigned char)*pid) ||
	    host_read(host, HOST_PROC, comm, sizeof(comm), NULL, "%s/comm", pid) < 0)
		return false;
	/* sshd; from OpenSSH 9.8 on sshd-session and sshd-auth, too. */
	return text_starts(comm, "sshd") || strcmp(comm, "dropbear") == 0;
}

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), end_length = strlen(end);

	return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

/*
 * OpenSSH keeps a process without rights at the connection until somebody has proven who he is, and
 * titles it so: "sshd: alice [net]". That of a session is "sshd: alice@pts/0".
 */
static bool is_for_strangers(const struct host *host, const char *pid)
{
	char title[4096];

	if (host_read(host, HOST_PROC, title, sizeof(title), NULL, "%s/cmdline", pid) < 0)
		return false;
	return ends_with(title, " [net]") || ends_with(title, " [accepted]");
}

static void add_owned(struct sockets *sockets, unsigned long inode, bool stranger)
{
	for (size_t i = 0; i < sockets->owned_count; i++) {
		if (sockets->owned[i].inode == inode) {
			sockets->owned[i].stranger |= stranger;
			return;
		}
	}
	sockets->owned = array_grow(sockets->owned, sockets->owned_count, sizeof(*sockets->owned));
	sockets->owned[sockets->owned_count++] = (struct owned){inode, stranger};
}

/* A process that ended meanwhile, or does not show its descriptors, adds nothing. */
static void read_server(const struct host *host, const char *pid, struct sockets *sockets)
{
	cleanup(host_free_names) char **fds = NULL;
	bool strangers = is_for_strangers(host, pid);

	if (host_list(host, HOST_PROC, &fds, NULL, NULL, "%s/fd", pid) < 0)
		return;
	for (size_t i = 0; fds[i]; i++) {
		unsigned long inode;
		char target[64];

		if (host_read_link_name(host, HOST_PROC, target, sizeof(target), NULL, "%s/fd/%s",
					pid, fds[i]) == 0 &&
		    sscanf(target, "socket:[%19lu]", &inode) == 1)
			add_owned(sockets, inode, strangers);
	}
}

static int read_servers(const struct host *host, struct sockets *sockets, struct error *err)
{
	cleanup(host_free_names) char **pids = NULL;
	int ret = host_list(host, HOST_PROC, &pids, NULL, err, ".");

	if (ret < 0)
		return ret;
	for (size_t i = 0; pids[i]; i++)
		if (is_server(host, pids[i]))
			read_server(host, pids[i], sockets);
	return 0;
}

/* --- both together --- */

static const struct owned *find_owned(const struct sockets *sockets, unsigned long inode)
{
	for (size_t i = 0; i < sockets->owned_count; i++)
		if (sockets->owned[i].inode == inode)
			return &sockets->owned[i];
	return NULL;
}

static bool is_listened_to(const struct sockets *sockets, unsigned int port, bool by_server)
{
	for (size_t i = 0; i < sockets->count; i++) {
		const struct tcp_socket *socket = &sockets->all[i];

		if (socket->state == STATE_LISTEN && socket->port == port &&
		    (!by_server || find_owned(sockets, socket->inode)))
			return true;
	}
	return false;
}

static bool has_server_port(const struct sockets *sockets)
{
	for (size_t i = 0; i < sockets->count; i++)
		if (sockets->all[i].state == STATE_LISTEN &&
		    find_owned(sockets, sockets->all[i].inode))
			return true;
	return false;
}

/* From elsewhere, accepted, and to a port that takes connections. */
static bool may_be_login(const struct sockets *sockets, const struct tcp_socket *socket)
{
	return socket->state == STATE_ESTABLISHED && socket->inode != 0 &&
	       !inet_is_loopback(&socket->remote) && !inet_equal(&socket->remote, &socket->local) &&
	       (socket->port == SSH_PORT || is_listened_to(sockets, socket->port, false));
}

static bool is_login(const struct sockets *sockets, const struct tcp_socket *socket)
{
	const struct owned *owned = find_owned(sockets, socket->inode);

	if (!may_be_login(sockets, socket) || (owned && owned->stranger))
		return false;
	/* A server that systemd starts for each connection listens to nothing itself. */
	if (owned)
		return true;
	return has_server_port(sockets) ? is_listened_to(sockets, socket->port, true)
					: socket->port == SSH_PORT;
}

/* Asking all processes is for hosts where there is something to find. */
static bool any_candidate(const struct sockets *sockets)
{
	for (size_t i = 0; i < sockets->count; i++)
		if (may_be_login(sockets, &sockets->all[i]))
			return true;
	return false;
}

int logins_read(const struct host *host, struct remotes *remotes, struct error *err)
{
	cleanup(sockets_done) struct sockets sockets = {0};
	int ret = read_sockets(host, "net/tcp", &sockets, err);

	if (ret == 0)
		ret = read_sockets(host, "net/tcp6", &sockets, err);
	if (ret < 0 || !any_candidate(&sockets))
		return ret;
	ret = read_servers(host, &sockets, err);
	for (size_t i = 0; ret == 0 && i < sockets.count; i++) {
		const struct inet *peer = &sockets.all[i].remote;

		if (is_login(&sockets, &sockets.all[i]))
			remotes_add(remotes, USE_SSH, peer,
				    xasprintf("an ssh login from %s", INET(peer)));
	}
	return ret;
}
