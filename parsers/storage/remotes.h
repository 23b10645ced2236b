/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/host.h"
#include "model/guest.h"
#include "model/inet.h"
#include "model/use.h"

/* Something on this host that stands or falls with the way to another machine. */
struct remote {
	enum use_kind kind;
	bool has_address; /* false: there is another machine, and where is not known */
	struct inet address;
	bool has_local; /* it comes in at this address of our own */
	struct inet local;
	char *interface; /* heap: of our own, to which the connection is bound; NULL: to none */
	bool dead;       /* this way does not work now */
	char *thing; /* heap: remotes with the same kind and thing are ways to it; NULL: the only
			way */
	char *what;  /* heap: "an ssh login from 192.0.2.7" */
};

struct remotes {
	struct remote *all;
	size_t count;
};

void remotes_done(struct remotes *remotes);
#define auto_remotes cleanup(remotes_done)

/* address and local may be NULL; what is taken over. The same twice is one. */
void remotes_add(struct remotes *remotes, enum use_kind kind, const struct inet *address,
		 const struct inet *local, char *what);

/*
 * File systems and disks of other machines that this host uses: USE_NETWORK_ROOT for what it runs
 * from, USE_IMAGE for what the guest itself does, USE_NETWORK_MOUNT for all others.
 */
int remotes_read(const struct host *host, const struct guest *guest, struct remotes *remotes,
		 struct error *err);
