/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/*
 * How this host boots, as far as its files tell: what the generator may know. Read once by
 * parsers/boot/boot.h, then const. Nothing in here comes from the name of the distribution.
 */

/* What shows the menu and starts the kernel, or who manages that. */
enum boot_loader {
	LOADER_GRUB,         /* GRUB whose menu 10_linux writes, an entry per kernel */
	LOADER_GRUB_BLS,     /* GRUB that lists loader/entries (blscfg) or UKIs by itself */
	LOADER_SYSTEMD_BOOT, /* systemd-boot, entries written by kernel-install (layout bls) */
	LOADER_UKI,          /* unified kernel images, command line inside */
	LOADER_UKI_DIRECT,   /* the same, started by the firmware without a loader */
	LOADER_KERNELSTUB,   /* Pop!_OS */
	LOADER_PROXMOX,      /* proxmox-boot-tool */
	LOADER_SDBOOTUTIL,   /* openSUSE */
	LOADER_OSTREE,       /* rpm-ostree: rpm-ostree kargs */
	LOADER_BOOTC,        /* bootc loader-entries */
	LOADER_NIXOS,
	LOADER_LIMINE,
	LOADER_REFIND,
	LOADERS
};

/* "grub", "grub-bls", "systemd-boot", ...: the word for --loader. */
const char *boot_loader_name(enum boot_loader loader);
bool boot_loader_parse(const char *name, enum boot_loader *ret);

/* What builds the initramfs image. */
enum boot_initramfs {
	INITRAMFS_TOOLS,
	INITRAMFS_DRACUT,
	INITRAMFS_MKINITCPIO,
	INITRAMFS_BOOSTER,
	INITRAMFS_KINDS
};

/* "initramfs-tools", "dracut", "mkinitcpio", "booster": the word for --initramfs. */
const char *boot_initramfs_name(enum boot_initramfs kind);
bool boot_initramfs_parse(const char *name, enum boot_initramfs *ret);

/* Heap strings everywhere below; NULL or "" as said. */

/*
 * Where something manages the loader (ostree, bootc, NixOS, Proxmox, kernelstub, sdbootutil), it
 * alone is found: the files of the loader below it are the manager's.
 */
struct boot_loader_found {
	enum boot_loader kind;
	char *evidence; /* "/boot/grub/grub.cfg has menu entries for Linux", for people */
	bool booted;    /* the firmware says that this one started the running kernel, or, of a
			   manager, the running system does */
};

struct boot_initramfs_found {
	enum boot_initramfs kind;
	char *evidence;
	/* What builds its images, "/usr/sbin/update-initramfs"; NULL: that is not there */
	char *program;
	bool switched_off; /* its own configuration says that no image is built anew */
	bool builds;       /* it is this one that builds the image when a kernel is installed */
	char *built;       /* evidence that it has built the running kernel's image; NULL: none */
};

/* Where a driver of a kernel is. */
enum boot_driver {
	BOOT_DRIVER_NONE, /* this kernel does not have it */
	BOOT_DRIVER_MODULE,
	BOOT_DRIVER_BUILTIN,
};

/* A kernel that can be booted: it has an image and modules. */
struct boot_kernel {
	char *release; /* "6.12.48+deb13-amd64" */
	char *image;   /* "/boot/vmlinuz-6.12.48+deb13-amd64", as a path of the host */
	char *initrd;  /* "/boot/initrd.img-..."; NULL: none found */
	bool runs;
	enum boot_driver vfio_pci;
	char **builtin; /* NULL-terminated, NULL: none: names of modules that are built in and
			   that some alias of a PCI device leads to; of kernels that do not tell
			   their aliases (before 6.18), all below drivers, sound and arch. "-" and
			   "_" as the kernel's files have them */
	/* What /boot/config-RELEASE says; "" where it is not there: "y", "m" or "n". */
	char intel_iommu_default_on[4]; /* CONFIG_INTEL_IOMMU_DEFAULT_ON */
	char intel_iommu_igpu_off[4];   /* CONFIG_INTEL_IOMMU_DEFAULT_ON_INTGPU_OFF */
};

/* A configured "options vfio-pci ids=...", where it stands, in the order in which modprobe reads
 * them: the last one counts, and the command line is behind all files. */
struct boot_ids {
	char *file; /* "/etc/modprobe.d/vfio.conf", or "/proc/cmdline" */
	char *ids;  /* "10de:2204,10de:1aef"; "" takes all ids away */
};

/* Something that wants the same devices by another way (driverctl, an init script of a guide). */
struct boot_rival {
	char *file; /* "/etc/driverctl.d/pci-0000:01:00.0" */
	char *what; /* "driverctl binds 0000:01:00.0 to vfio-pci", for people */
};

/* A disk that is unlocked by measured values of the boot, or a policy over them. */
struct boot_measured {
	char *what; /* "/etc/crypttab: luks-root is unlocked by the TPM" */
	char *pcrs; /* "8+9+12", as configured; "" where the file does not say */
};

/* Whether somebody who sits before the host can choose an entry, and change its line once. */
struct boot_menu {
	bool hidden;        /* it comes for who presses a key */
	bool absent;        /* no key brings it */
	bool no_editor;     /* lines cannot be changed in it */
	bool asks_password; /* whoever changes a line is asked for one */
};

struct boot_grub {
	bool found;
	struct boot_menu menu;
	char *config;       /* "/boot/grub/grub.cfg"; NULL: none */
	char *mkconfig;     /* the program, "/usr/sbin/grub-mkconfig"; NULL: none */
	char *update;       /* "/usr/sbin/update-grub"; NULL: none */
	char *script_check; /* "/usr/bin/grub-script-check"; NULL: none */
	bool drop_ins;      /* its mkconfig reads /etc/default/grub.d/ *.cfg */
	bool has_linux;     /* /etc/grub.d/10_linux is there and executable */
	char *defaults;     /* text of /etc/default/grub; NULL: none */
	char *chosen;       /* its GRUB_DEFAULT, escaped; NULL: none */
	/* Of the configuration as it stands now: */
	/* Of the kernels' command lines, in bytes, without the image's path, and without the words
	 * by which this program reserves devices: they do not add up. */
	size_t longest_line;
	/* Words of model/boot-words.h on these command lines, and in the settings that they are
	 * made of. */
	struct boot_word {
		char *file, *word;
	} * words;
	size_t word_count;
	bool lacks_root;    /* some Linux entry has no root= */
	bool skips_image;   /* an entry is first started without its image: Ubuntu's
			       GRUB_FORCE_PARTUUID */
	bool has_entries;   /* it has menu entries for Linux of this host (not of os-prober) */
	bool lists_entries; /* it has the command blscfg */
	bool lists_images;  /* it has the command uki */
	/* A number says which entry is started by itself, and entries of ours before it would give
	 * the number to another; or ours are behind all others already. */
	bool ours_last;
};

/* What kernel-install says of itself: files of /etc/kernel, /run and the entries that are there. */
struct boot_kernel_install {
	char *program;   /* "/usr/bin/kernel-install"; NULL: not installed */
	char *layout;    /* "bls", "uki", "other"; NULL: not known */
	char *token;     /* entry token: a machine id or a name; NULL */
	char *boot_root; /* where loader/entries is: "/efi", "/boot", "/boot/efi"; NULL */
	char *cmdline;   /* text of /etc/kernel/cmdline; NULL: none */
	/* What its own entry puts on the command line of the running kernel, or of the newest that
	 * has an entry; NULL: no kernel has one. */
	char *options;
	char **entries; /* NULL-terminated; NULL: none: "*.conf" in loader/entries, sorted */
	/* Those among them that it has written for kernels that can be booted. */
	struct boot_entry {
		char *name, *release;
		char *options; /* its lines "options", one blank between two */
	} * own;
	size_t own_count;
	char **images; /* NULL-terminated; NULL: none: paths of unified kernel images */
};

struct boot {
	struct boot_loader_found *loaders; /* no kind twice */
	size_t loader_count;
	struct boot_initramfs_found *initramfs; /* no kind twice */
	size_t initramfs_count;
	struct boot_kernel *kernels; /* newest first, as versions are compared */
	size_t kernel_count;
	struct boot_ids *ids;
	size_t ids_count;
	struct boot_rival *rivals;
	size_t rival_count;
	struct boot_measured *measured;
	size_t measured_count;
	struct boot_grub grub;
	struct boot_menu systemd_boot_menu;
	struct boot_kernel_install kernel_install;
	char *cmdline;         /* of the running kernel; "" not known */
	char *loader_info;     /* "systemd-boot 257.9", as the loader says it; NULL: not known */
	char *stub_info;       /* "systemd-stub 257.9": the kernel came out of a unified kernel
				  image, whose stub says so; NULL: not, or not known */
	char *root;            /* source of / in mountinfo, "/dev/sda1"; NULL: not known */
	char *root_fs;         /* its type */
	bool usr_read_only;    /* /usr is mounted read-only, or is an image that updates replace, as
				  far as the mounts are known */
	bool secure_boot;      /* the firmware says that it is on */
	bool uefi;             /* /sys/firmware/efi */
	bool iommu_on;         /* /sys/class/iommu has one */
	bool is_intel, is_amd; /* the processor's maker, from /proc/cpuinfo */
};

void boot_done(struct boot *boot);
#define auto_boot __attribute__((__cleanup__(boot_done)))

const struct boot_loader_found *boot_loader_find(const struct boot *boot, enum boot_loader kind);
const struct boot_initramfs_found *boot_initramfs_find(const struct boot *boot,
						       enum boot_initramfs kind);
/* Is the driver built into this kernel? "-" and "_" are alike. */
bool boot_kernel_has_builtin(const struct boot_kernel *kernel, const char *driver);
