/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <sys/types.h>

#include "base/error.h"
#include "base/host.h"

/*
 * The process of the hook that works for a guest now, found by the engine's arguments; 0: there is
 * none. (Whether the guest itself runs, parsers/libvirt/qemu.h tells.)
 */
int guest_process_find(const struct host *host, const char *guest, pid_t *ret, struct error *err);
