// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What of this host depends on other machines: which of their file systems and disks it uses, for
 * what, and by which ways each is reached. Disks of theirs that nobody uses are none of that.
 */
#include "parsers/storage/remotes.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "base/text.h"
#include "parsers/storage/bases.h"
#include "parsers/storage/disk-holders.h"
#include "parsers/storage/disk-uses.h"
#include "parsers/storage/peers.h"
#include "parsers/storage/remote-disks.h"

void remotes_done(struct remotes *remotes)
{
	for (size_t i = 0; i < remotes->count; i++) {
		free(remotes->all[i].what);
		free(remotes->all[i].thing);
		free(remotes->all[i].interface);
	}
	free(remotes->all);
	*remotes = (struct remotes){0};
}

static bool same_address(bool has, const struct inet *one, bool has_other, const struct inet *other)
{
	return has == has_other && (!has || inet_equal(one, other));
}

static bool is_same(const struct remote *a, const struct remote *b)
{
	return a->kind == b->kind && strcmp(a->what, b->what) == 0 &&
	       text_equal(a->interface, b->interface) &&
	       same_address(a->has_address, &a->address, b->has_address, &b->address) &&
	       same_address(a->has_local, &a->local, b->has_local, &b->local);
}

/* remote: taken over. */
static void add(struct remotes *remotes, struct remote *remote)
{
	for (size_t i = 0; i < remotes->count; i++) {
		if (!is_same(&remotes->all[i], remote))
			continue;
		free(remote->what);
		free(remote->thing);
		free(remote->interface);
		return;
	}
	array_push(remotes->all, remotes->count, *remote);
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
	add(remotes, &remote);
}

/* All that is read of who uses what. */
struct remote_reader {
	const struct host *host;
	const struct guest *guest;
	struct remotes *remotes;
	struct disk_facts facts;
	struct bases bases;
};

static void remote_reader_done(struct remote_reader *reader)
{
	bases_done(&reader->bases);
	disk_facts_done(&reader->facts);
}

/* --- file systems --- */

/* thing: as it stands behind "the file system on / ("; what is below another is told as that. */
static char *describe(const struct mount *mount, const char *root)
{
	bool below = root && strcmp(root, mount->target) != 0;
	auto_free char *target = text_escape(mount->target);
	auto_free char *source = text_escape(mount->source);
	auto_free char *shown = root ? text_escape(root) : NULL;

	return below ? xasprintf("the file system on %s (%s %s) below %s", target, mount->type,
				 source, shown)
		     : xasprintf("the file system on %s (%s %s)", target, mount->type, source);
}

/* what: heap, taken over. */
static void add_peers(struct remote_reader *reader, enum use_kind kind, const struct peers *peers,
		      char *what)
{
	auto_free char *words = what;

	for (size_t i = 0; i < peers->count; i++)
		remotes_add(reader->remotes, kind, &peers->all[i], NULL, xstrdup(words));
	if (peers->count == 0)
		remotes_add(reader->remotes, kind, NULL, NULL, steal(&words));
}

static char *describe_image(const char *image, const char *where)
{
	auto_free char *shown = text_escape(image);

	return xasprintf("the image %s of this guest (%s)", shown, where);
}

/* The same once more, on another mount point: the one that the host runs from stands for all. */
static bool is_told(const struct remote_reader *reader, size_t index)
{
	const struct mount *mounts = reader->facts.backings.mounts.mounts;
	const struct base *bases = reader->bases.of_mounts;

	for (size_t i = 0; i < reader->facts.backings.mounts.count; i++) {
		bool better = bases[i].root && !bases[index].root;

		if (i != index && mounts[i].device == mounts[index].device &&
		    strcmp(mounts[i].type, mounts[index].type) == 0 &&
		    (better || (i < index && !bases[i].root == !bases[index].root)))
			return true;
	}
	return false;
}

static void add_mount(struct remote_reader *reader, size_t index)
{
	const struct mount *mount = &reader->facts.backings.mounts.mounts[index];
	const struct base *base = &reader->bases.of_mounts[index];
	auto_free char *where = NULL;
	auto_peers struct peers peers = {0};

	if (!peers_of_mount(reader->host, mount, &peers))
		return;
	where = xasprintf("%s %s", mount->type, mount->source);
	if (base->image)
		add_peers(reader, USE_IMAGE, &peers, describe_image(base->image, where));
	/* What is refused for the image needs no second reason of the same kind. */
	if ((base->root || !base->image || peers.count == 0) && !is_told(reader, index))
		add_peers(reader, base->root ? USE_NETWORK_ROOT : USE_NETWORK_MOUNT, &peers,
			  describe(mount, base->root));
}

/* --- disks --- */

/* what, thing: copied. */
static void add_way(struct remote_reader *reader, enum use_kind kind, const struct way *way,
		    const char *thing, const char *what)
{
	struct remote remote = {
		.kind = kind,
		.has_address = way->has_address,
		.address = way->address,
		.has_local = way->has_local,
		.local = way->local,
		.interface = xstrdup(way->interface),
		.dead = way->dead,
		.thing = xstrdup(thing),
		.what = xstrdup(what),
	};

	add(reader->remotes, &remote);
}

/* what: heap, taken over. */
static void add_ways(struct remote_reader *reader, enum use_kind kind,
		     const struct remote_disk *remote, const char *name, char *what)
{
	auto_free char *words = what;
	const char *thing = remote->multipath ? remote->multipath : name;

	if (remote->other_way)
		return;
	for (size_t i = 0; i < remote->ways.count; i++)
		add_way(reader, kind, &remote->ways.all[i], remote->all_needed ? NULL : thing,
			words);
}

static const struct disk_use *find_use(const struct disk *disk, enum use_kind kind)
{
	for (size_t i = 0; i < disk->use_count; i++)
		if (disk->uses[i].kind == kind)
			return &disk->uses[i];
	return NULL;
}

/* What the host runs from comes before all else. */
static const struct disk_use *choose_use(const struct disk *disk)
{
	const struct disk_use *chosen = NULL;

	for (size_t i = 0; i < disk->use_count; i++)
		if (disk->uses[i].kind != USE_IMAGE &&
		    (!chosen || (disk->uses[i].root && !chosen->root)))
			chosen = &disk->uses[i];
	return chosen;
}

static void add_disk(struct remote_reader *reader, const struct disk *disk,
		     const struct remote_disk *remote)
{
	const struct disk_use *image = find_use(disk, USE_IMAGE), *use = choose_use(disk);

	if (image)
		add_ways(reader, USE_IMAGE, remote, disk->name,
			 xasprintf("%s (%s), which %s", image->part, remote->protocol, image->how));
	if (use && (use->root || !image))
		add_ways(reader, use->root ? USE_NETWORK_ROOT : USE_NETWORK_MOUNT, remote,
			 disk->name,
			 xasprintf("the disk %s (%s), %s", use->part, remote->protocol, use->how));
}

static int add_disks(struct remote_reader *reader, struct error *err)
{
	auto_remote_disks struct remote_disks disks = {0};
	int ret = remote_disks_read(reader->host, &disks, err);

	if (ret < 0 || disks.disks.count == 0)
		return ret;
	disk_uses_read(reader->host, reader->guest, &reader->facts, &reader->bases, &disks.disks);
	disk_holders_read(reader->host, &disks.disks);
	for (size_t i = 0; i < disks.disks.count; i++)
		add_disk(reader, &disks.disks.disks[i], &disks.remote[i]);
	return 0;
}

/* A mount of a disk that sysfs does not show, or swap on it. */
static void add_node(struct remote_reader *reader, const char *node, const struct base *base,
		     char *how)
{
	cleanup(remote_disk_done) struct remote_disk remote = {0};
	auto_free char *words = how;

	if (!text_starts(node, "/dev/") || !remote_disk_by_node(reader->host, node, &remote))
		return;
	node += strlen("/dev/");
	if (base->image) {
		auto_free char *where = xasprintf("%s, %s", node, remote.protocol);

		add_ways(reader, USE_IMAGE, &remote, node, describe_image(base->image, where));
	}
	if (base->root || !base->image)
		add_ways(reader, base->root ? USE_NETWORK_ROOT : USE_NETWORK_MOUNT, &remote, node,
			 xasprintf("the disk %s (%s), %s", node, remote.protocol, words));
}

static void add_nodes(struct remote_reader *reader)
{
	const struct mounts *mounts = &reader->facts.backings.mounts;

	for (size_t i = 0; i < mounts->count; i++)
		add_node(reader, mounts->mounts[i].source, &reader->bases.of_mounts[i],
			 xasprintf("mounted on %s", mounts->mounts[i].target));
	for (size_t i = 0; i < mounts->swap_count; i++) {
		const struct base swap = {.root = "swap"};

		add_node(reader, mounts->swaps[i], &swap, xstrdup("swap"));
	}
}

/* --- NFS that is not mounted here --- */

static bool is_mounted(const struct remote_reader *reader, unsigned int minor)
{
	const struct mounts *mounts = &reader->facts.backings.mounts;

	for (size_t i = 0; i < mounts->count; i++)
		if (mounts->mounts[i].device == makedev(0, minor))
			return true;
	return false;
}

/* "NV SERVER PORT DEV FSID FSC": "v4 0a000005  801 0:50 0:0 no". */
static void add_volume(struct remote_reader *reader, const char *line)
{
	enum use_kind kind = reader->bases.hidden ? USE_NETWORK_ROOT : USE_NETWORK_MOUNT;
	char version[8], server[64];
	unsigned int minor, word;
	struct inet address;

	if (sscanf(line, "%7s %63s %*x 0:%u", version, server, &minor) != 3 ||
	    is_mounted(reader, minor))
		return;
	if (strlen(server) == 8 && sscanf(server, "%8x", &word) == 1)
		address = inet_v4(htonl(word));
	else if (!inet_parse_digits(server, &address))
		return;
	remotes_add(reader->remotes, kind, &address, NULL,
		    xasprintf("a file system of %s (NFS), mounted elsewhere", INET(&address)));
}

/* A container's mounts are its own; and those from which a root was built may be out of sight. */
static void add_volumes(struct remote_reader *reader)
{
	auto_free char *volumes = NULL;
	char *at, *line;

	if (host_read_file(reader->host, HOST_PROC, INET_FILE_MAX, &volumes, NULL, NULL,
			   "net/nfsfs/volumes") < 0)
		return;
	for (at = volumes; (line = strsep(&at, "\n"));)
		add_volume(reader, line);
}

/* --- the guest's own, that QEMU fetches itself --- */

/* "iscsi://192.0.2.7/...": domain-images.c writes them so. */
static void add_image(struct remote_reader *reader, const char *image)
{
	auto_peers struct peers peers = {0};
	auto_free char *shown = text_escape(image);

	if (image[0] == '/')
		return;
	peers_parse(reader->host, image, &peers);
	add_peers(reader, USE_IMAGE, &peers, xasprintf("the disk %s of this guest", shown));
}

/* --- all of it --- */

static int read_facts(struct remote_reader *reader, struct error *err)
{
	struct error why = ERROR_INIT;
	int ret = disk_facts_read(reader->host, reader->guest, &reader->facts, &why);

	/* A machine without a list of mounts has none of them. */
	if (ret == -ENOENT)
		return 0;
	if (ret < 0 && err)
		*err = why;
	return ret;
}

int remotes_read(const struct host *host, const struct guest *guest, struct remotes *remotes,
		 struct error *err)
{
	cleanup(remote_reader_done) struct remote_reader reader = {
		.host = host, .guest = guest, .remotes = remotes};
	int ret = read_facts(&reader, err);

	if (ret < 0)
		return ret;
	bases_read(host, guest, &reader.facts.backings, &reader.facts.loops, &reader.bases);
	for (size_t i = 0; i < reader.facts.backings.mounts.count; i++)
		add_mount(&reader, i);
	for (size_t i = 0; i < guest->image_count; i++)
		add_image(&reader, guest->images[i]);
	add_nodes(&reader);
	add_volumes(&reader);
	return add_disks(&reader, err);
}
