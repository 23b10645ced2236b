#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What initramfs-tools and mkinitcpio are asked for when they build an image. The first is run for real by images; the second is
# played here by functions of its names.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # the pieces' own shell expands; $output and $status are those of bats

load world

setup() {
	host=$BATS_TEST_TMPDIR/host
	image=$BATS_TEST_TMPDIR/image
	mkdir -p "$host/etc/hostdev-hook" "$image/usr/bin"
}

# hook_of_initramfs_tools ARGUMENT: with its functions file played.
hook_of_initramfs_tools() {
	echo 'manual_add_modules() { echo "modules $*"; }' > "$BATS_TEST_TMPDIR/hook-functions"
	sed "s|/usr/share/initramfs-tools/|$BATS_TEST_TMPDIR/|; s|/etc/hostdev-hook|$host/etc/hostdev-hook|g; s|\$DESTDIR$host|\$DESTDIR|g" \
		"$pieces/initramfs-tools-hook" > "$BATS_TEST_TMPDIR/hook"
	DESTDIR=$image run sh "$BATS_TEST_TMPDIR/hook" "$@"
	echo "$output"
}

@test "initramfs-tools: the driver, and the list where there is one" {
	hook_of_initramfs_tools prereqs
	is "$status $output" "0 "
	hook_of_initramfs_tools
	is "$status $output" "0 modules vfio-pci"
	[[ ! -e $image/etc ]]
	echo item > "$host/etc/hostdev-hook/reserve"
	hook_of_initramfs_tools
	is "$status $output" "0 modules vfio-pci"
	is "$(< "$image/etc/hostdev-hook/reserve")" item
}

@test "initramfs-tools: a list that cannot be copied is named, and the image is built" {
	mkdir "$host/etc/hostdev-hook/reserve"
	hook_of_initramfs_tools
	is "$status" 0
	[[ $output == *"this image reserves no devices"* ]]
}

# mkinitcpio_asks: what its build hook asks for, one line each.
mkinitcpio_asks() {
	sed "s|-e /etc/|-e $host/etc/|" "$pieces/mkinitcpio-install" > "$BATS_TEST_TMPDIR/install"
	BUILDROOT=$image bash -c '
		for name in module binary file runscript symlink; do eval "add_$name() { echo \"$name \$*\"; }"; done
		. "$1" && build && [[ -n $(help) ]]' asks "$BATS_TEST_TMPDIR/install"
}

@test "mkinitcpio: all it needs, for either init" {
	is "$(mkinitcpio_asks)" "module vfio-pci?
binary /usr/bin/sh
file /etc/hostdev-hook/binder /usr/lib/hostdev-hook/binder 755
runscript 
file /etc/initcpio/hostdev-hook.service /usr/lib/systemd/system/hostdev-hook.service 644
symlink /usr/lib/systemd/system/sysinit.target.wants/hostdev-hook.service ../hostdev-hook.service"
	: > "$image/usr/bin/sh"
	: > "$host/etc/hostdev-hook/reserve"
	[[ $(mkinitcpio_asks) != *binary* ]]
	[[ $(mkinitcpio_asks) == *"file /etc/hostdev-hook/reserve"* ]]
	mkdir -p "$host/etc/modprobe.d"
	: > "$host/etc/modprobe.d/hostdev-hook.conf"
	[[ $(mkinitcpio_asks) == *"file /etc/modprobe.d/hostdev-hook.conf"* ]]
}

@test "mkinitcpio: its hook comes behind those that are configured" {
	run bash -c 'HOOKS=(base udev); . "$1"; declare -p HOOKS' conf "$pieces/mkinitcpio-conf"
	[[ $output == *'([0]="base" [1]="udev" [2]="hostdev-hook")' ]]
	run bash -c 'HOOKS="base udev"; . "$1"; declare -p HOOKS' conf "$pieces/mkinitcpio-conf"
	is "$output" 'declare -- HOOKS="base udev hostdev-hook"'
}

@test "mkinitcpio: the boot goes on, whatever becomes of the binder" {
	local shell body
	sed "s|/usr/lib/hostdev-hook/binder|$BATS_TEST_TMPDIR/binder|" "$pieces/mkinitcpio-hook" > "$BATS_TEST_TMPDIR/hook"
	for shell in dash "busybox sh"; do
		needs_program "${shell%% *}"
		for body in 'exit 3' 'kill -9 $$' 'syntax ( error'; do
			echo "$body" > "$BATS_TEST_TMPDIR/binder"
			# shellcheck disable=SC2086 # words
			[[ $($shell -c '. "$1" && run_earlyhook; echo "$? next"' boot "$BATS_TEST_TMPDIR/hook" 2> /dev/null) == "0 next" ]]
		done
	done
}

@test "mkinitcpio: systemd understands the unit" {
	needs_program systemd-analyze
	mkdir -p "$BATS_TEST_TMPDIR/units"
	cp "$pieces/mkinitcpio-unit" "$BATS_TEST_TMPDIR/units/hostdev-hook.service"
	run systemd-analyze verify --man=no "$BATS_TEST_TMPDIR/units/hostdev-hook.service"
	echo "$output"
	[[ $output != *hostdev-hook.service:* ]]
}
