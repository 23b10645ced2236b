/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/host.h"
#include "model/boot.h"

/*
 * How this host boots. Nothing is run, and what is not there is no error; a file that is there and
 * may not be read (EACCES for who is not root) is one, as it could hold anything. *ret: boot_done.
 */
int boot_read(const struct host *host, struct boot *ret, struct error *err);
