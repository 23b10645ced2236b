/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "model/guest.h"

/*
 * The guest an argument speaks of: "-" is XML on stdin; what holds a slash or is an existing file
 * is a file of XML; anything else is a name libvirt knows, unless root is set (a made-up machine
 * has no libvirt). *ret: guest_done.
 */
int input_read_guest(const char *argument, const char *root, struct guest *ret, struct error *err);
