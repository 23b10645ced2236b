#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# examples/proxmox-hookscript, called as Proxmox calls it. In a mount namespace of its own /etc/pve is made up, and
# hostdevctl is one that writes down how it was called.

# shellcheck disable=SC2154,SC2034 # root is set in machine.bash
load machine

setup() {
	needs_mounts
	machine_usual
	script=$BATS_TEST_DIRNAME/../../examples/proxmox-hookscript
	calls=$BATS_TEST_TMPDIR/calls
	mkdir -p "$root/etc/pve/qemu-server" "$BATS_TEST_TMPDIR/bin"
	: > "$calls"
	hostdevctl_is 'exit 0'
}

# hostdevctl_is LINE: what it does when it has written down its arguments.
hostdevctl_is() {
	printf '%s\n' '#!/bin/bash' "echo \"\$*\" >> '$calls'" "$1" > "$BATS_TEST_TMPDIR/bin/hostdevctl"
	chmod +x "$BATS_TEST_TMPDIR/bin/hostdevctl"
}

config() { printf '%s\n' "$@" > "$root/etc/pve/qemu-server/100.conf"; }

# phase PHASE [VMID]
phase() {
	status=0
	# shellcheck disable=SC2016 # for sh to expand
	unshare --mount --propagation private env PATH="$BATS_TEST_TMPDIR/bin:$PATH" sh -c '
		mount --bind "$1/sys" /sys && mount --bind "$1/etc" /etc && shift && exec "$@"' \
		- "$root" "$script" "${2-100}" "$1" > "$BATS_TEST_TMPDIR/out" 2>&1 || status=$?
	output=$(< "$BATS_TEST_TMPDIR/out")
	echo "status $status"$'\n'"$output"
	cat "$calls"
}

@test "the devices of a machine are lent, and returned" {
	config "name: win11" "hostpci0: 0000:01:00,pcie=1,x-vga=1" "hostpci12: host=02:00.0,rombar=0" "memory: 4096"
	phase pre-start
	[[ $status -eq 0 && -z $output ]]
	[[ $(< "$calls") == "return vm-100"$'\n'"lend --yes --for vm-100 0000:01:00.0 0000:01:00.1 0000:02:00.0" ]]
	phase post-start
	phase pre-stop
	[[ $status -eq 0 && $(wc -l < "$calls") -eq 2 ]]
	phase post-stop
	[[ $status -eq 0 && $(tail -n 1 "$calls") == "return vm-100" ]]
}

@test "several devices in one line; snapshots and mediated devices are none" {
	config "hostpci0: 0000:01:00.0;0000:02:00.0" "hostpci1: 03:00.0,mdev=nvidia-63" "" "[before]" "hostpci0: 04:00.0"
	phase pre-start
	[[ $status -eq 0 && $(tail -n 1 "$calls") == "lend --yes --for vm-100 0000:01:00.0 0000:02:00.0" ]]
}

@test "without a device there is nothing to do" {
	config "name: plain" "#hostpci0: 01:00" "net0: virtio"
	phase pre-start
	[[ $status -eq 0 && ! -s $calls ]]
}

# shellcheck disable=SC2016 # for the made-up hostdevctl to expand
@test "a refusal ends the start" {
	config "hostpci0: 02:00.0"
	hostdevctl_is '[[ $1 != lend ]] || { echo "hostdevctl: not lent: because" >&2; exit 1; }'
	phase pre-start
	[[ $status -eq 1 && $output == "hostdevctl: not lent: because"$'\n'"hostdev-hook: the virtual machine 100 is not started: "* ]]
	hostdevctl_is '[[ $1 != return ]]'
	phase pre-start
	[[ $status -eq 1 && $output == *"is not returned yet: run \"hostdevctl return vm-100\"." ]]
	[[ $(tail -n 1 "$calls") == "return vm-100" ]]
}

@test "what cannot be found ends the start" {
	config "hostpci0: 0a:00"
	phase pre-start
	[[ $status -eq 1 && $output == *"there is no PCI device 0000:0a:00 on this host."* && ! -s $calls ]]
	config "hostpci0: mapping=gpu,pcie=1"
	phase pre-start
	[[ $status -eq 1 && $output == *"mapping=gpu names a mapping of the cluster."* && ! -s $calls ]]
	phase pre-start ../100
	[[ $status -eq 2 ]]
}

@test "the real hostdevctl understands how it is called" {
	config "hostpci0: 0a:00.0"
	ln -sf "$HOSTDEVCTL" "$BATS_TEST_TMPDIR/bin/hostdevctl"
	phase pre-start
	[[ $status -eq 1 && $output == *"not lent: there is no PCI device 0000:0a:00.0"* ]]
	phase post-stop
	[[ $status -eq 0 && $output == "hostdevctl: vm-100 has no journal: nothing is lent to it" ]]
}
