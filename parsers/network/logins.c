// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How a login by ssh shows from outside: a connection in /proc/net/tcp, the sockets that the
 * server's processes have open, and what those call themselves while nobody is let in yet.
 */
#include "parsers/network/logins.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/worker-ask.h"

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
	struct tcp_socket *listening;
	size_t listening_count;
	struct tcp_socket *connected;
	size_t connected_count;
	struct owned *owned;
	size_t owned_count;
};

static void sockets_done(struct sockets *sockets)
{
	free(sockets->listening);
	free(sockets->connected);
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

static void add_socket(struct tcp_socket **sockets, size_t *count, const struct tcp_socket *socket)
{
	*sockets = array_grow(*sockets, *count, sizeof(*socket));
	(*sockets)[(*count)++] = *socket;
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
		if (socket.state == STATE_LISTEN)
			add_socket(&sockets->listening, &sockets->listening_count, &socket);
		else if (socket.state == STATE_ESTABLISHED)
			add_socket(&sockets->connected, &sockets->connected_count, &socket);
	}
	return 0;
}

/* --- processes --- */

#define COMM_SIZE 64

static bool is_server(const struct host *host, const char *pid, char comm[COMM_SIZE])
{
	if (!isdigit((unsigned char)*pid) ||
	    host_read(host, HOST_PROC, comm, COMM_SIZE, NULL, "%s/comm", pid) < 0)
		return false;
	/* sshd; from OpenSSH 9.8 on sshd-session and, later, sshd-auth, too. */
	return text_starts(comm, "sshd") || strcmp(comm, "dropbear") == 0;
}

/*
 * OpenSSH keeps a process without rights at the connection until somebody has proven who he is:
 * "sshd-auth", or one that titles itself "sshd: alice [net]". That of a session is titled
 * "sshd: alice@pts/0".
 */
static bool has_title_for_strangers(const struct host *host, const char *pid)
{
	char title[4096];

	if (host_read(host, HOST_PROC, title, sizeof(title), NULL, "%s/cmdline", pid) < 0)
		return false;
	return text_ends(title, " [net]") || text_ends(title, " [accepted]");
}

struct server {
	char *pid;
	bool strangers;
};

struct servers {
	struct server *all;
	size_t count;
};

static void servers_done(struct servers *servers)
{
	for (size_t i = 0; i < servers->count; i++)
		free(servers->all[i].pid);
	free(servers->all);
}

/* The titles stand in the processes' memory, which may keep its reader for ever. */
#define TITLES_TIMEOUT_MS 3000

struct title_reading {
	const struct host *host;
	const struct servers *servers;
};

/* Answers a byte for each server. */
static int read_titles(void *data, int answer, struct error *err)
{
	const struct title_reading *reading = data;
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < reading->servers->count; i++) {
		bool strangers =
			has_title_for_strangers(reading->host, reading->servers->all[i].pid);

		ret = worker_answer(answer, &strangers, 1, err);
	}
	return ret;
}

/* Where none is known in time, who is at the connection counts as let in. */
static void ask_titles(const struct host *host, struct servers *servers)
{
	struct title_reading reading = {host, servers};
	const struct worker_question question = {
		.ask = read_titles, .data = &reading, .timeout_ms = TITLES_TIMEOUT_MS};
	auto_free char *answer = NULL;
	size_t length;

	if (servers->count == 0)
		return;
	worker_ask(&question, &answer, &length, NULL);
	for (size_t i = 0; i < length && i < servers->count; i++)
		servers->all[i].strangers |= answer[i] != 0;
}

static void add_owned(struct sockets *sockets, unsigned long inode, bool stranger)
{
	array_push(sockets->owned, sockets->owned_count, (struct owned){inode, stranger});
}

static int compare_owned(const void *a, const void *b)
{
	const struct owned *first = a, *second = b;

	return (first->inode > second->inode) - (first->inode < second->inode);
}

/* In the order of their numbers, and each once: a server's processes share a connection. */
static void sort_owned(struct sockets *sockets)
{
	struct owned *owned = sockets->owned;
	size_t count = 0;

	if (sockets->owned_count == 0)
		return;
	qsort(owned, sockets->owned_count, sizeof(*owned), compare_owned);
	for (size_t i = 1; i < sockets->owned_count; i++) {
		if (owned[i].inode == owned[count].inode)
			owned[count].stranger |= owned[i].stranger;
		else
			owned[++count] = owned[i];
	}
	sockets->owned_count = count + 1;
}

/* A process that ended meanwhile, or does not show its descriptors, adds nothing. */
static void read_server(const struct host *host, const char *pid, bool strangers,
			struct sockets *sockets)
{
	cleanup(host_free_names) char **fds = NULL;

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

static int list_servers(const struct host *host, struct servers *servers, struct error *err)
{
	cleanup(host_free_names) char **pids = NULL;
	int ret = host_list(host, HOST_PROC, &pids, NULL, err, ".");

	for (size_t i = 0; ret == 0 && pids[i]; i++) {
		char comm[COMM_SIZE];

		if (!is_server(host, pids[i], comm))
			continue;
		array_push(servers->all, servers->count,
			   (struct server){.pid = xstrdup(pids[i]),
					   .strangers = strcmp(comm, "sshd-auth") == 0});
	}
	return ret;
}

static int read_servers(const struct host *host, struct sockets *sockets, struct error *err)
{
	cleanup(servers_done) struct servers servers = {0};
	int ret = list_servers(host, &servers, err);

	if (ret < 0)
		return ret;
	ask_titles(host, &servers);
	for (size_t i = 0; i < servers.count; i++)
		read_server(host, servers.all[i].pid, servers.all[i].strangers, sockets);
	sort_owned(sockets);
	return 0;
}

/* --- both together --- */

static const struct owned *find_owned(const struct sockets *sockets, unsigned long inode)
{
	const struct owned wanted = {.inode = inode};

	return sockets->owned_count == 0 ? NULL
					 : bsearch(&wanted, sockets->owned, sockets->owned_count,
						   sizeof(wanted), compare_owned);
}

static bool is_listened_to(const struct sockets *sockets, unsigned int port, bool by_server)
{
	for (size_t i = 0; i < sockets->listening_count; i++) {
		const struct tcp_socket *socket = &sockets->listening[i];

		if (socket->port == port && (!by_server || find_owned(sockets, socket->inode)))
			return true;
	}
	return false;
}

static bool has_server_port(const struct sockets *sockets)
{
	for (size_t i = 0; i < sockets->listening_count; i++)
		if (find_owned(sockets, sockets->listening[i].inode))
			return true;
	return false;
}

/* From elsewhere, accepted, and to a port that takes connections. */
static bool may_be_login(const struct sockets *sockets, const struct tcp_socket *socket)
{
	return socket->inode != 0 && !inet_is_loopback(&socket->remote) &&
	       !inet_equal(&socket->remote, &socket->local) &&
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
	for (size_t i = 0; i < sockets->connected_count; i++)
		if (may_be_login(sockets, &sockets->connected[i]))
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
	for (size_t i = 0; ret == 0 && i < sockets.connected_count; i++) {
		const struct inet *peer = &sockets.connected[i].remote;

		if (is_login(&sockets, &sockets.connected[i]))
			remotes_add(remotes, USE_SSH, peer, &sockets.connected[i].local,
				    xasprintf("an ssh login from %s", INET(peer)));
	}
	return ret;
}
