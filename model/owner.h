/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/host-owner.h"

/*
 * Whose a node below /dev is, as a word: "1000:36:660" is UID:GID:MODE, the mode in octal.
 */
#define OWNER_TEXT_SIZE 40

void owner_format(const struct host_owner *owner, char text[OWNER_TEXT_SIZE]);
/* Exactly what owner_format gives. */
bool owner_parse(const char *text, size_t length, struct host_owner *ret);
bool owner_equal(const struct host_owner *a, const struct host_owner *b);

/* A node of VFIO below /dev that was given to somebody, and whose it was. */
struct owned_node {
	char name[32]; /* "vfio/14", "vfio/devices/vfio0" */
	struct host_owner before, after;
};

/* "vfio/14 0:0:600 1000:36:660"; nothing else below /dev has a place there. */
bool owned_node_parse(const char *text, size_t length, struct owned_node *ret);
