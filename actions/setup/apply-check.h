/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "actions/setup/apply.h"

/*
 * Looks whether what a "check" step names is as it must be; EINVAL or what the program that was
 * asked ended with says what is not.
 *   shell:PATH
 *       a shell can read the file
 *   menu-base:PROGRAM,MENU
 *       what this grub-mkconfig writes now is kept for the next one to compare with; no entry
 *       of the menu that is there may be missing in it
 *   menu:PROGRAM,MENU
 *       what it writes now: model/grub-menu.h, and that the same entry is started by itself:
 *       model/grub-default.h
 *   image:KIND,[holds=FILE,]...IMAGE[=builtin|=without],...
 *       each image has the binder before udev, vfio-pci where its kernel has that as a module,
 *       and the files, which are paths of the host without the first slash
 *   options:FILE
 *       modprobe(8) reads each line of this file of options
 *   entries-base:ROOT,TOKEN
 *       as menu-base, of the entries of kernel-install
 *   entries:ROOT,TOKEN
 *       what they are now: actions/setup/apply-entries.h
 */
int apply_check(struct apply *apply, const char *target, struct error *err);

/* Does the set-up have images checked, which then hold the binder? */
bool apply_checks_images(const struct setup *setup);

/*
 * After the images were built anew when a set-up is taken back: those that its own checks name, and
 * that are still there, must be without the binder; EINVAL names one that is not. Where
 * apply->images_stay they may hold it. *ret_note, where one could not be looked at, is a constant.
 */
int apply_check_gone(struct apply *apply, const char **ret_note, struct error *err);

/*
 * Is none of the images there that the set-up's checks name, nor any other that may have come in
 * their place? ENXIO says so. What is not there is not free: it may only not be mounted.
 */
int apply_check_images_there(const struct apply *apply, struct error *err);

/*
 * Where nobody is there who writes the menu anew: has the one that the set-up's checks name still
 * what it has put there, or is it not there? EINVAL and ENXIO say so.
 */
int apply_check_menu_gone(struct apply *apply, struct error *err);

/* Removes what checks that were cut short have left below /var/lib. */
void apply_check_forget(struct apply *apply);
