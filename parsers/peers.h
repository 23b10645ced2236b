/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"
#include "base/host.h"
#include "parsers/inet.h"
#include "parsers/mounts.h"

/* The other machines that something lies on. None: they are not known. */
struct peers {
	struct inet *all; /* heap */
	size_t count;
};

void peers_done(struct peers *peers);
#define auto_peers cleanup(peers_done)

void peers_add(struct peers *peers, const struct inet *address);

/*
 * The addresses in "HOST[:PORT],HOST..." with whatever stands behind them: "192.0.2.7:/srv",
 * "[2001:db8::7]:6789", "alice@192.0.2.7", "//192.0.2.7/share", "https://192.0.2.7/x",
 * "192.0.2.7@tcp". Names count where /etc/hosts has them; nobody is asked for others.
 */
void peers_parse(const struct host *host, const char *text, struct peers *peers);

/*
 * Is the file system another machine's? Then *ret are its servers: peers_done. One from this
 * machine's own server has it as its peer.
 */
bool peers_of_mount(const struct host *host, const struct mount *mount, struct peers *ret);
