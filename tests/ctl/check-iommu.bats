#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# hostdevctl check: the IOMMU, and the words of the kernel that concern it.

# shellcheck disable=SC2154 # root, output and errors are set in machine.bash
load machine

setup() {
	machine_usual
	guest_make win11 "$BATS_TEST_TMPDIR/win11.xml" 0000:02:00.0
}

# finds STATUS ID [TEXT]: check has such a row.
finds() {
	ctl check --root "$root" --raw
	echo "${output//\\x20/ }"$'\n'"$errors"
	grep -E "^$1 $2 " <<< "${output//\\x20/ }" | grep -qF -- "${3:-}"
}

# finds_no ID: check has no row with it.
finds_no() {
	ctl check --root "$root" --raw
	[[ -z $errors && $(grep -cE "^[a-z]+ $1 " <<< "$output") -eq 0 ]]
}

# processor MAKER [WORDS]: of the machine, which is started with these words.
processor() {
	printf 'processor\t: 0\nvendor_id\t: %s\n' "$1" > "$root/proc/cpuinfo"
	echo "BOOT_IMAGE=/vmlinuz ${2-} quiet" > "$root/proc/cmdline"
}

# advises TEXT: check, with which an installation ends, and a refusal say the same.
advises() {
	finds problem iommu-off "is off, and no device can be lent without it. $1"
	ctl plan "$BATS_TEST_TMPDIR/win11.xml" --root "$root"
	[[ $status -eq 1 && "$output$errors" == *"$1"* ]]
}

@test "what switches the IOMMU on" {
	finds ok iommu-on "is on"
	rm -r "$root"/sys/kernel/iommu_groups/*
	advises "Switch on the IOMMU in the firmware setup (BIOS/UEFI), and restart the host."
	processor GenuineIntel
	advises "Switch on VT-d in the firmware setup (BIOS/UEFI), add intel_iommu=on to the kernel's command line, and restart the host."
	processor GenuineIntel "intel_iommu=off intel_iommu=on,sm_on"
	advises "Switch on VT-d in the firmware setup (BIOS/UEFI), and restart the host: intel_iommu=on is on the kernel's command line already."
	processor GenuineIntel "intel_iommu=on intel_iommu=off"
	advises "Take intel_iommu=off off the kernel's command line, and restart the host."
	processor AuthenticAMD "intel_iommu=off"
	advises "Switch on the IOMMU (AMD-Vi) in the firmware setup (BIOS/UEFI), and restart the host: Linux needs no option for it on AMD."
	processor AuthenticAMD amd_iommu=off
	advises "Take amd_iommu=off off the kernel's command line, and restart the host."
	processor HygonGenuine iommu=pt,off
	advises "Take iommu=off off the kernel's command line, and restart the host."
}

@test "words that take away from what the IOMMU protects" {
	processor GenuineIntel intel_iommu=on
	for id in acs-override acs-changed intremap-off intremap-unsafe; do finds_no "$id"; done
	processor GenuineIntel "pcie_acs_override=downstream,multifunction"
	finds note acs-override "splits IOMMU groups that the hardware does not keep apart"
	processor GenuineIntel "pci=noaer,disable_acs_redir=pci:8086:1901"
	finds note acs-changed
	processor GenuineIntel "nointremap"
	finds problem intremap-off "switches interrupt remapping off"
	processor GenuineIntel "intremap=off"
	finds problem intremap-off
}

@test "unsafe interrupts" {
	mkdir -p "$root/sys/module/vfio_iommu_type1/parameters"
	echo N > "$root/sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts"
	finds_no intremap-unsafe
	echo Y > "$root/sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts"
	finds note intremap-unsafe "can send it any interrupt"
}

@test "kernels with a known fault" {
	finds_no kernel-bad
	echo 6.12.72+deb13-amd64 > "$root/proc/sys/kernel/osrelease"
	finds problem kernel-bad "no module can be loaded any more, and the host has to be restarted. Kernel 6.12.73 has it no more"
	echo 6.12.73+deb13-amd64 > "$root/proc/sys/kernel/osrelease"
	finds_no kernel-bad
}
