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
 *          [numa=-1] [reset=NONE] (flr,bus: the kernel's reset_method, separated by commas)
 *          [bar0=START-END] (in hex; the rest of "resource" is empty)
 *          The functions of a PCI domain above ffff stand below the device of the driver "vmd" in
 *          their group (or the only one there is), and are there while that driver is bound.
 *   vf 0000:03:10.0 8086:10ed of=0000:03:00.0     ... and all that a device may have
 *   group 14 [type=DMA-FQ] [name=NONE] [owned]    owned: some process has opened it for VFIO
 *   driver xhci_hcd module=xhci_pci [probe_power=NONE] [uses=MODULE,MODULE]
 *          [hangs-if-held] (an unbind while a process holds a node of the device would never
 *          return: forbidden, as the attributes that are never written)
 *   driver pcieport builtin [module=NONE]
 *   module vfio-pci unloaded [registers=vfio-pci] [uses=vfio,...] [blacklisted]
 *   module vfio                                   loaded, with no PCI driver
 *   alias pci:v000010DEd...  nouveau              a line of modules.alias
 *   probe nouveau 0000:01:00.0 fails=EIO          what the driver's probe says to the device
 *   dir PATH [mode=0755] · link PATH TARGET · file PATH    the lines after "file" that begin with a
 *                                                 tab are its content
 *   program PATH                                  a file that may be executed
 *   strings PATH                                  a file whose lines end with a NUL each
 *   cpio PATH                                     an archive; its lines name the files in it, and
 *                                                 what follows it is compressed
 *   efi LoaderInfo "systemd-boot 257.9"           a variable of the firmware; of SecureBoot the
 *                                                 value is 0 or 1
 *
 * match= are the drivers whose id table has the device, best first; drivers of VFIO match by
 * driver_override alone and need not be there. A driver that devices are bound to and no line
 * describes comes from the module of its name; pcieport is built in.
 *
 * "file network": what its kernel tells over netlink, in the lines of host_network_read; or "error
 * TEXT": an error is all that it says. Without it there is proc/net/route and proc/net/ipv6_route.
 *
 * "file going-down": its manager shuts it down.
 *
 * Who uses it. A word with blanks stands in double quotes: [name="(M) frame buffer device"].
 *
 *   node 0000:01:00.0 drm/card1 226:1 [subsystem=drm] [name=dri/card1] [block] [partition]
 *        [driver=bochs-drm] [label=TEXT] [ifindex=N] [noudev] [plain]
 *          a class device below the function's directory, with its links, its file below /dev and
 *          its entry in udev's database, for as long as the driver is bound (left out: the one
 *          of the boot). "-" instead of the number: it has none, and no file. label: an
 *          attribute "name"; plain: a regular file below /dev, which can be opened. The lines
 *          "dir", "link" and "file" whose paths lie below it come and go with it, and the one
 *          with the path of its udev entry is that.
 *   node devices/virtual/block dm-0 254:0 block [with=0000:01:00.0]
 *          the same elsewhere; with: goes with that function's driver all the same
 *   devnode nvidiactl 195:255 [block]             a file below /dev, and nothing else
 *   framebuffer fb0 0000:01:00.0 [name=drmdrmfb] [driver=NAME]   a node graphics/fb0 29:0
 *   framebuffer fb0 efi-framebuffer.0 [range=e0000000-e0ffffff] [name=TEXT] [driver=NAME|NONE]
 *        [below=0000:01:00.0]
 *          and its platform device, under devices/platform or below a function (as 6.12 does)
 *   vtconsole vtcon1 [name=TEXT] [bound]
 *   process 812 [start=5000] [comm=mpv] [uid=0] [cgroup=/] [ppid=1] [cmdline=TEXT] [exe=PATH]
 *        [holds=dri/card1,226:128] [maps=dri/card1] [flags=0x400100] [threads=813,814]
 *        [libs=/usr/lib/libz.so.1,...]   libraries that it has loaded
 *          holds, maps: by name below /dev or by number (a character device); the descriptors
 *          stay when the device goes, as do those of a process; threads: besides the first
 *        [tty=4:2]    its controlling terminal, by number
 *        [zombie]     the first thread has exited; the others have its descriptors, if there are
 *        [term=ignored]   ends by SIGKILL alone
 *        [stuck]      does not end at all
 *        [respawns]   when ended, another one (the next pid, start + 1) does the same at once
 *        [lets-go]    closes a node when a "remove" event is made up for it
 *   unit NAME.service|UID/NAME.service active|inactive|failed [alias=NAME,NAME] [pids=900,901]
 *        [triggered=foo.socket] [dependent=bar.service] (active units of their own, where no
 *        line says otherwise)
 *        [stops-not]  must not be stopped by hand
 *        [fails-to-stop] [fails-to-start]
 *        [wanted]     started again at once while one of "triggered" is active
 *          stopping it ends pids, starting it makes them anew (start + 1000)
 *   session 2 uid=1000 [user=alice] [active] [seat=seat0] [type=wayland] [class=user]
 *        [remote=HOST] [service=login] [tty=tty1] [leader=PID]
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
	char *bar0, *reset, *numa;
	char *driver, *match, *override, *power, *d3cold, *status; /* heap; NULL: none */
};

struct machine_group {
	int number;
	char *type, *name;
	bool owned;
};

struct machine_driver {
	char *name, *module, *probe_power;
	bool builtin, hangs_if_held;
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
	enum {
		FILE_DIR,
		FILE_LINK,
		FILE_PLAIN,
		FILE_PROGRAM,
		FILE_STRINGS,
		FILE_CPIO,
		FILE_EFI
	} type;
	unsigned int mode; /* of a directory */
	char *path, *data;
};

struct machine_number {
	unsigned int major, minor;
};

struct machine_node {
	bool tied; /* to a driver of the function addr */
	struct pci_addr addr;
	char *parent; /* below /sys, or a platform device; NULL: the function */
	char *path;   /* below the parent; NULL: a devnode */
	char *subsystem, *name, *driver, *label;
	bool numbered, block, partition, noudev, plain;
	struct machine_number number;
	unsigned int ifindex;
};

struct machine_platform {
	char *name, *range, *driver;
	bool bound; /* at boot */
	bool below; /* the function addr */
	struct pci_addr addr;
};

struct machine_vtconsole {
	char *name, *label;
	bool bound;
};

struct machine_process {
	unsigned int pid, ppid, start, uid, flags;
	char *comm, *cgroup, *cmdline, *exe, *holds, *maps, *libs, *threads, *tty;
	bool zombie, stubborn, stuck, respawns, lets_go;
};

struct machine_unit {
	char *name, *state, *alias, *pids, *triggered, *dependent;
	bool stops_not, fails_to_stop, fails_to_start, wanted;
};

struct machine_session {
	char *id, *user, *seat, *type, *class, *remote, *service, *tty;
	unsigned int uid, leader;
	bool active;
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
	struct machine_node *nodes;
	size_t node_count;
	struct machine_platform *platforms;
	size_t platform_count;
	struct machine_vtconsole *vtconsoles;
	size_t vtconsole_count;
	struct machine_process *processes;
	size_t process_count;
	struct machine_unit *units;
	size_t unit_count;
	struct machine_session *sessions;
	size_t session_count;
};

/* EBADMSG with the line's number for anything not described above. *ret: machine_done. */
int machine_parse(const char *text, struct machine *ret, struct error *err);
void machine_done(struct machine *machine);

/* NULL where there is none. Names of modules are compared with "-" and "_" alike. */
const struct machine_device *machine_device(const struct machine *machine,
					    const struct pci_addr *addr);
/* The volume management device in whose domain a function is, or NULL. */
const struct machine_device *machine_vmd_above(const struct machine *machine,
					       const struct machine_device *device);
const struct machine_driver *machine_driver(const struct machine *machine, const char *name);
const struct machine_module *machine_module(const struct machine *machine, const char *name);
const struct machine_group *machine_group(const struct machine *machine, int number);
const struct machine_node *machine_node(const struct machine *machine, const char *name);
/* By its name or one of its aliases. */
const struct machine_unit *machine_unit(const struct machine *machine, const char *name);

/* Is name in the comma-separated list? A NULL list is empty. */
bool list_has(const char *list, const char *name);
/* The next name of a comma-separated list into name; false at the end. */
bool list_next(const char **list, char *name, size_t size);
