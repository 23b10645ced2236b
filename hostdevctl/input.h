/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/host.h"
#include "model/guest.h"
#include "parsers/libvirt/known-guests.h"

/*
 * The guest an argument speaks of: "-" is XML on stdin; what holds a slash or is an existing file
 * is a file of XML; anything else is the name, UUID or id of a guest, of which libvirt is asked,
 * or, where it does not answer and below root, the files in which it keeps its guests. *ret:
 * guest_done. A policy in it that is wrong is an error: what is asked for depends on it.
 */
int input_read_guest(const char *argument, const char *root, struct guest *ret, struct error *err);

/* The same where nothing depends on the guest's policy, which may be wrong. */
int input_read_definition(const char *argument, const char *root, struct guest *ret,
			  struct error *err);

/*
 * All guests, from libvirt's files; those that cannot be read are told on stderr. EACCES: only root
 * may. *ret: known_guests_done.
 */
int input_known_guests(const struct host *host, struct known_guests *ret, struct error *err);
