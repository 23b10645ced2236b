/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/host.h"
#include "base/text.h"
#include "hostdevctl/output/output.h"
#include "model/guest.h"
#include "model/policy.h"

/*
 * What the files of "hostdevctl set" share: the guest whose policy is looked at or changed, and the
 * file of its own.
 */
struct set {
	struct host host;
	struct guest guest; /* has its name, and its policy if the XML is known */
	char *file, *shown; /* heap: the name of the guest's own file, and its path for people */
};

void set_done(struct set *set);

/*
 * Keeps others of this program from changing the files of guests until *ret_fd is closed; -1 where
 * there is no folder of them yet. Each holds it for an instant only, but anybody who may read the
 * folder can lock it too: after some seconds we go on without.
 */
int set_file_lock(const struct set *set, int *ret_fd, struct error *err);

/* The text of the guest's own file; *ret stays empty ("") where there is none. */
int set_file_read(const struct set *set, struct text *ret, struct error *err);

/* Replaces that file, whole or not at all; missing folders are made. */
int set_file_write(const struct set *set, const struct text *text, struct error *err);

/* Reads the policy in force. policy->origins gets where each setting stands. */
int set_policy_read(const struct set *set, struct policy *policy, struct error *err);

/* Prints the policy in force as a table: KEY, DEVICE, VALUE, FROM. */
extern const struct output_column set_columns[];
#define SET_COLUMNS 4
int set_show(const struct set *set, const struct output *output, struct error *err);
