/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"
#include "base/host.h"
#include "model/inet.h"
#include "parsers/storage/mounts.h"

/* The machines on which a file system or an image lies. None: they are not known. */
struct peers {
	struct inet *all; /* heap */
	size_t count;
};

void peers_done(struct peers *peers);
#define auto_peers cleanup(peers_done)

void peers_add(struct peers *peers, const struct inet *address);

/*
 * Adds the addresses in "HOST[:PORT],HOST...", whatever stands around them: "192.0.2.7:/srv",
 * "[2001:db8::7]:6789", "alice@192.0.2.7", "//192.0.2.7/share", "https://192.0.2.7/x",
 * "192.0.2.7@tcp". Of names only those in /etc/hosts are understood: no name server is asked.
 */
void peers_parse(const struct host *host, const char *text, struct peers *peers);

/*
 * Does the file system come over a network? Then *ret are its servers: peers_done. If this machine
 * is itself the server, it is one of them.
 */
bool peers_of_mount(const struct host *host, const struct mount *mount, struct peers *ret);
