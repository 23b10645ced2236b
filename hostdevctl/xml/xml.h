/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "generator/elements.h"
#include "generator/reserved.h"
#include "model/guest.h"
#include "model/snapshot.h"

/* What the files of "hostdevctl xml" share: what is asked for. */
struct xml_options {
	const char *root;    /* or NULL */
	const char *libvirt; /* the version that is meant; NULL: the one that runs */
	char **words;        /* what stands for the devices */
	int word_count;
	struct guest guest;     /* it names these devices, once they are found */
	struct text attributes; /* of the policy, as they stand in its element; empty: none */
	struct elements_wishes wishes;
	bool whole_group; /* the policy says so */
	bool group, json;
};
void xml_options_done(struct xml_options *options);

/* False: the command is over, with *ret_status. *options: zero before. */
bool xml_options_parse(int argc, char **argv, struct xml_options *options, int *ret_status);

/*
 * The devices that are to be named, with --group with all that can be named of their IOMMU groups.
 * What is not here or can never be a guest's is told on stderr; COMMAND_FAILED then.
 */
int xml_devices_choose(const struct xml_options *options, const struct snapshot *snapshot,
		       struct reserved *ret);

/* Tells on stderr what is in the same IOMMU groups and not named, and what is in none. */
void xml_devices_warn(const struct xml_options *options, const struct snapshot *snapshot,
		      const struct reserved *devices);
