/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "model/addr.h"

/*
 * A machine as reviewable text, one thing a line; "#" opens a comment. Words in brackets may be
 * left out, the value in the brackets is then the one that counts.
 *
 *   kernel 6.1.0-test                 release, names the directory of modules.alias
 *   boot 0d9e2c1e-...                 boot id
 *   iommu off                         no IOMMU groups at all
 *   bridge 0000:00:01.0 8086:1901 bus=01          ... and all that a device may have
 *   device 0000:01:00.0 10de:2204 [sub=0000:0000] [class=020000] [group=NONE] [driver=NONE]
 *          [match=<driver>] [override=NONE] [power=on] [d3cold=1] [status=active] [boot_vga]
 *          [sriov=TOTAL] (a PF; its enabled VFs are those that name it)
 *   vf 0000:03:10.0 8086:10ed of=0000:03:00.0     ... and all that a device may have
 *   group 14 [type=DMA-FQ] [name=NONE] [owned]    owned: some process has opened it for VFIO
 *   driver xhci_hcd module=xhci_pci [probe_power=NONE] [uses=MODULE,MODULE]
 *   driver pcieport builtin [module=NONE]
 *   module vfio-pci unloaded [registers=vfio-pci] [uses=vfio,...] [blacklisted]
 *   module vfio                                   loaded, with no PCI driver
 *   alias pci:v000010DEd...  nouveau              a line of modules.alias
 *   probe nouveau 0000:01:00.0 fails=EIO          what the driver's probe says to the device
 *   dir PATH · link PATH TARGET · file PATH       the lines after "file" that begin with a tab
 *                                                 are its content
 *
 * match= are the drivers whose id table has the device, best first; drivers of VFIO match by
 * driver_override alone and need not be there. A driver that devices are bound to and no line
 * describes comes from the module of its name; pcieport is built in.
 */
enum machine_role { ROLE_DEVICE, ROLE_BRIDGE, ROLE_VF };

struct machine_device {
	enum machine_role role;
	struct pci_addr addr, physfn;
	unsigned int vendor, product, subvendor, subproduct, class_code;
	int group;            /* -1: none */
	unsigned int bus;     /* behind a bridge */
	unsigned int sriov;   /* sriov_totalvfs; 0: not a PF */
	unsigned int num_vfs; /* counted from the vf lines */
	bool boot_vga;
	char *driver, *match, *override, *power, *d3cold, *status; /* heap; NULL: none */
};

struct machine_group {
	int number;
	char *type, *name;
	bool owned;
};

struct machine_driver {
	char *name, *module, *probe_power;
	bool builtin;
};

struct machine_module {
	char *name, *registers, *uses;
	bool unloaded, blacklisted, builtin;
};

struct machine_alias {
	char *pattern, *module;
};

struct machine_probe {
	char *driver;
	struct pci_addr addr;
	int code;
};

struct machine_file {
	enum { FILE_DIR, FILE_LINK, FILE_PLAIN } type;
	char *path, *data;
};

struct machine {
	char *kernel, *boot;
	bool iommu;
	struct machine_device *devices; /* sorted by address */
	size_t device_count;
	struct machine_group *groups;
	size_t group_count;
	struct machine_driver *drivers;
	size_t driver_count;
	struct machine_module *modules;
	size_t module_count;
	struct machine_alias *aliases;
	size_t alias_count;
	struct machine_probe *probes;
	size_t probe_count;
	struct machine_file *files;
	size_t file_count;
};

/* EBADMSG with the line's number for anything not described above. *ret: machine_done. */
int machine_parse(const char *text, struct machine *ret, struct error *err);
void machine_done(struct machine *machine);

/* NULL where there is none. Names of modules are compared with "-" and "_" alike. */
const struct machine_device *machine_device(const struct machine *machine,
					    const struct pci_addr *addr);
const struct machine_driver *machine_driver(const struct machine *machine, const char *name);
const struct machine_module *machine_module(const struct machine *machine, const char *name);
const struct machine_group *machine_group(const struct machine *machine, int number);

/* Is name in the comma-separated list? A NULL list is empty. */
bool list_has(const char *list, const char *name);
/* The next name of a comma-separated list into name; false at the end. */
bool list_next(const char **list, char *name, size_t size);
