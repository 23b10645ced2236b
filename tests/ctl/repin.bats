#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# hostdevctl repin. It writes below /var/lib of the machine it runs on, so where it gets that far it runs in a mount
# namespace of its own, in which /sys and /var/lib are those of a made-up machine.

# shellcheck disable=SC2154,SC2034 # root, output and errors are set in machine.bash
load machine

uuid=4dea22b3-1d52-48f3-9516-782e98ab3fa0
columns=ADDRESS,CHANGE,BEFORE,NOW

setup() {
	machine_usual
	xml=$BATS_TEST_TMPDIR/guest.xml
	mkdir -p "$root/var/lib"
	pins=$root/var/lib/hostdev-hook/$uuid.pins
}

# Runs hostdevctl repin "$xml" with more arguments on the made-up machine.
repin() { # OPTION...
	local out=$BATS_TEST_TMPDIR/stdout err=$BATS_TEST_TMPDIR/stderr

	needs_mounts
	status=0
	# shellcheck disable=SC2016 # for sh to expand
	unshare --mount --propagation private sh -c '
		mount --bind "$1/sys" /sys && mount --bind "$1/var/lib" /var/lib && program=$2 && shift 2 &&
		exec "$program" repin "$@"' \
		- "$root" "${HOSTDEVCTL:?}" "$@" "$xml" > "$out" 2> "$err" || status=$?
	output=$(< "$out")
	errors=$(< "$err")
	echo "status $status"$'\n'"$output"$'\n'"$errors"
}

@test "the devices that are there now are written down, and told" {
	guest_make win11 "$xml" 0000:01:00.0 0000:01:00.1 0000:01:00.0
	repin --dry-run
	[[ $status -eq 0 && $output == *"0000:01:00.0"*" new "* && ! -e ${pins%/*} ]]
	repin -rn -o "$columns"
	[[ $status -eq 0 && -z $errors ]]
	[[ $output == "0000:01:00.0 new  10de:2204:10de:0000\x20class\x20030000
0000:01:00.1 new  10de:1aef:10de:0000\x20class\x20040300" ]]
	[[ $(< "$pins") == "hostdev-hook pins 1
guest win11
pin 0000:01:00.0 10de:2204:10de:0000 class=030000
pin 0000:01:00.1 10de:1aef:10de:0000 class=040300" ]]
	[[ $(stat -c %a "$pins") == 600 && $(stat -c %a "${pins%/*}") == 700 ]]
	repin
	[[ $status -eq 0 && $(grep -c ' unchanged ' <<< "$output") -eq 2 && $output == *"ADDRESS"*"NAME"*"CHANGE"*"BEFORE"*"NOW"* ]]
	repin --json
	[[ $status -eq 0 ]]
	"$BATS_TEST_DIRNAME/../validate-json" repin <<< "$output"
	[[ $(grep -c '"change": *"unchanged"' <<< "$output") -eq 2 ]]
}

@test "another device, and one that the guest no longer names" {
	guest_make win11 "$xml" 0000:01:00.0 0000:02:00.0
	repin
	device_make 0000:01:00.0 10de:2684 030000 1 nvidia
	echo 00-1b-21-ff-ff-aa-bb-cc > "$root/sys/devices/pci0000:00/0000:01:00.0/serial_number"
	guest_make win11 "$xml" 0000:01:00.0
	before=$(< "$pins")
	repin -rn -o "$columns" --dry-run
	would=$output
	[[ $status -eq 0 && $(< "$pins") == "$before" ]]
	repin -rn -o "$columns"
	[[ $status -eq 0 && $output == "$would" ]]
	[[ $output == "0000:01:00.0 changed 10de:2204:10de:0000\x20class\x20030000 10de:2684:10de:0000\x20class\x20030000\x20serial\x2000-1b-21-ff-ff-aa-bb-cc
0000:02:00.0 forgotten 8086:10d3:8086:0000\x20class\x20020000 " ]]
	[[ $(wc -l < "$pins") -eq 3 ]]
}

@test "a device that is not there keeps its pin" {
	guest_make win11 "$xml" 0000:01:00.0 0000:02:00.0 0000:09:00.0
	repin
	[[ $status -eq 1 && $errors == "hostdevctl: there is no PCI device 0000:09:00.0 on this host: "* ]]
	rm -r "$root/sys/bus/pci/devices/0000:02:00.0" "$root/sys/devices/pci0000:00/0000:02:00.0"
	repin
	[[ $status -eq 1 && $errors == *"the pin stays as it was: 0000:02:00.0 is not there any more; one like it is at 0000:03:00.0."* ]]
	grep -q '^pin 0000:02:00.0 8086:10d3' "$pins"
}

@test "damaged pins are written anew" {
	guest_make win11 "$xml" 0000:01:00.0
	mkdir -m 700 "${pins%/*}"
	echo rubbish > "$pins"
	repin
	[[ $status -eq 0 && $errors == "hostdevctl: the pins of win11 are damaged, and are written anew" ]]
	[[ $output == *"0000:01:00.0"*" new "* && $(wc -l < "$pins") -eq 3 ]]
	# Where there is nothing to expect, nothing is written.
	guest_make win11 "$xml" 0000:09:00.0
	echo rubbish > "$pins"
	repin
	[[ $status -eq 1 && $errors == *"the pins of win11 are damaged, and stay so, as none of the guest's devices is here" ]]
	[[ $(< "$pins") == rubbish ]]
}

@test "a host that cannot be read is no damage of the pins" {
	guest_make win11 "$xml" 0000:01:00.0
	repin
	mkdir "$root/sys/bus/pci/drivers/none"
	ln -sfn ../../../bus/pci/drivers/none "$root/sys/bus/pci/devices/0000:01:00.0/driver"
	repin
	[[ $status -eq 1 && $errors == *"driver names that cannot be"* && $errors != *"pins"* && -z $output ]]
}

@test "a directory that others may write is refused" {
	guest_make win11 "$xml" 0000:01:00.0
	mkdir "${pins%/*}"
	chmod 777 "${pins%/*}"
	repin
	[[ $status -eq 1 && $errors == *"/var/lib/hostdev-hook: others than its owner may write it"* && ! -e $pins ]]
}

@test "not without a UUID" {
	cat > "$xml" <<< "<domain type='kvm'><name>win11</name></domain>"
	fails repin "$xml"
	[[ $errors == "hostdevctl: win11 has no <uuid>"* ]]
}

@test "only for root" {
	needs_root
	guest_make win11 "$xml" 0000:01:00.0
	chmod 755 "$BATS_RUN_TMPDIR" "$BATS_TEST_TMPDIR"
	cp "$HOSTDEVCTL" "$BATS_TEST_TMPDIR/hostdevctl"
	run setpriv --reuid 65534 --clear-groups "$BATS_TEST_TMPDIR/hostdevctl" repin - < "$xml"
	[[ $status -eq 1 && $output == "hostdevctl: only root may write"*": run this with sudo" ]]
}

@test "wrong arguments" {
	misuses repin
	[[ $errors == "hostdevctl: repin takes one FILE or GUEST"* ]]
	misuses repin a b
	misuses repin --root "$root" "$xml"
	[[ $errors == "hostdevctl: repin changes this host only: --root needs --dry-run"* ]]
	fails repin ./no-such-file
	[[ $errors == *"open ./no-such-file: No such file"* ]]
	ok repin --help
	[[ $output == "Usage: hostdevctl repin [OPTION...] FILE|GUEST"* ]]
}
