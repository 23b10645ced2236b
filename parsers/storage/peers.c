// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * By which types of file systems other machines' files come, and how each of them spells where its
 * servers are: among the options, or in the source. Names are never asked for on the network: the
 * answer could take minutes, or come over the very device that is to go.
 */
#include "parsers/storage/peers.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "base/trust.h"

#define HOSTS_MAX ((size_t)4 * 1024 * 1024)

void peers_done(struct peers *peers)
{
	free(peers->all);
	*peers = (struct peers){0};
}

void peers_add(struct peers *peers, const struct inet *address)
{
	for (size_t i = 0; i < peers->count; i++)
		if (inet_equal(&peers->all[i], address))
			return;
	array_push(peers->all, peers->count, *address);
}

/* --- hosts --- */

/* "ADDRESS NAME [NAME...] [# COMMENT]" (hosts(5)). */
static bool has_name(char *line, const char *name, struct inet *ret)
{
	char *word, *address = NULL;

	line[strcspn(line, "#")] = '\0';
	while ((word = strsep(&line, " \t"))) {
		if (!*word)
			continue;
		if (!address)
			address = word;
		else if (strcasecmp(word, name) == 0)
			return inet_parse(address, ret);
	}
	return false;
}

/* A link on some systems (NixOS); then only one that leads to a file of root's is followed. */
static int read_hosts(const struct host *host, struct text *ret)
{
	int result =
		host_read_file(host, HOST_ETC, HOSTS_MAX, &ret->data, &ret->length, NULL, "hosts");

	if (result == -ELOOP)
		result = trust_read_file(host->fd[HOST_ETC], "hosts", "/etc/hosts", HOSTS_MAX, ret,
					 NULL);
	return ret->data ? result : -ENOENT;
}

static void add_name(const struct host *host, const char *name, struct peers *peers)
{
	auto_text struct text table = TEXT_INIT;
	char *at, *line;
	struct inet address;

	if (read_hosts(host, &table) < 0)
		return;
	for (at = table.data; (line = strsep(&at, "\n"));)
		if (has_name(line, name, &address))
			peers_add(peers, &address);
}

static void add_host(const struct host *host, const char *name, struct peers *peers)
{
	struct inet address;

	if (inet_parse(name, &address))
		peers_add(peers, &address);
	else if (*name)
		add_name(host, name, peers);
}

/* One of them, without what stands in front of the host and behind it. */
static void parse_one(const struct host *host, char *text, struct peers *peers)
{
	char *scheme = strstr(text, "://"), *end, *user;
	struct inet address;

	if (scheme)
		text = scheme + strlen("://");
	else if (text_starts(text, "//"))
		text += 2;
	else if (text_starts(text, "mfs#"))
		text += strlen("mfs#");
	/* Without brackets nothing can stand behind an address with colons. */
	if (inet_parse(text, &address)) {
		peers_add(peers, &address);
		return;
	}
	/* A user is in front; what Lustre has behind "@" is the kind of network. */
	end = text + strcspn(text, "/");
	user = memchr(text, '@', (size_t)(end - text));
	if (user && strcspn(text, ":[") > (size_t)(user - text)) {
		*user = '\0';
		if (inet_parse(text, &address)) {
			peers_add(peers, &address);
			return;
		}
		text = user + 1;
	}
	if (*text == '[') {
		text++;
		text[strcspn(text, "]")] = '\0';
	} else {
		text[strcspn(text, ":/")] = '\0';
	}
	add_host(host, text, peers);
}

void peers_parse(const struct host *host, const char *text, struct peers *peers)
{
	auto_free char *all = xstrdup(text);
	char *rest = all, *one;

	while ((one = strsep(&rest, ",")))
		parse_one(host, one, peers);
}

/* --- file systems --- */

enum spelling {
	IN_ADDR,   /* the option "addr=", else the source */
	IN_SOURCE, /* the source */
	IN_MON,    /* the option "mon_addr=", with "/" between several; else the source */
	IN_TRANS,  /* the source, if the option "trans=" names a network */
	NOWHERE,   /* not told, or only one of many servers */
};

static const struct {
	const char *type;
	enum spelling spelling;
} types[] = {
	{"nfs", IN_ADDR},
	{"nfs4", IN_ADDR},
	{"cifs", IN_ADDR},
	{"smb3", IN_ADDR},
	{"smbfs", IN_SOURCE},
	{"ncpfs", IN_SOURCE},
	{"ceph", IN_MON},
	{"9p", IN_TRANS},
	{"lustre", IN_SOURCE},
	{"glusterfs", IN_SOURCE},
	{"pvfs2", IN_SOURCE},
	{"orangefs", IN_SOURCE},
	{"beegfs", NOWHERE},
	{"afs", NOWHERE},
	{"coda", NOWHERE},
	{"gpfs", NOWHERE},
	{"fuse.sshfs", IN_SOURCE},
	{"fuse.glusterfs", IN_SOURCE},
	{"fuse.curlftpfs", IN_SOURCE},
	{"fuse.nfs", IN_SOURCE},
	{"fuse.mfs", IN_SOURCE},
	{"fuse.moosefs", IN_SOURCE},
	{"fuse.lizardfs", IN_SOURCE},
	{"fuse.saunafs", IN_SOURCE},
	{"fuse.ceph", NOWHERE},
	{"fuse.ceph-fuse", NOWHERE},
	{"fuse.rclone", NOWHERE},
	{"fuse.s3fs", NOWHERE},
	{"fuse.goofys", NOWHERE},
	{"fuse.mountpoint-s3", NOWHERE},
	{"fuse.gcsfuse", NOWHERE},
	{"fuse.blobfuse", NOWHERE},
	{"fuse.blobfuse2", NOWHERE},
	{"fuse.juicefs", NOWHERE},
	{"fuse.seaweedfs", NOWHERE},
	{"fuse.smbnetfs", NOWHERE},
	{"fuse.cvmfs2", NOWHERE},
	{"fuse.davfs2", NOWHERE},
};

/* "nas:/srv", "10.0.0.5:9421", "mfs#nas:9421". */
static bool has_server(const char *source)
{
	const char *colon = strchr(source, ':');

	return colon && (colon[1] == '/' || isdigit((unsigned char)colon[1]));
}

/* A program's file system whose type is not known, with a source like "alice@nas:/srv". */
static bool looks_remote(const struct mount *mount)
{
	const char *source = mount->source;

	if (!text_starts(mount->type, "fuse") || text_starts(mount->type, "fuse.mergerfs") ||
	    text_starts(mount->type, "fuseblk") || *source == '/')
		return false;
	return strstr(source, "://") || has_server(source);
}

static bool find_spelling(const struct mount *mount, enum spelling *ret)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (text_equal(mount->type, types[i].type)) {
			*ret = types[i].spelling;
			return true;
		}
	*ret = IN_SOURCE;
	return looks_remote(mount);
}

/* The value of "KEY=" among the options; heap or NULL. */
static char *find_option(const struct mount *mount, const char *key)
{
	auto_free char *options = xstrdup(mount->options);
	char *rest = options, *option;

	while ((option = strsep(&rest, ",")))
		if (text_starts(option, key))
			return xstrdup(option + strlen(key));
	return NULL;
}

static void add_monitors(const struct host *host, char *list, struct peers *peers)
{
	char *one;

	while ((one = strsep(&list, "/")))
		peers_parse(host, one, peers);
}

/* Of 9p: virtio, xen and descriptors lead to no network. */
static bool is_by_network(const struct mount *mount)
{
	auto_free char *transport = find_option(mount, "trans=");

	return text_equal(transport, "tcp") || text_equal(transport, "rdma");
}

/* A server on this host as the entrance to a cluster tells nothing of where the data are. */
static void forget_own(struct peers *peers)
{
	for (size_t i = 0; i < peers->count; i++)
		if (inet_is_loopback(&peers->all[i]))
			peers->count = 0;
}

bool peers_of_mount(const struct host *host, const struct mount *mount, struct peers *ret)
{
	auto_free char *option = NULL;
	enum spelling spelling;

	*ret = (struct peers){0};
	if (!find_spelling(mount, &spelling) || (spelling == IN_TRANS && !is_by_network(mount)))
		return false;
	if (spelling == IN_ADDR)
		option = find_option(mount, "addr=");
	if (spelling == IN_MON)
		option = find_option(mount, "mon_addr=");
	if (option)
		add_monitors(host, option, ret);
	if (ret->count == 0 && spelling != NOWHERE)
		peers_parse(host, mount->source, ret);
	if (strstr(mount->type, "glusterfs"))
		forget_own(ret);
	return true;
}
