#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# hostdevctl check: groups, cards, containers, and other tools that drive devices.

# shellcheck disable=SC2154 # root, output and errors are set in machine.bash
load machine

uuid=4dea22b3-1d52-48f3-9516-782e98ab3fa0

setup() { machine_usual; }

# finds STATUS ID SUBJECT [TEXT]: check has such a row.
finds() {
	ctl check --root "$root" --raw
	echo "${output//\\x20/ }"$'\n'"$errors"
	[[ -z $errors ]]
	grep -E "^$1 $2 $3 " <<< "${output//\\x20/ }" | grep -qF -- "${4:-}"
}

# finds_no ID...: check has no row with one of them.
finds_no() {
	local id
	ctl check --root "$root" --raw
	echo "${output//\\x20/ }"$'\n'"$errors"
	for id; do [[ -z $errors && $(grep -cE "^[a-z]+ $id " <<< "$output") -eq 0 ]]; done
}

# comm PID NAME: a process of that name.
comm() { mkdir -p "$root/proc/$1" && echo "$2" > "$root/proc/$1/comm"; }

# desktop NAME: process 710, of a session, with the card open.
desktop() {
	process_make 710 "$1" 0000:01:00.0 dri/card1 226:1
	echo 0::/user.slice/user-1000.slice/session-2.scope | tee "$root/proc/710/cgroup" > "$root/proc/710/task/710/cgroup"
	mkdir -p "$root/run/systemd/sessions"
	printf '%s\n' UID=1000 USER=alice ACTIVE=1 STATE=active CLASS=user TYPE=wayland > "$root/run/systemd/sessions/2"
}

# loan LINE...: what was remembered of the last loan.
loan() {
	mkdir -p "$root/var/lib/hostdev-hook"
	chmod 700 "$root/var/lib/hostdev-hook"
	printf '%s\n' 'hostdev-hook loan 1' 'guest win11' 'kernel 6.0.9-old' "$@" > "$root/var/lib/hostdev-hook/$uuid.loan"
}

@test "a device whose folder is hidden" {
	finds_no device-hidden cardwire
	rm "$root/sys/devices/pci0000:00/0000:02:00.0/vendor"
	finds problem device-hidden 0000:02:00.0 "is in IOMMU group 2, and its folder in /sys cannot be seen"
	[[ $output != *cardwire* ]]
	comm 300 cardwired
	finds problem device-hidden 0000:02:00.0 "cardwired runs, and can let it be seen"
	finds note cardwire cardwired "hide a graphics card from libvirt and the hook"
}

@test "groups that have changed since the last loan" {
	loan 'group 0000:02:00.0=e1000e'
	finds_no group-joined group-left
	# A NIC with a driver, and a controller without.
	loan 'group 0000:04:00.0=none'
	finds problem group-joined 0000:04:00.0 "was lent to win11. Since the last start (kernel 6.0.9-old; now 6.1.0-test) 0000:03:00.0 joined its group. Starting the earlier kernel may part them. A start is refused while they share a group, unless"
	loan 'group 0000:03:00.0=e1000e'
	finds note group-joined 0000:03:00.0 "0000:04:00.0 joined its group."
	# Both were lent, each from a group of its own: there is one group now, and one thing to tell.
	loan 'group 0000:03:00.0=e1000e' 'group 0000:04:00.0=none'
	finds note group-joined 0000:03:00.0 "0000:04:00.0 joined its group."
	[[ $(grep -c group-joined <<< "$output") -eq 1 ]]
	loan 'group 0000:02:00.0=e1000e 0000:03:00.0=e1000e'
	finds note group-left 0000:02:00.0 "0000:03:00.0 left its group."
	# A card that was taken out has no group any more.
	loan 'group 0000:09:00.0=e1000e'
	finds_no group-joined group-left
}

@test "cards that the kernel cannot reset" {
	finds_no reset-none
	# Kernels before 5.15 show of no device how it is reset.
	echo "flr bus" > "$root/sys/bus/pci/devices/0000:02:00.0/reset_method"
	finds note reset-none 0000:01:00.0 "the kernel knows no way to reset it"
	[[ $(grep -c reset-none <<< "$output") -eq 1 ]]
	echo bus > "$root/sys/bus/pci/devices/0000:01:00.0/reset_method"
	finds_no reset-none
	echo > "$root/sys/bus/pci/devices/0000:01:00.0/reset_method"
	finds note reset-none 0000:01:00.0
	echo 1 > "$root/sys/bus/pci/devices/0000:01:00.0/boot_vga"
	finds_no reset-none
}

@test "a device that a guest names, and that the kernel cannot reset" {
	echo flr > "$root/sys/bus/pci/devices/0000:02:00.0/reset_method"
	echo bus > "$root/sys/bus/pci/devices/0000:01:00.0/reset_method"
	finds_no reset-none
	mkdir -p "$root/etc/libvirt/qemu"
	guest_make win11 "$root/etc/libvirt/qemu/win11.xml" 0000:03:00.0
	finds note reset-none 0000:03:00.0
	[[ $(grep -c reset-none <<< "$output") -eq 1 ]]
}

@test "cards that are known to come back badly" {
	finds_no reset-known-bad
	device_make 0000:05:00.0 1002:731f 030000 5 amdgpu
	finds note reset-known-bad 0000:05:00.0 "is one of AMD RX 5000 (Navi 10, 12 and 14)."
	mkdir "$root/sys/module/vendor_reset"
	finds_no reset-known-bad
	device_make 0000:06:00.0 1002:7550 030000 6 amdgpu
	finds note reset-known-bad 0000:06:00.0 "do not reserve them from boot on"
	device_make 0000:07:00.0 10de:2b85 030000 7 nvidia
	finds note reset-known-bad 0000:07:00.0 "is one of NVIDIA RTX 50"
}

@test "a desktop that has a card open on which it need not be" {
	needs_root
	process_make 812 mpv 0000:01:00.0 dri/renderD129 226:129
	finds_no compositor-holds
	desktop gnome-shell
	finds note compositor-holds 0000:01:00.0 'is open in gnome-shell (process 710'
	[[ ${output//\\x20/ } == *'KERNELS=="0000:01:00.0", TAG+="mutter-device-ignore"'* ]]
	desktop kwin_wayland
	finds note compositor-holds 0000:01:00.0 "set KWIN_DRM_DEVICES in its environment to the cards that it may use, without 0000:01:00.0"
	desktop niri
	finds note compositor-holds 0000:01:00.0 "ignore-drm-device"
	desktop weston
	finds note compositor-holds 0000:01:00.0 "look into its manual"
	echo 1 > "$root/sys/bus/pci/devices/0000:01:00.0/boot_vga"
	finds_no compositor-holds
}

@test "driverctl" {
	finds_no driverctl
	mkdir "$root/etc/driverctl.d"
	echo vfio-pci > "$root/etc/driverctl.d/pci-0000:01:00.0"
	finds note driverctl /etc/driverctl.d/pci-0000:01:00.0 "gives the device back to that driver"
}

@test "rules of udev and .link files" {
	mkdir -p "$root"/etc/{udev/rules.d,systemd/network/10-nic.link.d}
	printf '# driver_override\nSUBSYSTEM=="net", NAME="lan"\n' > "$root/etc/udev/rules.d/70-net.rules"
	printf '[Link]\n#SR-IOVVirtualFunctions=4\nName=lan\n' > "$root/etc/systemd/network/10-nic.link"
	finds_no udev-binds udev-vfs link-vfs
	echo 'ACTION=="add", KERNEL=="0000:01:00.0", ATTR{driver_override}="vfio-pci"' >> "$root/etc/udev/rules.d/70-net.rules"
	echo 'ACTION=="add", SUBSYSTEM=="net", ATTR{device/sriov_numvfs}="4"' > "$root/etc/udev/rules.d/80-vfs.rules"
	echo "SR-IOVVirtualFunctions=4" > "$root/etc/systemd/network/10-nic.link.d/vfs.conf"
	finds note udev-binds /etc/udev/rules.d/70-net.rules:3
	finds note udev-vfs /etc/udev/rules.d/80-vfs.rules:1
	finds note link-vfs /etc/systemd/network/10-nic.link.d/vfs.conf:1
	[[ $(grep -c link-vfs <<< "$output") -eq 1 ]]
}

@test "containers" {
	comm 640 libvirtd
	echo "640 (libvirtd) S 1 0 0 0 -1 0 0 0 0 0 0 0 0 0 0 0 1 0 100 0 0" > "$root/proc/640/stat"
	printf '%s\0' /usr/sbin/libvirtd > "$root/proc/640/cmdline"
	echo 640 > "$root/run/libvirtd.pid"
	echo 0::/system.slice/libvirtd.service > "$root/proc/640/cgroup"
	finds_no daemon-container check-container
	echo "0::/machine.slice/libpod-$(printf 'ab%.0s' {1..32}).scope/container" > "$root/proc/640/cgroup"
	finds problem daemon-container libvirtd "does not call the one of this host"
	: > "$root/.dockerenv"
	finds note check-container /.dockerenv
}
