#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The plugin of kernel-install on a made-up host; with the real kernel-install it is run by images.
# shellcheck disable=SC2030,SC2031,SC2154 # $output, $stderr and $status are those of bats

load world
bats_require_minimum_version 1.5.0

list=/etc/hostdev-hook/boot-choices
kernel=6.12.48+deb13-amd64

setup() {
	needs_world
	world_make
	device_make 0000:01:00.0 10de:2204:1458:403b:030000
	device_make 0000:02:00.0 10de:2204:1458:403b:030000
	cp "$BATS_TEST_DIRNAME/menus/choices" "$world$list"
	mkdir -p "$world/etc/kernel" "$world/esp/loader/entries"
	echo "root=UUID=0a ro" > "$world/etc/kernel/cmdline"
	entries=$world/esp/loader/entries
	base=$entries/token-$kernel
	entry > "$base.conf"
}

entry() {
	cat <<- ENTRY
		# Boot Loader Specification type#1 entry
		title      Debian GNU/Linux 13 (trixie)
		version    $kernel
		sort-key   debian
		options    root=UUID=0a ro quiet 
		linux      /token/$kernel/linux
		initrd     /token/$kernel/initrd
	ENTRY
}

plugin() { # COMMAND [VERSION [LAYOUT]]
	KERNEL_INSTALL_LAYOUT=${3:-bls} KERNEL_INSTALL_BOOT_ROOT=$world/esp KERNEL_INSTALL_ENTRY_TOKEN=token KERNEL_INSTALL_VERBOSE=0 \
		run --separate-stderr inside sh "$pieces/kernel-install" "$1" "${2-$kernel}" "$world/esp/token"
	echo "status $status"$'\n'"$output"$'\n'"$stderr"
	is "$status $output" "0 "
}

names() { (cd "$entries" && find . -type f -printf '%P\n' | LC_ALL=C sort | paste -sd ' '); }

@test "an entry for each choice, made of the kernel's" {
	plugin add
	is "$stderr" ""
	is "$(names)" "token-$kernel-hostdev-1.conf token-$kernel-hostdev-2.conf token-$kernel.conf"
	is "$(< "$base-hostdev-2.conf")" "# Boot Loader Specification type#1 entry
title      Debian GNU/Linux 13 (trixie), VFIO: host keeps GeForce RTX 3090 (01:00.0), naïve {title}
version    $kernel
sort-key   debian-hostdev-02
options    root=UUID=0a ro quiet hostdev.guest=0000:02:00.0=10de:2204:1458:403b:030000 intel_iommu=on
linux      /token/$kernel/linux
initrd     /token/$kernel/initrd"
	diff <(entry) "$base.conf"
	plugin add
	is "$(names)" "token-$kernel-hostdev-1.conf token-$kernel-hostdev-2.conf token-$kernel.conf"
}

@test "they go with their kernel, and no other goes" {
	plugin add
	cp "$base.conf" "$entries/token-6.1.conf"
	plugin add 6.1
	cp "$base.conf" "$entries/token-6.1-hostdev-mine.conf"
	plugin remove 6.1
	is "$(names)" "token-6.1-hostdev-mine.conf token-6.1.conf token-$kernel-hostdev-1.conf token-$kernel-hostdev-2.conf token-$kernel.conf"
	# The list is not needed for that.
	rm "$world$list"
	plugin remove
	is "$(names)" "token-6.1-hostdev-mine.conf token-6.1.conf token-$kernel.conf"
}

@test "an entry without options or sort-key, and one whose attempts are counted" {
	entry | grep -vE '^(options|sort-key)' > "$base.conf"
	mv "$base.conf" "$base+3-0.conf"
	plugin add
	is "$(names)" "token-$kernel+3-0.conf token-$kernel-hostdev-1+0.conf token-$kernel-hostdev-2+0.conf"
	grep -qx "options    hostdev.guest=0000:02:00.0=10de:2204:1458:403b:030000 intel_iommu=on" "$base-hostdev-2+0.conf"
	is "$(grep -c sort-key "$base-hostdev-2+0.conf")" 0
}

# What systemd-boot and systemd-bless-boot make of the names of entries.
@test "counted entries: one that was started goes as well, and comes back without attempts" {
	mv "$base.conf" "$base+3.conf"
	plugin add
	is "$(names)" "token-$kernel+3.conf token-$kernel-hostdev-1+0.conf token-$kernel-hostdev-2+0.conf"
	mv "$base-hostdev-1+0.conf" "$base-hostdev-1+0-1.conf"
	mv "$base-hostdev-2+0.conf" "$base-hostdev-2.conf"
	plugin add
	is "$(names)" "token-$kernel+3.conf token-$kernel-hostdev-1+0.conf token-$kernel-hostdev-2+0.conf"
	mv "$base+3.conf" "$base.conf"
	plugin add
	is "$(names)" "token-$kernel-hostdev-1.conf token-$kernel-hostdev-2.conf token-$kernel.conf"
	# The version of another kernel is no count.
	cp "$base.conf" "$base+1-other.conf"
	plugin add
	is "$(names)" "token-$kernel+1-other.conf token-$kernel-hostdev-1.conf token-$kernel-hostdev-2.conf token-$kernel.conf"
	rm "$base+1-other.conf"
	mv "$base.conf" "$base+0-3.conf"
	plugin add
	is "$(names)" "token-$kernel+0-3.conf token-$kernel-hostdev-1+0.conf token-$kernel-hostdev-2+0.conf"
	plugin remove
	is "$(names)" "token-$kernel+0-3.conf"
}

# Version 252 leaves there what it has written under another count, with the words of then.
@test "counted entries: of several the one that was written last is derived from" {
	echo "3 " > "$world/etc/kernel/tries"
	sed s/quiet/new/ "$base.conf" > "$base+3.conf"
	sed s/quiet/older/ "$base.conf" > "$base+2-1.conf"
	plugin add
	is "$(grep -c ' ro new hostdev.guest=' "$base-hostdev-1+0.conf" "$base-hostdev-2+0.conf" | cut -d : -f 2 | paste -sd ' ')" "1 1"
	# Nothing was written where its own entry is another.
	rm "$base+3.conf"
	plugin add
	grep -q ' ro quiet hostdev.guest=' "$base-hostdev-1+0.conf"
	rm "$world/etc/kernel/tries"
}

@test "words that leaked from the running kernel are named, and not passed on" {
	sed -i 's/quiet/hostdev.guest=0000:09:00.0=1:2:3:4:5 quiet/' "$base.conf"
	plugin add
	is "$stderr" ""
	grep -qx "options    root=UUID=0a ro quiet hostdev.guest=0000:02:00.0=10de:2204:1458:403b:030000 intel_iommu=on" "$base-hostdev-2.conf"
	rm "$world/etc/kernel/cmdline"
	plugin add
	[[ $stderr == *"there is no /etc/kernel/cmdline" ]]
}

@test "nothing to derive from, nothing understood, not root's: no entries, and one line" {
	rm "$base.conf"
	plugin add
	[[ $stderr == *"there is no $base.conf to derive from" ]]
	entry | grep -v ^linux > "$base.conf"
	plugin add
	[[ $stderr == *"names no kernel" ]]
	entry > "$base.conf"
	plugin add
	echo surprise >> "$world$list"
	plugin add
	[[ $stderr == "hostdev-hook: $list: line 11 is not understood" ]]
	is "$(names)" "token-$kernel.conf"
	chmod 666 "$world$list"
	plugin add
	[[ $stderr == *"can be changed by others"* ]]
	rm "$world$list"
	plugin add
	[[ $stderr == *"is missing" ]]
	is "$(names)" "token-$kernel.conf"
}

@test "devices that are gone make no entry" {
	rm -r "$world/pci/devices/0000:02:00.0"
	plugin add
	is "$(names)" "token-$kernel-hostdev-1.conf token-$kernel.conf"
	[[ $stderr == *"hostdev-keep-0000:01:00.0: its devices are gone"* ]]
}

@test "other layouts and commands are not its business" {
	plugin add "$kernel" uki
	plugin add "$kernel" other
	plugin inspect
	plugin add ""
	is "$(names)$stderr" "token-$kernel.conf"
}

@test "a full boot partition stops no kernel" {
	mkdir "$world/small"
	# shellcheck disable=SC2016 # the inner shell expands it
	KERNEL_INSTALL_LAYOUT=bls KERNEL_INSTALL_ENTRY_TOKEN=token run --separate-stderr inside sh -c '
		mount -t tmpfs -o size=8k none "$WORLD/small" && mkdir -p "$WORLD/small/loader/entries" && cp "$WORLD/esp/loader/entries/"*.conf "$WORLD/small/loader/entries/" || exit 98
		cat /dev/zero > "$WORLD/small/loader/fill" 2> /dev/null
		KERNEL_INSTALL_BOOT_ROOT=$WORLD/small sh "$0" add "$1"
		status=$?
		ls "$WORLD/small/loader/entries"
		exit $status' "$pieces/kernel-install" "$kernel"
	echo "$output"$'\n'"$stderr"
	is "$status $output" "0 token-$kernel.conf"
	[[ $stderr == *hostdev-hook:*"could not be written"* ]]
}
