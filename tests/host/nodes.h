/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tests/host/kernel.h"

/*
 * What a bound driver makes of a device: class devices with their files below /dev and udev's
 * entries.
 */
void nodes_boot(struct testhost *host);
void nodes_bound(struct testhost *host, const struct machine_device *device, const char *driver);
void nodes_unbound(struct testhost *host, const struct machine_device *device, const char *driver);

dev_t node_number(const struct machine_node *node);
/* Is its file there now? */
bool node_exists(const struct testhost *host, const struct machine_node *node);
bool node_of(const struct machine_node *node, const struct machine_device *device,
	     const char *driver);
/* The node whose directory this is, or NULL; dir begins with "sys/". */
const struct machine_node *node_at(const struct testhost *host, const char *dir);
/* An event made up by a write; 0 or a positive errno. */
int node_event(struct testhost *host, const struct machine_node *node, const char *value);
/* Path of its entry in udev's database; heap. */
char *node_udev(const struct machine_node *node);
/* Those of a platform device that got bound, or unbound. */
void nodes_platform(struct testhost *host, const char *platform, bool bound);
