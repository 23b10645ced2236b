/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tests/model/setup-world.h"

#define KERNEL "6.12-test"
#define MENU "/boot/grub/grub.cfg"
#define IMAGE "/boot/initrd.img-" KERNEL

/* Does what the program would do; what it prints goes to said. ENOENT: it is not there. */
int programs_play(const struct world *world, char *const *argv, struct text *said,
		  struct error *err);

/* The menu and the image, as they are before anything is set up. */
void programs_build(const struct world *world);
