#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# hostdevctl check GUEST: its devices, whether it would start, its memory, and what libvirt keeps of it.

# shellcheck disable=SC2154 # root, output and errors are set in machine.bash
load machine

uuid=4dea22b3-1d52-48f3-9516-782e98ab3fa0

setup() {
	machine_usual
	xml=$BATS_TEST_TMPDIR/win11.xml
	guest_make win11 "$xml" 0000:02:00.0
	meminfo 16777216
}

# meminfo KIB: so much memory is available.
meminfo() { printf 'MemTotal: 33554432 kB\nMemAvailable: %s kB\nHugepagesize: 2048 kB\n' "$1" > "$root/proc/meminfo"; }

# memory ELEMENTS: of the guest.
memory() {
	guest_make win11 "$xml" 0000:02:00.0
	sed -i "s|<devices>|$1<devices>|" "$xml"
}

# says STATUS ID SUBJECT [TEXT]: there is such a row. The exit status is 1 if and only if there is a problem.
says() {
	ctl check "$xml" --root "$root" --raw
	echo "status $status"$'\n'"${output//\\x20/ }"$'\n'"$errors"
	[[ -z $errors ]]
	if grep -q '^problem ' <<< "$output"; then [[ $status -eq 1 ]]; else [[ $status -eq 0 ]]; fi
	grep -E "^$1 $2 $3 " <<< "${output//\\x20/ }" | grep -qF -- "${4:-}"
}

# says_no ID: no row has it.
says_no() {
	ctl check "$xml" --root "$root" --raw
	[[ -z $errors && $(grep -cE "^[a-z]+ $1 " <<< "$output") -eq 0 ]]
}

@test "a guest with which all is well" {
	memory "<memory unit='GiB'>8</memory>"
	says ok guest-device 0000:02:00.0 "driver e1000e, IOMMU group 2, never lent to this guest"
	says ok guest-starts win11 "would start"
	says ok guest-memory win11 "needs 8.0 GiB, and 16.0 GiB are available"
	[[ $(grep -cE '^(note|problem)' <<< "$output") -eq 0 ]]
	says_no hook-link
}

@test "a guest without devices, and one that is no guest" {
	guest_make plain "$xml"
	says ok guest-no-device plain "the hook does nothing for it"
	says_no guest-starts
	echo "<nonsense/>" > "$xml"
	fails check "$xml" --root "$root"
}

@test "a device that is not there, and another one than was lent" {
	guest_make win11 "$xml" 0000:07:00.0
	says problem guest-device-missing 0000:07:00.0 "there is no such device"
	says problem guest-refused win11 "would not start: "
	[[ $output != *cardwire* ]]
	mkdir -p "$root/proc/300"
	echo cardwired > "$root/proc/300/comm"
	says problem guest-device-missing 0000:07:00.0
	[[ $output == *cardwired* ]]
	guest_make win11 "$xml" 0000:02:00.0
	says_no guest-device-missing
	mkdir -p "$root/var/lib"
	mkdir -m 700 "$root/var/lib/hostdev-hook"
	printf '%s\n' 'hostdev-hook pins 1' 'guest win11' 'pin 0000:02:00.0 8086:1533:8086:0000 class=020000' \
		> "$root/var/lib/hostdev-hook/$uuid.pins"
	says problem guest-device-other 0000:02:00.0 "run hostdevctl repin win11"
	sed -i s/8086:1533/8086:10d3/ "$root/var/lib/hostdev-hook/$uuid.pins"
	says ok guest-device 0000:02:00.0 "the same as when it was first lent"
	says_no guest-device-other
}

@test "what shares its group, and that it would be refused" {
	says_no guest-device-mates
	guest_make win11 "$xml" 0000:03:00.0
	says note guest-device-mates 0000:03:00.0 "shares IOMMU group 3 with 0000:04:00.0"
	driver_make xhci_hcd
	ln -sfn ../../../bus/pci/drivers/xhci_hcd "$root/sys/devices/pci0000:00/0000:04:00.0/driver"
	says problem guest-refused win11 "shares IOMMU group 3 with 0000:04:00.0"
	[[ $(grep -c '^problem' <<< "$output") -eq 1 ]]
	# A bridge stays with the host.
	device_make 0000:03:00.3 8086:1234 060000 3 none
	says note guest-device-mates 0000:03:00.0 "shares IOMMU group 3 with 0000:04:00.0"
	[[ $output != *0000:03:00.3* ]]
}

@test "who uses it" {
	needs_root
	guest_make win11 "$xml" 0000:01:00.0 0000:01:00.1
	says_no guest-device-held
	process_make 812 mpv 0000:01:00.1 snd/pcmC0D3p 116:3
	says note guest-device-held 0000:01:00.1 "is in use by mpv (process 812"
}

@test "memory that the host does not have" {
	memory "<memory unit='GiB'>24</memory>"
	says note guest-memory-short win11 "needs 24.0 GiB, all of it at once"
	says_no guest-memory
	memory "<memory unit='GiB'>8</memory><memtune><hard_limit unit='GiB'>4</hard_limit></memtune>"
	says problem guest-memory-limit win11 "is 4.0 GiB, and the guest has 8.0 GiB"
	memory "<memory unit='GiB'>8</memory><memtune><hard_limit unit='GiB'>9</hard_limit></memtune>"
	says_no guest-memory-limit
}

@test "huge pages" {
	local pages=$root/sys/kernel/mm/hugepages
	memory "<memory unit='GiB'>8</memory><memoryBacking><hugepages/></memoryBacking>"
	says problem guest-hugepages-short win11 "needs 4096 huge pages of 2048 KiB, and 0 are free"
	mkdir -p "$pages"/hugepages-{2048,1048576}kB
	echo 4096 > "$pages/hugepages-2048kB/free_hugepages"
	echo 7 > "$pages/hugepages-1048576kB/free_hugepages"
	says ok guest-memory win11 "and 4096 are free"
	says_no guest-hugepages-short
	memory "<memory unit='GiB'>8</memory><memoryBacking><hugepages><page size='1' unit='G'/></hugepages></memoryBacking>"
	says problem guest-hugepages-short win11 "needs 8 huge pages of 1048576 KiB, and 7 are free"
}

@test "what libvirt keeps of it" {
	for id in guest-autostart guest-managed-save guest-snapshots; do says_no "$id"; done
	mkdir -p "$root"/etc/libvirt/qemu/autostart "$root"/var/lib/libvirt/qemu/{save,snapshot/win11}
	says_no guest-snapshots
	ln -s /etc/libvirt/qemu/win11.xml "$root/etc/libvirt/qemu/autostart/win11.xml"
	: > "$root/var/lib/libvirt/qemu/save/win11.save"
	: > "$root/var/lib/libvirt/qemu/snapshot/win11/clean.xml"
	says note guest-autostart win11 "virsh autostart --disable win11"
	says note guest-managed-save win11 "virsh managedsave-remove win11"
	says note guest-snapshots win11 "has 1 snapshot:"
}

@test "a guest that runs" {
	mkdir -p "$root/proc/900"
	printf '%s\0' /usr/bin/qemu-system-x86_64 -name guest=win11 -uuid "$uuid" > "$root/proc/900/cmdline"
	echo qemu-system-x86 > "$root/proc/900/comm"
	echo "900 (qemu-system-x86) S 1 0 0 0 -1 0 0 0 0 0 0 0 0 0 0 0 1 0 100 0 0" > "$root/proc/900/stat"
	ln -sfn ../../../bus/pci/drivers/vfio-pci "$root/sys/devices/pci0000:00/0000:02:00.0/driver"
	says ok guest-runs win11 "runs (process 900)"
	says_no guest-starts
}

@test "a guest by its name" {
	mkdir -p "$root/etc/libvirt/qemu"
	cp "$xml" "$root/etc/libvirt/qemu/win11.xml"
	ok check win11 --root "$root" -rno ID
	[[ $output == *guest-starts* ]]
	fails check win12 --root "$root"
}

@test "what the guest's own file ignores" {
	mkdir "$root/etc/hostdev-hook/guests"
	mkdir -p "$root/etc/libvirt/qemu/autostart"
	: > "$root/etc/libvirt/qemu/autostart/win11.xml"
	says note guest-autostart win11
	echo "ignore = guest-autostart" > "$root/etc/hostdev-hook/guests/win11.conf"
	says_no guest-autostart
}
