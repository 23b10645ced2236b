#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The binder in the shells of an initramfs, on a made-up kernel, with no program but modprobe.
# shellcheck disable=SC2030,SC2031,SC2154 # $log, $output and $status are those of world.bash

load world

card=10de:2204:1458:403b:030000
sound=10de:1aef:1458:403b:040300
nic=8086:10d3:8086:a01f:020000

setup() { needs_world; }

# A binder that writes through the model of a kernel, where links have to move.
modelled() {
	awk -v kernel="$BATS_TEST_DIRNAME/kernel.sh" '/^put\(\)/ { print ". \"" kernel "\""; next } { print }' "$pieces/binder" > "$world/binder"
	[[ $(grep -c '/kernel.sh"$' "$world/binder") -eq 1 ]]
}

@test "an initramfs-tools that asks for what comes first hears nothing" {
	each_shell asks_for_prereqs
}
asks_for_prereqs() {
	local -a shell=("$world/tools/$1")
	[[ $1 != busybox ]] || shell+=(sh)
	echo "hostdev.guest=0000:01:00.0=$card" > "$world/cmdline"
	device_make 0000:01:00.0 $card
	bare=yes run inside "${shell[@]}" "$pieces/binder" prereqs
	is "$status $output" "0 "
	is "$(< "$world/log")" ""
	override_is 0000:01:00.0 "(null)"
}

@test "devices of the command line are reserved before a driver has them" {
	each_shell reserves
}
reserves() {
	modprobe_make
	device_make 0000:01:00.0 $card
	device_make 0000:01:00.1 $sound
	device_make 0000:02:00.0 $card
	device_make 10000:e1:00.0 $nic
	echo "ro hostdev.guest=0000:01:00.0=$card,0000:01:00.1=$sound quiet hostdev.guest=10000:e1:00.0=$nic" > "$world/cmdline"
	export MODPROBE_OPTIONS=-qb
	binder "$1"
	is "$status $output" "0 "
	for address in 0000:01:00.0 0000:01:00.1 10000:e1:00.0; do
		override_is $address vfio-pci
		driver_is $address vfio-pci
		says "<5>hostdev-hook: $address: reserved for guests"
	done
	override_is 0000:02:00.0 "(null)"
	driver_is 0000:02:00.0 ""
	# A blacklist must not hold here.
	is "$(< "$world/modprobe.log")" "options : vfio-pci"
}

@test "a driver with ids of its own is loaded before the others, and not where that is switched off" {
	each_shell loads_for_ids
}
loads_for_ids() {
	modprobe_make
	device_make 0000:01:00.0 $card
	echo "ro vfio-pci.ids=10de:2204 quiet" > "$world/cmdline"
	binder "$1"
	is "$status $output" "0 "
	is "$(< "$world/modprobe.log")" "options : vfio-pci"
	says "<5>hostdev-hook: vfio-pci is loaded before other drivers, and takes what has its ids"
	override_is 0000:01:00.0 "(null)"
	: > "$world/modprobe.log"
	rm -rf "$world/pci/drivers/vfio-pci"
	echo "ro vfio-pci.ids=10de:2204 hostdev.off" > "$world/cmdline"
	binder "$1"
	echo "ro vfio-pci.ids=10de:2204 vfio_pci.ids=" > "$world/cmdline"
	binder "$1"
	is "$(< "$world/modprobe.log")" ""
	# The same said by the image's own list.
	printf '%s\n' '# a comment' ids > "$world/etc/hostdev-hook/reserve"
	echo "ro single" > "$world/cmdline"
	binder "$1"
	is "$(< "$world/modprobe.log")" ""
	echo "ro" > "$world/cmdline"
	binder "$1"
	is "$(< "$world/modprobe.log")" "options : vfio-pci"
}

@test "nothing is asked for: nothing is done or said" {
	each_shell asks_nothing
}
asks_nothing() {
	modprobe_make
	device_make 0000:01:00.0 $card
	binder "$1"
	is "$status $output$log$(< "$world/modprobe.log")" "0 "
	override_is 0000:01:00.0 "(null)"
}

@test "the image's list holds where the command line says nothing" {
	each_shell reads_reserve
}
reads_reserve() {
	modprobe_make
	device_make 0000:01:00.0 $card
	device_make 0000:02:00.0 $nic
	printf '%s\n' "# by hand" "" "  0000:01:00.0=$card # the card" > "$world/etc/hostdev-hook/reserve"
	printf '%s' "0000:02:00.0=$nic" >> "$world/etc/hostdev-hook/reserve"
	binder "$1"
	driver_is 0000:01:00.0 vfio-pci
	driver_is 0000:02:00.0 vfio-pci

	world_make
	modprobe_make
	device_make 0000:01:00.0 $card
	device_make 0000:02:00.0 $nic
	echo "0000:01:00.0=$card" > "$world/etc/hostdev-hook/reserve"
	echo "hostdev.guest=0000:02:00.0=$nic" > "$world/cmdline"
	binder "$1"
	driver_is 0000:01:00.0 ""
	driver_is 0000:02:00.0 vfio-pci

	# An entry that says "none" means none.
	echo "hostdev.guest=" > "$world/cmdline"
	binder "$1"
	driver_is 0000:01:00.0 ""
}

@test "what is absent, or another device, is left alone and said" {
	each_shell refuses
}
refuses() {
	modprobe_make
	device_make 0000:01:00.0 10de:2204:1458:403b:030200
	device_make 0000:02:00.0 10de:2204:1462:403b:030000
	device_make 0000:03:00.0 $nic
	device_make 0000:05:00.0 $nic
	echo i-was-here > "$world/pci/devices/0000:05:00.0/driver_override"
	echo "hostdev.guest=0000:01:00.0=$card,0000:02:00.0=$card,0000:04:00.0=$card,0000:05:00.0=$nic,0000:03:00.0=$nic" > "$world/cmdline"
	binder "$1"
	is "$status $output" "0 "
	says "0000:01:00.0: this is 10de:2204:1458:403b:030200 and not $card: not reserved"
	says "0000:02:00.0: this is 10de:2204:1462:403b:030000 and not $card: not reserved"
	says "0000:04:00.0: there is no such device"
	says "0000:05:00.0: driver_override already says i-was-here: not reserved"
	override_is 0000:01:00.0 "(null)"
	override_is 0000:02:00.0 "(null)"
	override_is 0000:05:00.0 i-was-here
	driver_is 0000:03:00.0 vfio-pci
}

@test "of devices that are alike, the one that is at its place is reserved" {
	each_shell tells_twins
}
tells_twins() {
	# Sorted as the firmware counts: what is alike has other things between, and in another PCI domain it does not count.
	twins() { # ADDRESS...
		local address
		world_make
		modprobe_make
		for address; do device_make "$address" $card; done
		device_make 0000:04:00.0 $nic
		device_make 0001:01:00.0 $card
		echo "$words" > "$world/cmdline"
		binder "$with"
		is "$status $output" "0 "
	}
	local with=$1 words="ro hostdev.guest=0000:03:00.0=$card+2of2"
	twins 0000:01:00.0 0000:03:00.0
	driver_is 0000:03:00.0 vfio-pci
	driver_is 0000:01:00.0 ""
	# Another bus number for the host's is no change.
	twins 0000:02:00.0 0000:03:00.0
	driver_is 0000:03:00.0 vfio-pci
	# A bus came in front: the host's has this address now.
	twins 0000:03:00.0 0000:05:00.0
	says "<4>hostdev-hook: 0000:03:00.0: among devices like it, it is 1of2 and not 2of2, so that it may be another one: not reserved"
	override_is 0000:03:00.0 "(null)"
	override_is 0000:05:00.0 "(null)"
	# A third came, or the host's is gone.
	twins 0000:01:00.0 0000:03:00.0 0000:0a:00.0
	says "it is 2of3 and not 2of2"
	override_is 0000:03:00.0 "(null)"
	twins 0000:03:00.0
	says "it is 1of1 and not 2of2"
	override_is 0000:03:00.0 "(null)"
	words="ro hostdev.guest=0000:03:00.0=$card+,0000:03:00.0=$card+2,0000:03:00.0=$card+2of,0000:03:00.0=$card+0of2"
	twins 0000:01:00.0 0000:03:00.0
	is "$(grep -c 'the item is damaged' <<< "$log")" 4
	override_is 0000:03:00.0 "(null)"
}

@test "words that ask for a way into the host win" {
	each_shell honours_rescue
}
honours_rescue() {
	local word
	modprobe_make
	device_make 0000:01:00.0 $card
	for word in hostdev.off hostdev.off=1 single s S 1 -s rescue rd.rescue emergency rd.emergency -b recovery rd.break rd.break=pre-mount break=premount \
		systemd.unit=rescue.target systemd.unit=emergency.target systemd.unit=rescue rd.systemd.unit=emergency.target init=/bin/sh init=/usr/bin/bash; do
		echo "ro hostdev.guest=0000:01:00.0=$card $word quiet" > "$world/cmdline"
		binder "$1"
		is "$status $output" "0 "
		says "nothing reserved: \"$word\" is on the kernel's command line"
		override_is 0000:01:00.0 "(null)"
	done
	# Of the list in the image they are the way out, too.
	echo "0000:01:00.0=$card" > "$world/etc/hostdev-hook/reserve"
	echo "ro single" > "$world/cmdline"
	binder "$1"
	override_is 0000:01:00.0 "(null)"
	is "$(< "$world/modprobe.log")" ""
}

@test "words that only look like those do not" {
	each_shell passes_over
}
passes_over() {
	local word
	for word in singleton x.single=1 hostdev.off=0 hostdev.offer systemd.unit=multi-user.target 3 init=/sbin/init 'x="a single b"' break-even; do
		world_make
		modprobe_make
		device_make 0000:01:00.0 $card
		echo "ro $word hostdev.guest=0000:01:00.0=$card" > "$world/cmdline"
		binder "$1"
		driver_is 0000:01:00.0 vfio-pci
	done
	# GRUB puts quotes around what it was given in quotes.
	world_make
	modprobe_make
	device_make 0000:01:00.0 $card
	echo "ro hostdev.guest=\"0000:01:00.0=$card\"" > "$world/cmdline"
	binder "$1"
	driver_is 0000:01:00.0 vfio-pci
}

@test "damaged words do no harm" {
	each_shell survives
}
survives() {
	modprobe_make
	device_make 0000:01:00.0 $card
	device_make 0000:02:00.0 $nic
	mkdir "$world/pci/devices/x"
	cat > "$world/cmdline" << 'WORDS'
* /* hostdev.guest=* hostdev.guest=/etc/*,..,.,=,,,= hostdev.guest=$(reboot),`reboot`,;reboot,'a',\n\t%s,<x>&| hostdev.guest="odd hostdev.guest
WORDS
	printf 'hostdev.guest=%s hostdev.guest=%s\n' "0000:01:00.0,0000:01:00.0=,0000:01:00.0=$card:1,../x:01:00.0=$card,0000:01:00.8=$card,0000:01:00.0=${card^^}" \
		"0000:02:00.0=$nic,0000:02:00.0=$nic" >> "$world/cmdline"
	binder "$1"
	is "$status $output" "0 "
	says "an item of the list is damaged"
	says "0000:01:00.0=: the item is damaged"
	says_not reboot
	override_is 0000:01:00.0 "(null)"
	driver_is 0000:02:00.0 vfio-pci
	is "$(grep -c '0000:02:00.0: reserved' <<< "$log")" 1
	# Bytes of any kind, and no end of line.
	head -c 4096 /dev/urandom | tr '\0' 'x' > "$world/cmdline"
	binder "$1"
	is "$status" 0
	: > "$world/cmdline"
	binder "$1"
	is "$status $output$log" "0 "
}

@test "a word with a glob in it is no list of files" {
	each_shell takes_no_files
}
takes_no_files() {
	modprobe_make
	device_make 0000:02:00.0 $nic
	cd "$world" || return
	: > single
	echo "* hostdev.guest=0000:02:00.0=$nic" > "$world/cmdline"
	binder "$1"
	driver_is 0000:02:00.0 vfio-pci
}

@test "a thousand items" {
	each_shell reads_many
}
reads_many() {
	local n
	modprobe_make
	device_make 0000:01:00.0 $card
	for ((n = 0; n < 1000; n++)); do printf '%04x:77:00.0=%s\n' $n $card; done > "$world/etc/hostdev-hook/reserve"
	echo "0000:01:00.0=$card" >> "$world/etc/hostdev-hook/reserve"
	binder "$1" > /dev/null
	is "$status $output" "0 "
	driver_is 0000:01:00.0 vfio-pci
	is "$(wc -l < "$world/log")" 1001
}

@test "a driver that is built in gives its device up, and last of all" {
	each_shell takes_from_driver
}
takes_from_driver() {
	modprobe_make
	modelled
	device_make 0000:01:00.0 $card simple
	device_make 0000:02:00.0 $nic
	echo "hostdev.guest=0000:01:00.0=$card,0000:02:00.0=$nic" > "$world/cmdline"
	binder "$1" "$world/binder"
	is "$status $output" "0 "
	driver_is 0000:01:00.0 vfio-pci
	driver_is 0000:02:00.0 vfio-pci
	says "0000:01:00.0: taking it from simple"
	[[ $log == *"02:00.0: reserved"*"01:00.0: taking"*"01:00.0: reserved"* ]]
	[[ ! -e $world/pci/drivers/simple/0000:01:00.0 ]]
	is "$(grep -v override "$world/writes")" "write \"0000:01:00.0\" devices/0000:01:00.0/driver/unbind
write \"0000:01:00.0\" drivers/vfio-pci/bind"
}

@test "vfio-pci that is built in is told of each device, and modprobe is not asked" {
	each_shell binds_to_builtin
}
binds_to_builtin() {
	modprobe_make failing
	modelled
	driver_make vfio-pci
	device_make 0000:01:00.0 $card
	device_make 0000:02:00.0 $nic vfio-pci
	echo "hostdev.guest=0000:01:00.0=$card,0000:02:00.0=$nic" > "$world/cmdline"
	binder "$1" "$world/binder"
	driver_is 0000:01:00.0 vfio-pci
	driver_is 0000:02:00.0 vfio-pci
	is "$(< "$world/modprobe.log")" ""
	is "$(grep -v override "$world/writes")" "write \"0000:01:00.0\" drivers/vfio-pci/bind"
}

@test "without vfio-pci every override is taken back" {
	each_shell gives_back
}
gives_back() {
	device_make 0000:01:00.0 $card
	device_make 0000:02:00.0 $nic e1000e
	echo "hostdev.guest=0000:01:00.0=$card,0000:02:00.0=$nic" > "$world/cmdline"
	# With a modprobe that fails, and without any.
	for failing in yes no; do
		[[ $failing == no ]] || modprobe_make failing
		[[ $failing == yes ]] || rm "$world/programs/modprobe"
		binder "$1"
		is "$status $output" "0 "
		says "0000:01:00.0: the driver vfio-pci cannot be loaded: left to the host"
		says "0000:02:00.0: the driver vfio-pci cannot be loaded: left to the host"
		# One byte, as a write of none would change nothing.
		is "$(wc -c < "$world/pci/devices/0000:01:00.0/driver_override")" 1
		is "$(wc -c < "$world/pci/devices/0000:02:00.0/driver_override")" 1
		driver_is 0000:02:00.0 e1000e
	done
}

@test "what vfio-pci does not take goes home, and what a driver keeps stays" {
	each_shell comes_home
}
comes_home() {
	modprobe_make
	modelled
	device_make 0000:01:00.0 $card simple
	device_make 0000:02:00.0 $nic e1000e
	device_make 0000:03:00.0 $sound
	: > "$world/refuses-0000:01:00.0"
	: > "$world/keeps-0000:02:00.0"
	: > "$world/refuses-0000:03:00.0"
	echo "hostdev.guest=0000:01:00.0=$card,0000:02:00.0=$nic,0000:03:00.0=$sound" > "$world/cmdline"
	binder "$1" "$world/binder"
	is "$status $output" "0 "
	says "0000:01:00.0: vfio-pci does not take it (is the IOMMU on?): left to the host"
	says "0000:02:00.0: e1000e does not let go: left to the host"
	says "0000:03:00.0: vfio-pci does not take it"
	driver_is 0000:01:00.0 simple
	driver_is 0000:02:00.0 e1000e
	driver_is 0000:03:00.0 ""
	for address in 0000:01:00.0 0000:02:00.0 0000:03:00.0; do override_is $address "(null)"; done
}

# What is written to a pipe that nobody reads waits, as what is written to a driver that hangs.
@test "a driver that never lets go stops no boot" {
	each_shell waits_in_vain
}
waits_in_vain() {
	local stuck=$world/pci/drivers/stuck/unbind
	modprobe_make
	driver_make vfio-pci
	device_make 0000:01:00.0 $card stuck
	device_make 0000:02:00.0 $nic
	device_make 0000:03:00.0 $sound simple
	rm "$stuck"
	mkfifo "$stuck"
	echo "hostdev.guest=0000:01:00.0=$card,0000:02:00.0=$nic,0000:03:00.0=$sound" > "$world/cmdline"
	awk '/^patience=/ { print "patience=2"; next } { print }' "$pieces/binder" > "$world/binder"
	SECONDS=0
	binder "$1" "$world/binder"
	# That the other one does not let go either is what this kernel says of every write.
	[[ $SECONDS -lt 20 ]]
	is "$status $output" "0 "
	says "0000:01:00.0: stuck has not let go of it in 2 seconds: not reserved yet, and the boot goes on"
	says "0000:03:00.0: simple does not let go: left to the host"
	# It lets go at last, and the one that has waited ends.
	exec 8<> "$world/kmsg"
	is "$(< "$stuck")" 0000:01:00.0
	read -r -t 10 log <&8
	says "0000:01:00.0: stuck does not let go: left to the host"
	exec 8>&-
}

# Without a place for its file it takes what it can get.
@test "a driver that is built in gives its device up where nothing can be written" {
	each_shell takes_without_file
}
takes_without_file() {
	modprobe_make
	modelled
	device_make 0000:01:00.0 $card simple
	echo "hostdev.guest=0000:01:00.0=$card" > "$world/cmdline"
	sed -i 's,^\tstate=/run/,\tstate=/nowhere/,' "$world/binder"
	grep -q /nowhere/ "$world/binder"
	binder "$1" "$world/binder"
	is "$status $output" "0 "
	driver_is 0000:01:00.0 vfio-pci
}

@test "an override that cannot be written is said" {
	each_shell meets_unwritable
}
meets_unwritable() {
	modprobe_make
	device_make 0000:01:00.0 $card
	rm "$world/pci/devices/0000:01:00.0/driver_override"
	mkdir "$world/pci/devices/0000:01:00.0/driver_override"
	echo "hostdev.guest=0000:01:00.0=$card" > "$world/cmdline"
	binder "$1"
	is "$status $output" "0 "
	says "0000:01:00.0: driver_override cannot be set: not reserved"
	is "$(< "$world/modprobe.log")" ""
}
