/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <sys/types.h>

#include "base/error.h"
#include "base/host.h"

/*
 * The hook that is at work for a guest, by our engine's arguments; 0: none. Of the real machine or
 * a made-up one. Whether the guest runs is told by parsers/libvirt/qemu.h.
 */
int guest_process_find(const struct host *host, const char *guest, pid_t *ret, struct error *err);
