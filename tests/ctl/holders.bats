#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# hostdevctl holders on made-up machines: a row for each holder and use of the devices that were asked for.

# shellcheck disable=SC2154 # root and errors are set in machine.bash
load machine

setup() {
	needs_root
	machine_usual
	process_make 812 mpv 0000:01:00.1 snd/controlC0 116:3
	process_make 90001 arecord 0000:01:00.1 snd/controlC0 116:3
}

@test "who has a device open, numbers flush right" {
	ok holders --root "$root" -o PID,COMMAND,NODE,ACTION 01:00.1
	diff -u - <(echo "$output") <<-'END'
		  PID COMMAND NODE               ACTION
		  812 mpv     /dev/snd/controlC0 terminate
		90001 arecord /dev/snd/controlC0 terminate
	END
}

@test "numbers are numbers in JSON, and null where there is none" {
	needs_program python3
	echo 1 > "$root/proc/sys/kernel/hung_task_panic"
	echo 120 > "$root/proc/sys/kernel/hung_task_timeout_secs"
	ok holders --root "$root" -J -o +GROUP 01:00.1
	python3 - "$output" <<-'END'
		import json, sys
		rows = json.loads(sys.argv[1])["holders"]
		assert [row["pid"] for row in rows] == [812, 90001, None, None], rows
		assert [row["group"] for row in rows] == [1, 1, 1, 1], rows
		assert rows[2]["kind"] == "hung-task-panic" and rows[0]["session"] is None, rows
	END
}

@test "one device, however its address is spelled" {
	ok holders --root "$root" 0000:01:00.1
	[[ $(wc -l <<< "$output") -eq 3 ]]
	first=$output
	for address in 01:00.1 pci_0000_01_00_1; do
		ok holders --root "$root" "$address"
		[[ $output == "$first" ]]
	done
}

@test "several devices at once, each of them once" {
	process_make 77 aplay 0000:03:00.0 snd/controlC1 116:4
	ok holders --root "$root" -rn -o ADDRESS,PID 01:00.1 pci_0000_03_00_0 02:00.0 0000:01:00.1
	[[ $(sort <<< "$output") == $'0000:01:00.1 812\n0000:01:00.1 90001\n0000:03:00.0 77' ]]
	ok holders --root "$root" -rn -o ADDRESS,PID 03:00.0 02:00.0
	[[ $output == '0000:03:00.0 77' ]]
}

# interface_make NAME ADDRESS, block_make NAME ADDRESS MAJOR:MINOR
interface_make() {
	mkdir -p "$root/sys/devices/pci0000:00/$2/net/$1" "$root/sys/class/net"
	ln -s "../../devices/pci0000:00/$2/net/$1" "$root/sys/class/net/$1"
}
block_make() {
	mkdir -p "$root/sys/devices/pci0000:00/$2/nvme/nvme0/$1" "$root"/sys/{class/block,dev/block}
	ln -s "../../devices/pci0000:00/$2/nvme/nvme0/$1" "$root/sys/class/block/$1"
	ln -s "../../devices/pci0000:00/$2/nvme/nvme0/$1" "$root/sys/dev/block/$3"
	mknod "$root/dev/$1" b "${3%:*}" "${3#*:}"
}

@test "a device by its node, a link to that, or its interface" {
	ok holders --root "$root" -rno PID 01:00.1
	first=$output
	ok holders --root "$root" -rno PID /dev/snd/controlC0
	[[ $output == "$first" ]]
	ok holders --root "$root" -rno PID controlC0
	[[ $output == "$first" ]]
	mkdir "$root/dev/snd/by-path"
	ln -s ../controlC0 "$root/dev/snd/by-path/pci-0000:01:00.1"
	ok holders --root "$root" -rno PID /dev/snd/by-path/pci-0000:01:00.1
	[[ $output == "$first" ]]
	interface_make eth0 0000:01:00.1
	block_make nvme0n1 0000:01:00.1 259:0
	for word in eth0 nvme0n1 /dev/nvme0n1; do
		ctl holders --root "$root" -rno PID "$word"
		[[ $output == "$first"* ]]
	done
}

@test "a device that nobody uses" {
	device_make 0000:05:00.0 1b36:0005 ff0000 6 none
	guest_make win11 "$BATS_TEST_TMPDIR/guest.xml" 0000:05:00.0
	for word in 05:00.0 "$BATS_TEST_TMPDIR/guest.xml"; do
		ctl holders --root "$root" "$word"
		[[ $status -eq 0 && -z $output && $errors == "hostdevctl: nobody uses 0000:05:00.0 ("* ]]
	done
	guest_make plain "$BATS_TEST_TMPDIR/guest.xml"
	ctl holders --root "$root" "$BATS_TEST_TMPDIR/guest.xml"
	[[ $status -eq 0 && -z $output && $errors == "hostdevctl: plain names no host PCI device" ]]
}

@test "a disk with several ways to it is below its subsystem" {
	local subsystem=$root/sys/devices/virtual/nvme-subsystem/nvme-subsys0
	mkdir -p "$subsystem/nvme0n1" "$root/sys/devices/pci0000:00/0000:01:00.1/nvme/nvme0" "$root/sys/class/block"
	ln -s ../../../pci0000:00/0000:01:00.1/nvme/nvme0 "$subsystem/nvme0"
	ln -s ../../devices/virtual/nvme-subsystem/nvme-subsys0/nvme0n1 "$root/sys/class/block/nvme0n1"
	ok holders --root "$root" -rno ADDRESS,PID nvme0n1
	[[ $output == "0000:01:00.1 812"* ]]
	ln -s ../../../pci0000:00/0000:02:00.0/nvme/nvme1 "$subsystem/nvme1"
	fails holders --root "$root" nvme0n1
	[[ $errors == "hostdevctl: nvme0n1: it belongs to more than one PCI device" ]]
}

@test "what is no PCI device, and what is not there" {
	mkdir -p "$root"/sys/{devices/virtual/net/virbr0,class/net}
	ln -s ../../devices/virtual/net/virbr0 "$root/sys/class/net/virbr0"
	fails holders --root "$root" virbr0
	[[ $errors == "hostdevctl: virbr0: it belongs to no PCI device (/sys/devices/virtual/net/virbr0)" ]]
	: > "$root/dev/file"
	fails holders --root "$root" /dev/file
	[[ $errors == "hostdevctl: /dev/file: it is no device node" ]]
	fails holders --root "$root" eth7
	[[ $errors == "hostdevctl: there is no guest eth7, nor any other; nor is there such a device" ]]
}

@test "a device that is not there is a failure; the others are shown" {
	fails holders --root "$root" 09:00.0
	[[ $errors == "hostdevctl: there is no PCI device 0000:09:00.0 on this host: \"lspci -D\" lists the devices that are" ]]
	ctl holders --root "$root" -rn -o PID 09:00.0 01:00.1 09:00.1
	[[ $status -eq 1 && $output == $'812\n90001' ]]
	[[ $errors == $'hostdevctl: there is no PCI device 0000:09:00.0 on this host: "lspci -D" lists the devices that are\nhostdevctl: there is no PCI device 0000:09:00.1 on this host: '* ]]
	ctl holders --root "$root" -J 09:00.0
	[[ $status -eq 1 && ${output//[[:space:]]/} == '{"version":1,"holders":[]}' ]]
	guest_make win11 "$BATS_TEST_TMPDIR/guest.xml" 0000:01:00.1 0000:09:00.0
	ctl holders --root "$root" -rn -o PID "$BATS_TEST_TMPDIR/guest.xml"
	[[ $status -eq 1 && $output == $'812\n90001' && $errors == "hostdevctl: win11: there is no PCI device 0000:09:00.0 on this host: \"lspci -D\" lists the devices that are" ]]
}

@test "a guest's devices" {
	guest_make win11 "$BATS_TEST_TMPDIR/guest.xml" 0000:01:00.1 0000:02:00.0
	ok holders --root "$root" -rn -o ADDRESS,PID "$BATS_TEST_TMPDIR/guest.xml"
	[[ $output == $'0000:01:00.1 812\n0000:01:00.1 90001' ]]
}

@test "+ adds columns behind the usual ones" {
	ok holders --root "$root" -r -o +GROUP,driver 01:00.1
	[[ ${output%%$'\n'*} == "ADDRESS KIND NODE PID COMMAND USER SESSION UNIT HOW ACTION GROUP DRIVER" ]]
	[[ ${output##*$'\n'} == "0000:01:00.1 "*" 1 snd_hda_intel" ]]
	# What is there already need not be added.
	ok holders --root "$root" -r -o +PID,GROUP,group,ADDRESS 01:00.1
	[[ ${output%%$'\n'*} == "ADDRESS KIND NODE PID COMMAND USER SESSION UNIT HOW ACTION GROUP" ]]
	ok holders --root "$root" -rn -o COMMAND,PID 01:00.1
	[[ $output == $'mpv 812\narecord 90001' ]]
}

@test "wrong arguments" {
	misuses holders
	[[ $errors == "hostdevctl: holders takes one DEVICE or more, or one FILE or GUEST"* ]]
	fails holders --root "$root" 01:00.1 win11
	[[ $errors == 'hostdevctl: this host has no PCI address, device node or interface "win11"' ]]
	fails holders --root "$root" ./win11.xml 01:00.1
	[[ $errors == 'hostdevctl: this host has no PCI address, device node or interface "./win11.xml"' ]]
	misuses holders --device 01:00.0 01:00.1
	misuses holders -o PIN 01:00.1
	[[ $errors == 'hostdevctl: unknown column "PIN"; the columns are ADDRESS, KIND, NODE, PID, COMMAND, USER, SESSION, UNIT, HOW, ACTION, NAME, DRIVER, GROUP'* ]]
	misuses holders -o +PIN 01:00.1
	misuses holders -o + 01:00.1
	misuses holders -o PID,pid 01:00.1
	misuses holders -o "$(printf 'x%.0s' {1..5000})" 01:00.1
	[[ $errors == *"the columns are ADDRESS, "*", GROUP"$'\n'* ]]
	fails holders --root "$root" ./win11.xml
}
