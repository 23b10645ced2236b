/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tests/model/setup-world.h"

#define KERNEL "6.12-test" /* the one that runs */
#define OLDER "6.1-test"   /* where kernel-install writes the entries */
#define NEWER "6.18-test"  /* of which there is nothing at first */
#define MENU "/boot/grub/grub.cfg"
#define IMAGE "/boot/initrd.img-" KERNEL

#define ENTRIES "boot/efi/loader/entries"
/*
 * A plugin of kernel-install that is not ours. By its words it writes an entry of its own for each
 * kernel ("steady"), gives that the kernel's options ("derives"), writes one line more into all of
 * its entries ("appends") or into the one that is written by hand ("meddles"), leaves another entry
 * behind ("adds").
 */
#define OTHER_PLUGIN "etc/kernel/install.d/95-other.install"
/* Where it is, what builds images gives another name to them, and kernel-install to its copies. */
#define OTHER_BUILDER "etc/other-builder"

/* Does what the program would do; what it prints goes to said. ENOENT: it is not there. */
int programs_play(const struct world *world, char *const *argv, struct text *said,
		  struct error *err);

/* The menu and the images, as they are before anything is set up. */
void programs_build(const struct world *world);
/* "kernel-install add" of a kernel whose image is built. */
void programs_add_kernel(const struct world *world, const char *release);
/* What the removal of its package, with "kernel-install remove", takes away. */
void programs_remove_kernel(const struct world *world, const char *release);
/* What the entries' names begin with. Heap. */
char *programs_token(int root);
