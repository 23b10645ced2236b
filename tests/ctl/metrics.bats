#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# hostdevctl status --metrics, as Prometheus takes it; and which devices count as stranded.

# shellcheck disable=SC2154,SC2034 # root, output and errors are set in machine.bash
load machine

uuid=4dea22b3-1d52-48f3-9516-782e98ab3fa0
other=5dea22b3-1d52-48f3-9516-782e98ab3fa1
boot=0d9e2c1e-8f6a-4c0b-9a5e-1f2d3c4b5a69

setup() {
	machine_usual
	state=$root/run/hostdev-hook
	mkdir -m 700 "$state"
}

# bound ADDRESS DRIVER
bound() {
	driver_make "$2"
	ln -sfn "../../../bus/pci/drivers/$2" "$root/sys/devices/pci0000:00/$1/driver"
}

# journal UUID NAME LINE...
journal() { printf '%s\n' "hostdev-hook journal 1" "boot $boot" "guest $2" "uuid $1" "${@:3}" > "$state/$1.journal"; }

# record UUID NAME LINE...
record() { printf '%s\n' "hostdev-hook handovers 1" "guest $2" "uuid $1" "${@:3}" > "$state/$1.last"; }

# Prints the metrics, which promtool must find nothing wrong with.
metrics() {
	needs_program promtool
	ok status --root "$root" --metrics
	promtool check metrics <<< "$output"
}

has() { grep -qxF -- "$1" <<< "$output" || { echo "there is no $1"; return 1; }; }
has_none() { ! grep -q -- "^$1" <<< "$output" || { echo "there is $1"; return 1; }; }

stranded() { metrics; has "hostdev_device_stranded{address=\"$1\",class=\"network\"} 1"; }
not_stranded() { metrics; has_none hostdev_device_stranded; }

@test "a machine that lends nothing has metrics all the same" {
	metrics
	has_none hostdev_device
	has_none hostdev_last
	grep -q '^hostdev_check_problems [0-9]*$' <<< "$output"
	rm -r "$state"
	metrics
}

@test "devices on loan, and what is lost of them" {
	journal $uuid 'win "11\x5c\x0a' "claim 0000:01:00.0" "claim 0000:02:00.0" \
		"step driver 0000:01:00.0 none,override=vfio-pci -> vfio-pci,override=vfio-pci # hostdev device" \
		"step driver 0000:02:00.0 none,override=vfio-pci -> vfio-pci,override=vfio-pci # hostdev device" \
		"lent +at=1764525180"
	bound 0000:01:00.0 vfio-pci
	metrics
	has 'hostdev_device_on_loan{address="0000:01:00.0",class="display",guest="win \"11\\x5c\\x0a"} 1'
	has 'hostdev_device_on_loan_since_seconds{address="0000:01:00.0",guest="win \"11\\x5c\\x0a"} 1764525180'
	has 'hostdev_device_lost{address="0000:02:00.0",class="network",guest="win \"11\\x5c\\x0a",state="lost"} 1'
	[[ $(grep -c '^hostdev_device_on_loan{' <<< "$output") -eq 1 ]]
	sed -i 's/^lent.*/lent\nreturning/' "$state/$uuid.journal"
	metrics
	has_none hostdev_device_on_loan
}

@test "the last hand-overs" {
	record $uuid win11 "lend refused 1764525180 214" "message no" "return done 1764520000 5900"
	# The name's earlier owner: two samples of one series would make the file void.
	record $other win11 "lend done 1764525179 5" "return done 1764520001 6"
	metrics
	has 'hostdev_last_handover_success{guest="win11",operation="lend"} 0'
	has 'hostdev_last_handover_success{guest="win11",operation="return"} 1'
	has 'hostdev_last_handover_seconds{guest="win11",operation="lend"} 0.214'
	has 'hostdev_last_handover_seconds{guest="win11",operation="return"} 0.006'
	has 'hostdev_last_handover_timestamp_seconds{guest="win11",operation="lend"} 1764525180'
	[[ $(grep -c '^hostdev_last_handover_success' <<< "$output") -eq 2 ]]
	# Of the same second as well.
	record $other win11 "lend done 1764525180 5"
	metrics
	[[ $(grep -c '^hostdev_last_handover_success' <<< "$output") -eq 2 ]]
}

@test "what check finds is counted" {
	local before

	metrics
	before=$(sed -n 's/^hostdev_check_problems //p' <<< "$output")
	chmod 777 "$state"
	metrics
	[[ $(sed -n 's/^hostdev_check_problems //p' <<< "$output") -eq $((before + 1)) ]]
}

@test "--output writes the file whole, for others to read" {
	local file=$BATS_TEST_TMPDIR/collector/hostdev.prom

	needs_program promtool
	mkdir "${file%/*}"
	(umask 077; ok status --root "$root" --metrics --output "$file")
	[[ -z $output ]]
	promtool check metrics < "$file"
	[[ $(stat -c %a "$file") == 644 ]]
	echo old > "$file"
	ok status --root "$root" --metrics -o "$file"
	[[ $(ls -A "${file%/*}") == hostdev.prom ]]
	grep -q hostdev_check_problems "$file"
	fails status --root "$root" --metrics --output "${file%/*}/nowhere/x.prom"
	[[ $errors == "hostdevctl: create a file beside "* ]]
	ln -s /dev/null "${file%/*}/link"
	fails status --root "$root" --metrics --output "${file%/*}/link"
	[[ $errors == *"is no regular file"* && $(readlink "${file%/*}/link") == /dev/null ]]
}

@test "a device on a VFIO driver that nobody has or wants is stranded" {
	bound 0000:02:00.0 vfio-pci
	stranded 0000:02:00.0
	ctl check --root "$root" -rn -o STATUS,ID,SUBJECT
	[[ $output == *"problem vfio-unasked 0000:02:00.0"* ]]
	bound 0000:02:00.0 e1000e
	not_stranded
	# By what the kernel says of its driver.
	mkdir "$root/sys/devices/pci0000:00/0000:02:00.0/vfio-dev"
	stranded 0000:02:00.0
}

@test "what a guest has is not stranded" {
	bound 0000:02:00.0 vfio-pci
	journal $uuid win11 "claim 0000:02:00.0" lent
	not_stranded
	rm "$state/$uuid.journal"
	mkdir -p "$root/run/libvirt/qemu"
	guest_make win11 "$BATS_TEST_TMPDIR/guest" 0000:02:00.0
	{ echo "<domstatus state='running' reason='booted' pid='5'>"; cat "$BATS_TEST_TMPDIR/guest"; echo "</domstatus>"; } \
		> "$root/run/libvirt/qemu/win11.xml"
	not_stranded
	# What cannot be read may have it.
	echo rubbish > "$root/run/libvirt/qemu/win11.xml"
	ctl status --root "$root" --metrics
	[[ $status -eq 0 && $errors == *"whether devices are stranded is not known: /run/libvirt/qemu/win11.xml: "* ]]
	has_none hostdev_device_stranded
	rm "$root/run/libvirt/qemu/win11.xml"
	stranded 0000:02:00.0
}

@test "what the boot was told to reserve is not stranded" {
	local override='ACTION=="add", ATTR{vendor}=="0x8086", RUN+="sh -c echo vfio-pci > driver_override"'

	bound 0000:02:00.0 vfio-pci
	echo "root=/dev/sda1 vfio-pci.ids=10de:2204,8086:10d3" > "$root/proc/cmdline"
	not_stranded
	echo "root=/dev/sda1 hostdev.guest=0000:02:00.0=8086:10d3:020000" > "$root/proc/cmdline"
	not_stranded
	echo "root=/dev/sda1 vfio-pci.ids=10de:2204" > "$root/proc/cmdline"
	stranded 0000:02:00.0
	mkdir -p "$root"/etc/{modprobe.d,driverctl.d,udev/rules.d}
	echo "options vfio-pci ids=8086:10d3" > "$root/etc/modprobe.d/vfio.conf"
	not_stranded
	echo "options vfio-pci ids=8086:10d4" > "$root/etc/modprobe.d/vfio.conf"
	stranded 0000:02:00.0
	echo vfio-pci > "$root/etc/driverctl.d/pci-0000:02:00.0"
	not_stranded
	mv "$root/etc/driverctl.d/pci-0000:02:00.0" "$root/etc/driverctl.d/pci-0000:03:00.0"
	stranded 0000:02:00.0
	echo "$override" > "$root/etc/udev/rules.d/10-vfio.rules"
	not_stranded
	rm "$root/etc/udev/rules.d/10-vfio.rules"
	mkdir -p "$root/var/lib/hostdev-hook/generate"
	printf '%s\n' "hostdev-hook set-up 1" "mode static" "arguments --devices 0000:02:00.0" "version 0.2.0" \
		"kernel 6.1.0-test" "device 0000:02:00.0 8086:10d3:8086:0000 class=020000" applied \
		> "$root/var/lib/hostdev-hook/generate/1.setup"
	not_stranded
}
