#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# hostdevctl check: what it says of the traces of other tools and guides, on made-up machines.

# shellcheck disable=SC2154,SC2016,SC1003 # root and errors are set in machine.bash; scripts hold words and backslashes of their own
load machine

setup() {
	machine_usual
	mkdir -p "$root/etc/libvirt/hooks/qemu.d/win11/prepare/begin" "$root"/etc/{modprobe.d,udev/rules.d,systemd/system,grub.d}
	script=/etc/libvirt/hooks/qemu.d/win11/prepare/begin/start.sh
}

# put FILE MODE LINE...: a file of the machine.
put() {
	mkdir -p "$(dirname "$root$1")"
	printf '%s\n' "${@:3}" > "$root$1"
	chmod "$2" "$root$1"
}

# of_tools: the rows that are neither of the hook, the daemon nor the kernel.
of_tools() { grep -E '^[a-z]+ (script-|hook-(dispatcher|hands)|vfio-(ids|softdep|install)|modules-|initramfs-|stub-|framebuffer-|blacklist-|udev-|unit-|menu-|tool-|driverctl)' || true; }

# says STATUS ID SUBJECT [TEXT]
says() {
	ctl check --root "$root" --raw
	echo "status $status"$'\n'"$(of_tools <<< "${output//\\x20/ }")"$'\n'"$errors"
	[[ -z $errors ]]
	grep -E "^$1 $2 $3 " <<< "${output//\\x20/ }" | sed "s/\\\\x22/\"/g; s/\\\\x27/'/g" | grep -qF -- "${4:-}"
}

# silent [ID]: nothing of other tools, or nothing with this id.
silent() {
	ctl check --root "$root" --raw
	echo "${output//\\x20/ }"
	[[ -z $(of_tools <<< "$output" | grep -E "${1:+^[a-z]+ $1 }" || true) ]]
}

@test "a clean machine has no traces" {
	silent
	put "$script" 755 '#!/bin/sh' 'echo performance > /sys/devices/system/cpu/cpu0/cpufreq/scaling_governor' \
		'# virsh nodedev-detach pci_0000_01_00_0' 'systemctl start libvirt-nosleep@win11' 'sleep 2'
	put /etc/modprobe.d/other.conf 644 'options kvm_amd nested=1' '# options vfio-pci ids=10de:2204' 'options snd_hda_intel power_save=1'
	put /etc/udev/rules.d/70-net.rules 644 'SUBSYSTEM=="net", ATTR{address}=="00:11:22:33:44:55", NAME="lan"'
	put /etc/systemd/system/backup.service 644 '[Service]' 'ExecStart=/usr/bin/true'
	put /etc/grub.d/40_custom 755 '#!/bin/sh' "menuentry 'memory test' {"
	put /etc/default/grub 644 'GRUB_CMDLINE_LINUX_DEFAULT="quiet"'
	put /etc/modules 644 'loop'
	put /etc/dracut.conf.d/x.conf 644 'add_drivers+=" nvme "'
	put /proc/cmdline 644 'BOOT_IMAGE=/boot/vmlinuz root=UUID=1 ro quiet intel_iommu=on'
	[[ -z $(ctl check --root "$root" --raw; of_tools <<< "$output" | grep -v '^ok scripts-good ') ]]
}

@test "a guide for a single graphics card, line by line" {
	put "$script" 755 '#!/bin/bash' 'systemctl stop display-manager.service' 'killall gdm-x-session' \
		'echo 0 > /sys/class/vtconsole/vtcon0/bind' \
		'echo efi-framebuffer.0 > /sys/bus/platform/drivers/efi-framebuffer/unbind' 'sleep 2' \
		'modprobe -r nvidia_drm nvidia_modeset nvidia_uvm nvidia' \
		'virsh nodedev-detach pci_0000_01_00_0' 'modprobe vfio-pci'
	says note script-stops-display "$script:2" 'hostdevctl set win11 display=stop'
	says note script-ends-programs "$script:3" "delete this line"
	says note script-unbinds-console "$script:4" "takes the text console off"
	says note script-unbinds-framebuffer "$script:5" "firmware's picture"
	says problem script-unloads-driver "$script:7" "without a driver"
	says problem script-detaches-device "$script:8" "both wait"
	says note script-loads-driver "$script:9" "is redundant"
	silent script-calls-libvirt
	[[ $(of_tools <<< "$output" | grep -c .) -eq 7 ]]
	[[ $status -eq 1 ]]
}

@test "the other half of a guide, and what else calls libvirt" {
	put /etc/libvirt/hooks/qemu.d/win11/release/end/revert.sh 755 '#!/bin/bash' \
		'virsh nodedev-reattach $VIRSH_GPU_VIDEO' 'modprobe -r vfio-pci' 'modprobe nvidia_drm' \
		'echo 1 | tee /sys/class/vtconsole/vtcon1/bind' 'echo "efi-framebuffer.0" > /sys/bus/platform/drivers/efi-framebuffer/bind' \
		'systemctl isolate graphical.target' 'virsh list'
	revert=/etc/libvirt/hooks/qemu.d/win11/release/end/revert.sh
	says problem script-detaches-device "$revert:2"
	says note script-unloads-vfio "$revert:3" "another guest"
	says note script-loads-driver "$revert:4"
	says note script-unbinds-console "$revert:5"
	says note script-unbinds-framebuffer "$revert:6"
	says note script-stops-display "$revert:7" "display=stop"
	says problem script-calls-libvirt "$revert:8" "calls virsh"
}

@test "scripts that bind drivers, or take devices off the bus" {
	put "$script" 755 '#!/bin/sh' 'echo vfio-pci > /sys/bus/pci/devices/0000:01:00.0/driver_override' \
		'echo 0000:01:00.0 > /sys/bus/pci/devices/0000:01:00.0/driver/unbind' 'echo 10de 2204 > /sys/bus/pci/drivers/vfio-pci/new_id' \
		'driverctl set-override 0000:01:00.0 vfio-pci' 'echo 1 > /sys/bus/pci/devices/0000:01:00.0/remove' 'echo 1 > /sys/bus/pci/rescan'
	for line in 2 3 4 5; do says problem script-binds-driver "$script:$line" "who uses the device"; done
	for line in 6 7; do says problem script-removes-device "$script:$line" "off the bus"; done
	chmod 644 "$root$script"
	silent script-binds-driver
}

@test "scripts that guides put elsewhere" {
	put /usr/local/bin/vfio-startup.sh 755 '#!/bin/bash' 'modprobe -r amdgpu'
	put /bin/vfio-teardown.sh 755 '#!/bin/bash' 'modprobe amdgpu'
	put /etc/libvirt/hooks/functions.sh 644 'systemctl stop "$DISPMGR.service"'
	says problem script-unloads-driver /usr/local/bin/vfio-startup.sh:2
	says note script-loads-driver /bin/vfio-teardown.sh:2
	says note script-stops-display /etc/libvirt/hooks/functions.sh:1 "set GUEST display=stop"
	mkdir -p "$root/usr/bin"
	mv "$root/bin/vfio-teardown.sh" "$root/usr/bin/"
	rmdir "$root/bin"
	ln -s usr/bin "$root/bin"
	says note script-loads-driver /bin/vfio-teardown.sh:2
	[[ $output != */usr/bin/vfio-teardown.sh* ]]
}

@test "a dispatcher beside the hook, and other hooks that hand devices over" {
	put /etc/libvirt/hooks/qemu.d/50-kept-qemu 755 '#!/usr/bin/env bash' 'GUEST_NAME="$1"' \
		'BASEDIR="$(dirname $0)"' 'HOOKPATH="$BASEDIR/qemu.d/$GUEST_NAME/$HOOK_NAME/$STATE_NAME"' 'ls "$BASEDIR/qemu.d/$GUEST_NAME"'
	says problem hook-dispatcher /etc/libvirt/hooks/qemu.d/50-kept-qemu:4 "each script runs twice"
	[[ $(grep -c hook-dispatcher <<< "$output") -eq 1 ]]
	# What a guest's script does with a folder of that name is its own business.
	put "$script" 755 '#!/bin/sh' 'cat "/etc/libvirt/hooks/qemu.d/$1/settings"'
	put /etc/libvirt/hooks/qemu.d/50-kept-qemu 755 '#!/bin/bash' 'GPUP=/usr/local/bin/gpupt'
	says problem hook-hands-over /etc/libvirt/hooks/qemu.d/50-kept-qemu:2 "delete this file"
	silent hook-dispatcher
	put /etc/libvirt/hooks/qemu 755 '#!/bin/bash' 'exec "/etc/libvirt/hooks/qemu.d/$1/$2/$3"'
	says problem hook-dispatcher /etc/libvirt/hooks/qemu:2
	put /etc/libvirt/hooks/qemu 755 '#!/bin/bash' '/bin/vfio-startup.sh 2>&1 | tee -a /var/log/libvirt/custom_hooks.log'
	says problem hook-hands-over /etc/libvirt/hooks/qemu:2
	put /etc/libvirt/hooks/qemu.d/50-vfio-handover 755 '#!/bin/bash'
	says problem hook-hands-over /etc/libvirt/hooks/qemu.d/50-vfio-handover
}

@test "ids for vfio-pci: none here, one, two of a kind, one that the host needs" {
	put /etc/modprobe.d/vfio.conf 644 '# mine' 'options vfio_pci disable_vga=1 \' '  ids=1002:731f' 'softdep nvidia pre: vfio-pci' \
		'install vfio-pci /usr/local/bin/vfio-pci-override.sh'
	says note vfio-ids /etc/modprobe.d/vfio.conf:2 "no device of this host has any of these ids"
	says note vfio-softdep /etc/modprobe.d/vfio.conf:4
	says note vfio-install /etc/modprobe.d/vfio.conf:5
	put /etc/modprobe.d/vfio.conf 644 'options vfio-pci ids=10de:2204,10de:1aef'
	says note vfio-ids /etc/modprobe.d/vfio.conf:1 "generate static"
	[[ $status -eq 0 || $output != *"problem vfio"* ]]
	put /etc/modprobe.d/vfio.conf 644 'options vfio-pci ids="8086:10d3"'
	says problem vfio-ids-twins /etc/modprobe.d/vfio.conf:1 "0000:02:00.0 and 0000:03:00.0"
	for addr in 02 03; do ln -sfn ../../../bus/pci/drivers/vfio-pci "$root/sys/devices/pci0000:00/0000:$addr:00.0/driver"; done
	says note vfio-ids /etc/modprobe.d/vfio.conf:1
	put /proc/cmdline 644 'quiet vfio-pci.ids=10de:2204'
	rm "$root/etc/modprobe.d/vfio.conf"
	says note vfio-ids /proc/cmdline "generate static"
	put /etc/modprobe.d/hostdev-hook.conf 644 'options vfio-pci ids=10de:2204'
	silent vfio-ids-twins
	[[ $output != *modprobe.d/hostdev-hook* ]]
}

@test "ids of a disk controller that the host runs from" {
	device_make 0000:05:00.0 144d:a808 010802 5 nvme
	local device=$root/sys/devices/pci0000:00/0000:05:00.0
	mkdir -p "$device/nvme/nvme0/nvme0n1/nvme0n1p1" "$root"/sys/{class/nvme,class/block,dev/block} "$root/proc/1" "$root/proc/self"
	echo 259:0 > "$device/nvme/nvme0/nvme0n1/dev"
	echo 259:1 > "$device/nvme/nvme0/nvme0n1/nvme0n1p1/dev"
	echo 1 > "$device/nvme/nvme0/nvme0n1/nvme0n1p1/partition"
	for name in nvme0n1 nvme0n1/nvme0n1p1; do
		ln -sfn "../../devices/pci0000:00/0000:05:00.0/nvme/nvme0/$name" "$root/sys/class/block/${name##*/}"
	done
	ln -sfn ../../devices/pci0000:00/0000:05:00.0/nvme/nvme0/nvme0n1 "$root/sys/dev/block/259:0"
	ln -sfn ../../devices/pci0000:00/0000:05:00.0/nvme/nvme0/nvme0n1/nvme0n1p1 "$root/sys/dev/block/259:1"
	for name in nvme0n1 nvme0n1/nvme0n1p1; do
		printf 'DEVNAME=%s\nDEVTYPE=disk\n' "${name##*/}" > "$device/nvme/nvme0/$name/uevent"
		ln -sfn "$root/sys/class/block" "$device/nvme/nvme0/$name/subsystem"
	done
	echo '22 1 259:1 / / rw,relatime shared:1 - ext4 /dev/nvme0n1p1 rw' | tee "$root/proc/1/mountinfo" > "$root/proc/self/mountinfo"
	put /etc/modprobe.d/vfio.conf 644 'options vfio-pci ids=144d:a808'
	says problem vfio-ids-needed /etc/modprobe.d/vfio.conf:1 "0000:05:00.0 (nvme0n1p1 mounted on /), which the host needs"
}

@test "words on the command line" {
	put /proc/cmdline 644 'quiet rd.driver.pre=vfio-pci pci-stub.ids=8086:1533 xen-pciback.hide=(01:00.0) video=efifb:off,vesafb:off'
	says note initramfs-loads-vfio /proc/cmdline "rd.driver.pre=vfio-pci has VFIO loaded"
	says note stub-ids /proc/cmdline "pci-stub.ids=8086:1533 keeps"
	says note stub-ids /proc/cmdline "xen-pciback.hide=(01:00.0) keeps"
	says note framebuffer-off /proc/cmdline "firmware's picture"
	put /proc/cmdline 644 'quiet rd.driver.pre=nvme video=HDMI-A-1:1920x1080'
	silent
}

@test "words that the command line is made of" {
	put /proc/cmdline 644 'quiet vfio-pci.ids=10de:2204 pci-stub.ids=8086:1533'
	put /etc/default/grub 644 '#GRUB_CMDLINE_LINUX="pci-stub.ids=8086:1533"' 'GRUB_CMDLINE_LINUX_DEFAULT="quiet vfio-pci.ids=10de:2204 rd.driver.pre=vfio-pci"'
	put /boot/loader/entries/a.conf 644 'title Linux' 'options quiet vfio-pci.ids=10de:2204 video=efifb:off'
	put /boot/loader/entries/debian-6.1-hostdev-1.conf 644 'options xen-pciback.hide=(01:00.0)'
	says note vfio-ids /etc/default/grub:2 "generate static"
	says note initramfs-loads-vfio /etc/default/grub:2 "rd.driver.pre=vfio-pci has"
	says note stub-ids /proc/cmdline
	says note framebuffer-off /boot/loader/entries/a.conf:2
	[[ $(of_tools <<< "$output" | grep -c .) -eq 4 ]]
}

@test "what a set-up of this program has written is no trace of another tool" {
	needs_root
	put /etc/modprobe.d/vfio.conf 644 'options vfio-pci ids=10de:2204'
	put /proc/cmdline 644 'quiet vfio-pci.ids=10de:2204'
	mkdir -p "$root/var/lib/hostdev-hook/generate"
	chmod 700 "$root"/var/lib/hostdev-hook{,/generate}
	content=0644,0:0,9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
	put /var/lib/hostdev-hook/generate/1.setup 600 'hostdev-hook set-up 1' 'mode static' 'arguments --bind\x20ids' 'version 0.2.0' \
		'kernel 6.1.0-test' 'choice static' "step file /etc/modprobe.d/vfio.conf absent -> $content # ids" 'begun 1' 'done 1'
	silent vfio-ids
	[[ $output == *setup-file-changed* ]]
	rm "$root/var/lib/hostdev-hook/generate/1.setup"
	says note vfio-ids /etc/modprobe.d/vfio.conf:1
}

@test "VFIO in the initramfs, and at boot" {
	put /etc/initramfs-tools/modules 644 '# vfio' 'vfio' 'vfio_pci'
	put /etc/dracut.conf.d/vfio.conf 644 'force_drivers+=" vfio_pci "'
	put /etc/mkinitcpio.conf 644 'MODULES=(vfio_pci vfio vfio_iommu_type1)'
	put /etc/initramfs-tools/scripts/init-top/vfio.sh 755 '#!/bin/sh' 'echo vfio-pci > /sys/bus/pci/devices/0000:01:00.0/driver_override'
	put /etc/initcpio/hooks/vfio 644 'run_hook() {' 'echo vfio-pci > "$1/driver_override"'
	put /etc/modules-load.d/vfio.conf 644 'vfio_virqfd'
	put /etc/modules 644 'vfio'
	says note initramfs-loads-vfio /etc/initramfs-tools/modules:2
	says note initramfs-loads-vfio /etc/dracut.conf.d/vfio.conf:1
	says note initramfs-loads-vfio /etc/mkinitcpio.conf:1
	says note initramfs-binds-vfio /etc/initramfs-tools/scripts/init-top/vfio.sh:2
	says note initramfs-binds-vfio /etc/initcpio/hooks/vfio:2
	says note modules-load-vfio /etc/modules-load.d/vfio.conf:1
	says note modules-load-vfio /etc/modules:1
}

@test "a blacklist counts where it leaves a card without a driver" {
	put /etc/modprobe.d/nvidia.conf 644 'blacklist nouveau'
	silent
	ln -sfn ../../../bus/pci/drivers/vfio-pci "$root/sys/devices/pci0000:00/0000:01:00.0/driver"
	says note blacklist-graphics /etc/modprobe.d/nvidia.conf:1 "cannot use the card while no guest has it"
	put /lib/modules/6.1.0-test/modules.alias 644 'alias pci:v000010DEd*sv*sd*bc03sc*i* nvidia'
	silent
	put /proc/cmdline 644 'modprobe.blacklist=nvidia,nouveau'
	says note blacklist-graphics /proc/cmdline
	put /proc/cmdline 644 'modprobe.blacklist=amdgpu'
	silent
}

@test "rules of udev" {
	put /lib/udev/rules.d/50-remove-nvidia.rules 644 '# Automatically generated by EnvyControl' \
		'ACTION=="add", SUBSYSTEM=="pci", ATTR{vendor}=="0x10de", ATTR{class}=="0x040300", ATTR{power/control}="auto", ATTR{remove}="1"' \
		'ACTION=="add", SUBSYSTEM=="pci", ATTR{vendor}=="0x10de", ATTR{class}=="0x03[0-9]*", ATTR{power/control}="auto", ATTR{remove}="1"'
	put /etc/udev/rules.d/70-vfio.rules 644 'SUBSYSTEM=="pci", KERNEL=="0000:01:00.0", ATTR{driver_override}="vfio-pci"'
	put /etc/udev/rules.d/99-vfio.rules 644 'SUBSYSTEM=="vfio", GROUP="kvm", MODE="0666"'
	says problem udev-removes-graphics /lib/udev/rules.d/50-remove-nvidia.rules:3 "envycontrol -s hybrid"
	says note udev-binds /etc/udev/rules.d/70-vfio.rules:1
	says note udev-opens-vfio /etc/udev/rules.d/99-vfio.rules:1
	[[ $(of_tools <<< "$output" | grep -c .) -eq 3 ]]
}

@test "units at boot" {
	put /etc/systemd/system/gpu.service 644 '[Service]' 'ExecStart=/usr/bin/virsh nodedev-detach pci_0000_01_00_0'
	put /etc/systemd/system/bind.service 644 '[Service]' 'ExecStart=/bin/sh -c "echo vfio-pci > /sys/bus/pci/devices/0000:01:00.0/driver_override"'
	put /etc/systemd/system/hostdev-hook-mine.service 644 '[Service]' 'ExecStart=/usr/local/bin/vfio'
	says note unit-detaches-device /etc/systemd/system/gpu.service:2
	says note unit-binds-vfio /etc/systemd/system/bind.service:2
	[[ $output != *hostdev-hook-mine* ]]
}

@test "entries of the boot menu" {
	put /etc/grub.d/40_custom 755 'menuentry "Debian, with Linux 6.1.0 (VFIO w/o IOMMU 14, Video w/ NVIDIA)"{' '}'
	put /etc/grub.d/60_gpu_passthrough/gpu10de:2204 755 "menuentry 'Ubuntu with nvidia GPU Group 14 Passthrough' {"
	says note menu-entry-vfio /etc/grub.d/40_custom:1 "generate multiboot"
	says note menu-entry-vfio /etc/grub.d/60_gpu_passthrough/gpu10de:2204:1 "generate multiboot"
}

@test "whole tools" {
	put /etc/gpupt/config 644 '[profile "win11"]'
	put /usr/local/bin/gpu-hotswitch-vfio 755 '#!/bin/bash'
	put /run/gpu-hotswitch-vfio-stopped-services 644 'lact.service'
	put /etc/driverctl.d/pci-0000:01:00.0 644 'vfio-pci'
	put /etc/tuned/vfio/tuned.conf 644 '[bootloader]' 'cmdline_vfio=+vfio-pci.ids=10de:2204'
	put /etc/supergfxd.conf 644 '{' '  "mode": "Vfio",' '  "vfio_enable": true' '}'
	put /etc/optimus-manager/optimus-manager.conf 644 '[optimus]' 'pci_remove=yes'
	put /usr/bin/optimus-manager 755 '#!/usr/bin/python3'
	put /etc/vfio-tool/config.toml 644 '[devices]'
	put /etc/vfio-gpu-passthrough.conf 644 'GUEST_GPU_BDF="0000:01:00.0"'
	put /usr/local/bin/deploy-vfio.d/logic_main-setup 755 '#!/bin/false'
	put /usr/share/perl5/PVE/QemuServer.pm 644 'package PVE::QemuServer;'
	put /usr/share/cockpit/machines/manifest.json 644 '{}'
	says note tool-gpupt /etc/gpupt/config "gpupt hooks install"
	says note tool-hotswitch /usr/local/bin/gpu-hotswitch-vfio
	says note tool-hotswitch-on /run/gpu-hotswitch-vfio-stopped-services "gpu-hotswitch-vfio off"
	says note driverctl /etc/driverctl.d/pci-0000:01:00.0 "driverctl unset-override 0000:01:00.0"
	says note tool-tuned /etc/tuned/vfio/tuned.conf:2
	says note tool-supergfxctl /etc/supergfxd.conf:2
	says note tool-supergfxctl /etc/supergfxd.conf:3
	says problem tool-optimus-removes /etc/optimus-manager/optimus-manager.conf:2 "pci_remove=no"
	says note tool-optimus /usr/bin/optimus-manager
	says note tool-vfio-tool /etc/vfio-tool/config.toml
	says note tool-vfio-sh /etc/vfio-gpu-passthrough.conf
	says note tool-deploy-vfio /usr/local/bin/deploy-vfio.d/logic_main-setup
	says note tool-proxmox /usr/share/perl5/PVE/QemuServer.pm "without libvirt"
	says ok tool-cockpit /usr/share/cockpit/machines/manifest.json
	echo "ignore = tool-optimus-removes tool-gpupt" > "$root/etc/hostdev-hook/hostdev-hook.conf"
	ctl check --root "$root" --raw
	[[ $output != *tool-optimus-removes* && $output != *tool-gpupt* && $output == *driverctl* ]]
}
