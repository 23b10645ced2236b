/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The files in shell/, as they are written to the host: what runs when it boots, when an image is
 * built and when a menu is made. They hold nothing that differs between hosts. Those with a
 * mode of 0755 are run, the others are read by who needs them.
 */

/*
 * Reserves devices before udev looks at them: those of hostdev.guest= on the kernel's command
 * line, else those of /etc/hostdev-hook/reserve in the image. A file for each builder of images:
 *   0755 /etc/initramfs-tools/scripts/init-top/00-hostdev-hook
 *   0644 /usr/lib/dracut/modules.d/01hostdev-hook/binder
 *   0755 /etc/hostdev-hook/binder                               (mkinitcpio)
 */
extern const char shell_binder[];

/* 0755 /etc/initramfs-tools/hooks/hostdev-hook: puts vfio-pci and the list into the image. */
extern const char shell_initramfs_tools_hook[];

/*
 * dracut's module, which is built in only where the third file asks for it:
 *   0755 /usr/lib/dracut/modules.d/01hostdev-hook/module-setup.sh
 *   0755 /usr/lib/dracut/modules.d/01hostdev-hook/hostdev-hook.sh
 *   0644 /etc/dracut.conf.d/90-hostdev-hook.conf
 */
extern const char shell_dracut_module_setup[];
extern const char shell_dracut_pre_udev[];
extern const char shell_dracut_conf[];

/*
 * mkinitcpio's, for images with busybox's init (the hook) and with systemd (the unit):
 *   0755 /etc/initcpio/install/hostdev-hook
 *   0755 /etc/initcpio/hooks/hostdev-hook
 *   0644 /etc/initcpio/hostdev-hook.service
 *   0644 /etc/mkinitcpio.conf.d/hostdev-hook.conf
 */
extern const char shell_mkinitcpio_install[];
extern const char shell_mkinitcpio_hook[];
extern const char shell_mkinitcpio_unit[];
extern const char shell_mkinitcpio_conf[];

/*
 * 0755 /etc/grub.d/12_hostdev-hook: a submenu for each choice of /etc/hostdev-hook/boot-choices,
 * made of what 10_linux prints. It prints nothing, one line on stderr, and exits 0, where that list
 * is damaged, not root's, or there is nothing to derive from. The list:
 *
 *   hostdev-hook boot-choices 1
 *   kernels 2                        the 2 newest; 0: all; 1,3: those ranks
 *   choice hostdev-all               id of the submenu, and what its entries' ids begin with
 *   title VFIO: all selected devices no quotes, "\", "$" or "`"
 *   words hostdev.guest=...          letters, digits, "._:,=+-", blanks between words
 *   choice ...
 */
extern const char shell_grub_menu[];

/* 0755 /etc/grub.d/99_hostdev-hook: where it is there, what the other prints comes from here. */
extern const char shell_grub_menu_last[];

/*
 * 0755 /etc/kernel/install.d/91-hostdev-hook.install: TOKEN-KERNEL-hostdev-N.conf for choice N of
 * the same list and each kernel that is added, and their end with the kernel; where attempts to
 * boot the kernel are counted, "TOKEN-KERNEL-hostdev-N+0.conf". "kernels" is not asked.
 */
extern const char shell_kernel_install[];
