/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tests/host/machine.h"

/*
 * The layout of sysfs as far as PCI goes: what is created, linked and removed when the kernel does
 * something. root is the descriptor of a made-up machine's root directory.
 */

/* "sys/devices/pci0000:00/0000:00:01.0/0000:01:00.0"; heap. */
char *sysfs_device_dir(const struct machine *machine, const struct machine_device *device);

void sysfs_add_device(int root, const struct machine *machine, const struct machine_device *device);
/* The links between a PF and its VFs, which need both. */
void sysfs_link_vfs(int root, const struct machine *machine, const struct machine_device *pf);
void sysfs_remove_device(int root, const struct machine *machine,
			 const struct machine_device *device);

/* The PCI domain of a volume management device, with a root bus that has this function. */
void sysfs_add_domain(int root, const struct machine *machine, const struct machine_device *vmd,
		      const struct machine_device *first);
void sysfs_remove_domain(int root, const struct machine *machine, const struct machine_device *vmd);

void sysfs_add_group(int root, const struct machine_group *group);
void sysfs_add_driver(int root, const struct machine_driver *driver);
void sysfs_remove_driver(int root, const struct machine_driver *driver);
void sysfs_add_module(int root, const char *name, bool builtin);
void sysfs_remove_module(int root, const char *name);

/* A device's driver; heap, NULL when none is bound. */
char *sysfs_bound(int root, const struct pci_addr *addr);
void sysfs_bind(int root, const struct machine *machine, const struct machine_device *device,
		const char *driver);
void sysfs_unbind(int root, const struct machine *machine, const struct machine_device *device,
		  const char *driver);

/* An attribute of a device. */
char *sysfs_get(int root, const struct pci_addr *addr, const char *attribute); /* heap or NULL */
void sysfs_set(int root, const struct pci_addr *addr, const char *attribute, const char *value);

/* A module's name as /sys/module spells it; heap. */
char *sysfs_module_name(const char *name);
