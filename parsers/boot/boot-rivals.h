/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/boot.h"
#include "parsers/boot/boot-source.h"

/* Adds to boot->rivals what other tools and guides leave on a host. */
void boot_rivals_read(struct boot_source *source, struct boot *boot);
