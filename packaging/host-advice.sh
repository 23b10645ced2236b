# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What a machine still lacks before a guest can have a device of it: a line each, with what to do. Read by install.sh,
# which gives "say", "family" and "root"; packages may print the same after an installation.

: "${root=}" # the folder that stands for /

# Is the last "KEY=..." on the kernel's command line one with this value? Values are lists: "intel_iommu=on,sm_on".
cmdline_ends_with() { # KEY OTHER-VALUE VALUE
	tr ' ' '\n' < "$root/proc/cmdline" 2> /dev/null | grep -E "^$1=(.*,)?($2|$3)(,|\$)" | tail -n 1 |
		grep -qE "^$1=(.*,)?$3(,|\$)"
}

# The sentences of model/iommu.c, which hostdevctl check and a refusal say.
advise_iommu() {
	local firmware="in the firmware setup (BIOS/UEFI)" restart="and restart the host" maker
	[[ -z $(ls "$root/sys/kernel/iommu_groups" 2> /dev/null) ]] || return 0
	maker=$(grep -m 1 -osE 'GenuineIntel|AuthenticAMD|HygonGenuine' "$root/proc/cpuinfo")
	if cmdline_ends_with iommu force off; then
		say "  - The IOMMU is off. Take iommu=off off the kernel's command line, $restart."
	elif [[ $maker == GenuineIntel ]] && cmdline_ends_with intel_iommu on off; then
		say "  - The IOMMU is off. Take intel_iommu=off off the kernel's command line, $restart."
	elif [[ $maker == GenuineIntel ]] && cmdline_ends_with intel_iommu off on; then
		say "  - The IOMMU is off. Switch on VT-d $firmware, $restart: intel_iommu=on is on the kernel's command line already."
	elif [[ $maker == GenuineIntel ]]; then
		say "  - The IOMMU is off. Switch on VT-d $firmware, add intel_iommu=on to the kernel's command line, $restart."
	elif [[ $maker ]] && cmdline_ends_with amd_iommu force_enable off; then
		say "  - The IOMMU is off. Take amd_iommu=off off the kernel's command line, $restart."
	elif [[ $maker ]]; then
		say "  - The IOMMU is off. Switch on the IOMMU (AMD-Vi) $firmware, $restart: Linux needs no option for it on AMD."
	else
		say "  - The IOMMU is off. Switch on the IOMMU $firmware, $restart."
	fi
}

advise_vfio() {
	local release modules
	release=$(uname -r) modules=$root/lib/modules/$release
	[[ ! -e $root/sys/bus/pci/drivers/vfio-pci ]] || return 0
	if [[ ! -d $modules ]]; then
		say "  - The modules of the running kernel ($release) are not on the disk: after a kernel update, reboot."
	elif ! grep -qsE '/vfio-pci\.ko' "$modules/modules.dep" "$modules/modules.builtin"; then
		say "  - This kernel ($release) has no vfio-pci module: install the distribution's full kernel (CONFIG_VFIO_PCI)."
	fi
}

advise_libvirt() {
	local daemon what
	for daemon in libvirtd virtqemud; do
		[[ -x $root/usr/sbin/$daemon || -x $root/usr/bin/$daemon ]] && break
		daemon=
	done
	if [[ -z $daemon ]]; then
		case $(family) in
		debian) what="apt install libvirt-daemon-system qemu-system-x86" ;;
		fedora) what="dnf install libvirt-daemon-kvm, then systemctl enable --now virtqemud.socket" ;;
		arch) what="pacman -S libvirt qemu-base, then systemctl enable --now libvirtd.socket" ;;
		opensuse) what="zypper install libvirt-daemon-qemu qemu-x86, then systemctl enable --now virtqemud.socket" ;;
		*) what="install it from your distribution" ;;
		esac
		say "  - libvirt is not installed: $what."
	elif [[ -d $root/run/systemd/system ]]; then
		systemctl -q is-active libvirtd.service libvirtd.socket virtqemud.service virtqemud.socket ||
			say "  - libvirt is not running: systemctl enable --now $daemon.socket."
	# Not by a pipe, at whose early end "cat" would fail.
	elif ! grep -qxE 'libvirtd|virtqemud' <<< "$(cat "$root"/proc/[0-9]*/comm 2> /dev/null)"; then
		say "  - libvirt is not running: start $daemon."
	fi
}

advise() {
	local lacks
	lacks=$(advise_iommu; advise_vfio; advise_libvirt)
	if [[ -n $lacks ]]; then
		say ""
		say "hostdev-hook is installed. Before a guest can have a device, this machine needs:"
		say "$lacks"
	else
		say "hostdev-hook is installed, and this machine has what it needs. Start a guest with a host device."
	fi
}
