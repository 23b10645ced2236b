// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The signs by which other tools and guides are known, each with the place where it is to be read.
 * All signs stand here, and no other file knows a tool's files or words.
 */
#include "model/tool-sign.h"

#include <string.h>

#define GUIDES "Guides for a single graphics card"
#define IDS "Ids for vfio-pci"
#define IMAGE "VFIO in the initramfs"
#define RULES "Rules and units of your own"
#define STUBS "pci-stub and xen-pciback"
#define BLACKLISTS "Blacklists"

/* Where guides are to be read: */
#define JOEKNOCK90 "joeknock90/Single-GPU-Passthrough:example-start.sh (1519752)"
#define JOEKNOCK90_REVERT "joeknock90/Single-GPU-Passthrough:example-revert.sh (278b6a4)"
#define QAIDVOID                                                                                   \
	"QaidVoid/Complete-Single-GPU-Passthrough:scripts/qemu.d/win10/prepare/begin/begin.sh "    \
	"(b5f1b09)"
#define RISINGPRISM "ilayna/Single-GPU-passthrough-amd-nvidia:src/hooks/vfio-startup.sh (eb35dca)"
#define GPUPT_HOOK                                                                                 \
	"urbanyl/GPU-Passthrough-for-KVM-QEMU-on-Linux:examples/libvirt-hooks/qemu (4ae5f03)"
#define GPUPT "urbanyl/GPU-Passthrough-for-KVM-QEMU-on-Linux:scripts/gpupt (03ca85f)"
#define GPUPT_SETUP "urbanyl/GPU-Passthrough-for-KVM-QEMU-on-Linux:scripts/setup_vfio.sh (3905fb3)"
#define HOTSWITCH "ParticleG/gpu-hotswitch-vfio:Makefile, gpu-hotswitch-vfio (12ff9a8)"
#define DEPLOY_VFIO "portellam/deploy-VFIO:deploy-vfio.d/bin/logic_main-setup (5893af9)"
#define QUICK "HikariKnight/quickpassthrough:internal/configs/config_modprobe.go (300ca65)"
#define QUICK_DRACUT "HikariKnight/quickpassthrough:internal/configs/config_dracut.go (0efcf4e)"
#define ARCH_WIKI "wiki.archlinux.org: PCI passthrough via OVMF"
#define ENVYCONTROL "bayasdev/envycontrol:envycontrol.py (02c11b3)"
#define SUPERGFX "supergfxctl:src/lib.rs, src/config.rs (fork Dreamail/supergfxctl, 0cd7beb)"
#define VFIO_TOOL "serle/vfio-tool:src/config.rs, src/systemd.rs (89035be)"
#define KERNEL_ABI "Linux: Documentation/ABI/testing/sysfs-bus-pci"
#define VFIO_SH "FreddeITsupport98/VFIO-passthrough:vfio.sh (77a98df)"

static const struct tool_sign signs[] = {
	/* --- lines of scripts --- */
	{FIND_SCRIPT_DETACHES_DEVICE, TOOL_SCRIPT, GUIDES, NULL,
	 "virsh nodedev-detach|nodedev-dettach|nodedev-reattach|nodedev-reset", JOEKNOCK90},
	{FIND_SCRIPT_UNLOADS_DRIVER, TOOL_SCRIPT, GUIDES, NULL,
	 "modprobe -r|--remove nvidia|nouveau|amdgpu|radeon|i915|drm|snd-hda", QAIDVOID},
	{FIND_SCRIPT_UNLOADS_DRIVER, TOOL_SCRIPT, GUIDES, NULL,
	 "rmmod nvidia|nouveau|amdgpu|radeon|i915|drm|snd-hda", RISINGPRISM},
	{FIND_SCRIPT_UNLOADS_VFIO, TOOL_SCRIPT, GUIDES, NULL, "modprobe -r|--remove vfio",
	 GPUPT_HOOK},
	{FIND_SCRIPT_UNLOADS_VFIO, TOOL_SCRIPT, GUIDES, NULL, "rmmod vfio", GPUPT_HOOK},
	{FIND_SCRIPT_LOADS_DRIVER, TOOL_SCRIPT, GUIDES, NULL,
	 "modprobe nvidia|nouveau|amdgpu|radeon|i915|vfio", JOEKNOCK90_REVERT},
	{FIND_SCRIPT_BINDS_DRIVER, TOOL_SCRIPT, GUIDES, NULL,
	 ">|tee driver_override|new_id|remove_id|drivers_probe", GPUPT_HOOK},
	{FIND_SCRIPT_BINDS_DRIVER, TOOL_SCRIPT, GUIDES, NULL, ">|tee /sys/bus/pci/ /unbind|/bind",
	 GPUPT_HOOK},
	{FIND_SCRIPT_BINDS_DRIVER, TOOL_SCRIPT, GUIDES, NULL,
	 "driverctl set-override|unset-override", "driverctl(8) 0.111"},
	{FIND_SCRIPT_REMOVES_DEVICE, TOOL_SCRIPT, GUIDES, NULL,
	 ">|tee /sys/bus/pci/ /remove|/rescan",
	 "Bensikrac/VFIO-Nvidia-dynamic-unbind:scripts/remove_rescan.sh (57b470a)"},
	{FIND_SCRIPT_UNBINDS_CONSOLE, TOOL_SCRIPT, GUIDES, NULL, ">|tee /vtconsole/ /bind",
	 JOEKNOCK90},
	{FIND_SCRIPT_UNBINDS_FRAMEBUFFER, TOOL_SCRIPT, GUIDES, NULL,
	 "efi-framebuffer|simple-framebuffer|vesa-framebuffer /bind|/unbind", JOEKNOCK90},
	{FIND_SCRIPT_STOPS_DISPLAY, TOOL_SCRIPT, GUIDES, NULL,
	 "systemctl|rc-service stop|start|isolate "
	 "display-manager|DISPMGR|gdm|sddm|lightdm|lxdm|greetd|multi-user.target|graphical.target",
	 JOEKNOCK90},
	{FIND_SCRIPT_ENDS_PROGRAMS, TOOL_SCRIPT, GUIDES, NULL,
	 "pkill|killall "
	 "gdm-x-session|gdm-wayland-session|Xorg|gnome-shell|kwin|plasma|sway|yprland|niri",
	 JOEKNOCK90},

	/* --- hooks of others --- */
	{FIND_HOOK_DISPATCHER, TOOL_HOOK, "VFIO-Tools", NULL, "qemu.d/$|qemu.d\"/$|qemu.d/\"$",
	 "PassthroughPOST/VFIO-Tools:libvirt_hooks/qemu (0e50fd1)"},
	{FIND_HOOK_HANDS_OVER, TOOL_HOOK, "gpupt", NULL, "gpupt", GPUPT},
	{FIND_HOOK_HANDS_OVER, TOOL_HOOK, GUIDES, NULL, "/vfio-startup|/vfio-teardown",
	 "ilayna/Single-GPU-passthrough-amd-nvidia:hooks/qemu (b9104c5)"},
	{FIND_HOOK_HANDS_OVER, TOOL_HOOK, "vfio.sh", NULL, "vfio-libvirt-hook.sh", VFIO_SH},
	{FIND_HOOK_HANDS_OVER, TOOL_FILE, "vfioctl", HOSTDEV_HOOK_DIR "/qemu.d/*vfio-handover",
	 NULL, "drpars/vfioctl:data/50-vfio-handover (7d273b5)"},

	/* --- ids, and what goes before other drivers --- */
	{FIND_VFIO_IDS, TOOL_FILE, IDS, "/etc/modprobe.d/*.conf", "options vfio-pci ids=", QUICK},
	{FIND_VFIO_IDS, TOOL_CMDLINE, IDS, NULL, "vfio-pci.ids=", GPUPT_SETUP},
	{FIND_VFIO_SOFTDEP, TOOL_FILE, IDS, "/etc/modprobe.d/*.conf", "softdep pre: vfio", QUICK},
	{FIND_VFIO_INSTALL, TOOL_FILE, IDS, "/etc/modprobe.d/*.conf", "install vfio", ARCH_WIKI},
	{FIND_MODULES_LOAD_VFIO, TOOL_FILE, IDS, "/etc/modules-load.d/*.conf", "vfio",
	 "leinardi/JDInstaller:roles/kvm/tasks/passthrough.yml (59692d8)"},
	{FIND_MODULES_LOAD_VFIO, TOOL_FILE, IDS, "/etc/modules", "vfio", DEPLOY_VFIO},
	{FIND_INITRAMFS_LOADS_VFIO, TOOL_CMDLINE, IMAGE, NULL, "rd.driver.pre= vfio", QUICK_DRACUT},
	{FIND_INITRAMFS_LOADS_VFIO, TOOL_FILE, IMAGE, "/etc/initramfs-tools/modules", "vfio",
	 DEPLOY_VFIO},
	{FIND_INITRAMFS_LOADS_VFIO, TOOL_FILE, IMAGE, "/etc/dracut.conf.d/*.conf", "drivers vfio",
	 QUICK_DRACUT},
	{FIND_INITRAMFS_LOADS_VFIO, TOOL_FILE, IMAGE, "/etc/mkinitcpio.conf", "MODULES= vfio",
	 ARCH_WIKI},
	{FIND_INITRAMFS_LOADS_VFIO, TOOL_FILE, IMAGE, "/etc/mkinitcpio.conf.d/*.conf",
	 "MODULES= vfio", ARCH_WIKI},
	{FIND_INITRAMFS_BINDS_VFIO, TOOL_FILE, IMAGE, "/etc/initramfs-tools/scripts/*/*",
	 "driver_override|vfio-pci|new_id", ARCH_WIKI},
	{FIND_INITRAMFS_BINDS_VFIO, TOOL_FILE, IMAGE, "/etc/initcpio/hooks/*",
	 "driver_override|vfio-pci|new_id", ARCH_WIKI},
	{FIND_STUB_IDS, TOOL_CMDLINE, STUBS, NULL, "pci-stub.ids=", DEPLOY_VFIO},
	{FIND_STUB_IDS, TOOL_CMDLINE, STUBS, NULL, "xen-pciback.hide=",
	 "Linux: Documentation/admin-guide/kernel-parameters.txt, xen-pciback"},
	{FIND_FRAMEBUFFER_OFF, TOOL_CMDLINE, IDS, NULL, "video= efifb:off|vesafb:off", DEPLOY_VFIO},
	{FIND_BLACKLIST_GRAPHICS, TOOL_FILE, BLACKLISTS, "/etc/modprobe.d/*.conf",
	 "blacklist nvidia|nouveau|amdgpu|radeon|i915",
	 "bryansteiner/gpu-passthrough-tutorial:kvm/blacklist-nvidia.conf (9d37ec3)"},
	{FIND_BLACKLIST_GRAPHICS, TOOL_CMDLINE, BLACKLISTS, NULL,
	 "modprobe.blacklist=|module_blacklist= nvidia|nouveau|amdgpu|radeon|i915", DEPLOY_VFIO},

	/* --- udev and systemd --- */
	{FIND_UDEV_REMOVES_GRAPHICS, TOOL_FILE, "EnvyControl",
	 "/lib/udev/rules.d/50-remove-nvidia.rules", "ATTR{remove} 0x03", ENVYCONTROL},
	{FIND_UDEV_REMOVES_GRAPHICS, TOOL_FILE, "EnvyControl",
	 "/etc/udev/rules.d/50-remove-nvidia.rules", "ATTR{remove} 0x03", ENVYCONTROL},
	{FIND_UDEV_REMOVES_GRAPHICS, TOOL_FILE, RULES, "/etc/udev/rules.d/*.rules",
	 "ATTR{remove} 0x03", ENVYCONTROL},
	{FIND_UDEV_BINDS, TOOL_FILE, RULES, "/etc/udev/rules.d/*.rules",
	 "driver_override|new_id|vfio-pci", KERNEL_ABI},
	{FIND_UDEV_OPENS_VFIO, TOOL_FILE, "one-deploy (OpenNebula)", "/etc/udev/rules.d/*.rules",
	 "SUBSYSTEM==\"vfio\" MODE 0666",
	 "OpenNebula/one-deploy:roles/pci_passthrough/node/tasks/main.yml (0fd0dcd)"},
	{FIND_TOOL_VFIO_TOOL, TOOL_FILE, "vfio-tool", "/etc/systemd/system/vfio-tool.service", NULL,
	 VFIO_TOOL},
	{FIND_TOOL_VFIO_TOOL, TOOL_FILE, "vfio-tool", "/etc/vfio-tool/config.toml", NULL,
	 VFIO_TOOL},
	{FIND_TOOL_VFIO_SH, TOOL_FILE, "vfio.sh",
	 "/etc/systemd/system/vfio-bind-selected-gpu.service", NULL, VFIO_SH},
	{FIND_TOOL_VFIO_SH, TOOL_FILE, "vfio.sh", "/etc/vfio-gpu-passthrough.conf", NULL, VFIO_SH},
	{FIND_UNIT_DETACHES_DEVICE, TOOL_FILE, RULES, "/etc/systemd/system/*.service",
	 "Exec nodedev-detach|nodedev-dettach", "virsh(1), nodedev-detach"},
	{FIND_UNIT_BINDS_VFIO, TOOL_FILE, RULES, "/etc/systemd/system/*.service", "Exec vfio",
	 VFIO_SH},
	{FIND_UNIT_BINDS_VFIO, TOOL_FILE, RULES, "/etc/systemd/system/*.service",
	 "Exec driver_override|new_id", KERNEL_ABI},

	/* --- entries of the boot menu --- */
	{FIND_MENU_ENTRY_VFIO, TOOL_FILE, "deploy-VFIO", "/etc/grub.d/40_custom",
	 "menuentry VFIO IOMMU", DEPLOY_VFIO},
	{FIND_MENU_ENTRY_VFIO, TOOL_FILE, "JDInstaller", "/etc/grub.d/60_gpu_passthrough/*",
	 "menuentry Passthrough",
	 "leinardi/JDInstaller:roles/kvm/tasks/grub.yml, templates/gpu_passthrough_entry.j2 "
	 "(59692d8)"},

	/* --- whole tools --- */
	{FIND_TOOL_GPUPT, TOOL_FILE, "gpupt", "/etc/gpupt/config", NULL, GPUPT},
	{FIND_TOOL_HOTSWITCH_ON, TOOL_FILE, "gpu-hotswitch-vfio",
	 "/run/gpu-hotswitch-vfio-stopped-services", NULL, HOTSWITCH},
	{FIND_TOOL_HOTSWITCH, TOOL_FILE, "gpu-hotswitch-vfio", "/usr/bin/gpu-hotswitch-vfio", NULL,
	 HOTSWITCH},
	{FIND_TOOL_HOTSWITCH, TOOL_FILE, "gpu-hotswitch-vfio", "/usr/local/bin/gpu-hotswitch-vfio",
	 NULL, HOTSWITCH},
	{FIND_DRIVERCTL, TOOL_FILE, "driverctl", "/etc/driverctl.d/pci-*", NULL,
	 "driverctl(8) 0.111: /etc/driverctl.d, 05-driverctl.rules"},
	{FIND_TOOL_TUNED, TOOL_FILE, "tuned", "/etc/tuned/*/tuned.conf",
	 "cmdline vfio-pci.ids|pci-stub.ids|rd.driver.pre", "tuned 2.20: plugin_bootloader.py"},
	{FIND_TOOL_TUNED, TOOL_FILE, "tuned", "/etc/tuned/bootcmdline",
	 "CMDLINE vfio-pci.ids|pci-stub.ids|rd.driver.pre", "tuned 2.20: consts.py"},
	{FIND_TOOL_SUPERGFXCTL, TOOL_FILE, "supergfxctl", "/etc/supergfxd.conf",
	 "\"mode\" Vfio|Integrated", SUPERGFX},
	{FIND_TOOL_SUPERGFXCTL, TOOL_FILE, "supergfxctl", "/etc/supergfxd.conf",
	 "\"vfio_enable\" true", SUPERGFX},
	{FIND_TOOL_OPTIMUS_REMOVES, TOOL_FILE, "optimus-manager",
	 "/etc/optimus-manager/optimus-manager.conf", "pci_remove yes",
	 "Askannz/optimus-manager:optimus-manager.conf, pci_remove"},
	{FIND_TOOL_OPTIMUS, TOOL_FILE, "optimus-manager", "/usr/bin/optimus-manager", NULL,
	 "Askannz/optimus-manager:setup.py, optimus_manager/kernel.py"},
	{FIND_TOOL_DEPLOY_VFIO, TOOL_FILE, "deploy-VFIO",
	 "/usr/local/bin/deploy-vfio.d/logic_main-setup", NULL, DEPLOY_VFIO},
	{FIND_TOOL_PROXMOX, TOOL_FILE, "Proxmox VE", "/usr/share/perl5/PVE/QemuServer.pm", NULL,
	 "proxmox/qemu-server:src/PVE/QemuServer/PCI.pm"},
	{FIND_TOOL_COCKPIT, TOOL_FILE, "Cockpit", "/usr/share/cockpit/machines/manifest.json", NULL,
	 "cockpit-project/cockpit-machines"},
};

/* Other scripts in these folders are as likely run by a unit, where they wait for nobody. */
static const char *const script_paths[] = {
	(HOSTDEV_HOOK_DIR "/*.sh"),  "/bin/vfio-start*",           "/bin/vfio-teardown*",
	"/bin/vfio-stop*",           "/usr/bin/vfio-start*",       "/usr/bin/vfio-teardown*",
	"/usr/bin/vfio-stop*",       "/usr/local/bin/vfio-start*", "/usr/local/bin/vfio-teardown*",
	"/usr/local/bin/vfio-stop*",
};

const char *tool_script_path_at(size_t index)
{
	return index < sizeof(script_paths) / sizeof(script_paths[0]) ? script_paths[index] : NULL;
}

/* The entries last: most are made of the others. */
static const char *const cmdline_paths[] = {
	"/etc/default/grub",     "/etc/default/grub.d/*.cfg",   "/etc/kernel/cmdline",
	"/etc/cmdline.d/*.conf", "/boot/loader/entries/*.conf", "/efi/loader/entries/*.conf",
};

const char *tool_cmdline_path_at(size_t index)
{
	return index < sizeof(cmdline_paths) / sizeof(cmdline_paths[0]) ? cmdline_paths[index]
									: NULL;
}

const struct tool_sign *tool_sign_at(size_t index)
{
	return index < sizeof(signs) / sizeof(signs[0]) ? &signs[index] : NULL;
}

/* --- one line --- */

static bool is_equal(char a, char b)
{
	return a == b || (a == '-' && b == '_') || (a == '_' && b == '-');
}

static bool has_piece(const char *line, size_t length, const char *piece, size_t size)
{
	for (size_t at = 0; at + size <= length; at++) {
		size_t same = 0;

		while (same < size && is_equal(line[at + same], piece[same]))
			same++;
		if (same == size)
			return true;
	}
	return false;
}

/* One of the pieces with "|" between them. */
static bool has_any(const char *line, size_t length, const char *pieces, size_t size)
{
	for (size_t at = 0; at < size;) {
		const char *bar = memchr(pieces + at, '|', size - at);
		size_t end = bar ? (size_t)(bar - pieces) : size;

		if (has_piece(line, length, pieces + at, end - at))
			return true;
		at = end + 1;
	}
	return false;
}

bool tool_sign_matches(const struct tool_sign *sign, const char *line, size_t length)
{
	for (const char *at = sign->words; at && *at;) {
		size_t size = strcspn(at, " ");

		if (!has_any(line, length, at, size))
			return false;
		at += size + (at[size] == ' ');
	}
	return true;
}
