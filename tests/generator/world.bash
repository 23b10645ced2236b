# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# A made-up host below $BATS_TEST_TMPDIR, put over the real one in a mount namespace: the pieces of shell have no option that
# would lead them elsewhere. Loaded by the tests beside it.
# shellcheck disable=SC2154 # $status and $output are those of bats

load ../needs

# The shell of a small initramfs, where there is no busybox.
klibc=/usr/lib/klibc/bin/sh
pieces=$(cd "$BATS_TEST_DIRNAME/../../generator/shell" && pwd)

needs_world() {
	needs_mounts
	needs "a kernel with PCI" test -d /sys/bus/pci
	needs "a /dev/kmsg" test -e /dev/kmsg
	needs_program dash
	needs_program busybox
	needs "the package klibc-utils" test -x "$klibc"
}

# world_make: an empty host in $world.
world_make() {
	world=$BATS_TEST_TMPDIR/world
	rm -rf "$world"
	mkdir -p "$world"/{etc/hostdev-hook,etc/grub.d,pci/devices,pci/drivers,programs,tools}
	: > "$world/pci/drivers_probe"
	cp -a /etc/alternatives /etc/ld.so.cache "$world/etc/" 2> /dev/null || true
	echo "BOOT_IMAGE=/vmlinuz root=/dev/sda1 ro quiet" > "$world/cmdline"
	: > "$world/log"
	: > "$world/modprobe.log"
	cp "$(command -v dash)" "$(command -v ln)" "$(command -v rm)" "$(command -v mkdir)" "$(command -v cat)" "$(command -v busybox)" "$world/tools/"
	cp "$klibc" "$world/tools/klibc"
}

# driver_make NAME
driver_make() {
	mkdir -p "$world/pci/drivers/$1"
	: > "$world/pci/drivers/$1/bind"
	: > "$world/pci/drivers/$1/unbind"
}

# device_make ADDRESS VENDOR:DEVICE:SUBVENDOR:SUBDEVICE:CLASS [DRIVER]
device_make() {
	local dir=$world/pci/devices/$1 vendor device subvendor subdevice class
	IFS=: read -r vendor device subvendor subdevice class <<< "$2"
	mkdir -p "$dir"
	echo "0x$vendor" > "$dir/vendor"
	echo "0x$device" > "$dir/device"
	echo "0x$subvendor" > "$dir/subsystem_vendor"
	echo "0x$subdevice" > "$dir/subsystem_device"
	echo "0x$class" > "$dir/class"
	echo '(null)' > "$dir/driver_override"
	[[ -n ${3:-} ]] || return 0
	driver_make "$3"
	ln -s "../../drivers/$3" "$dir/driver"
	ln -s "../../devices/$1" "$world/pci/drivers/$3/$1"
}

# modprobe_make [FAILING]: a modprobe that is a shell's script, and a kernel that gives devices to the driver that comes.
modprobe_make() {
	cat > "$world/programs/modprobe" << SCRIPT
#!$world/tools/dash
echo "options \$MODPROBE_OPTIONS: \$*" >> "$world/modprobe.log"
[ "${1:-}" = failing ] && exit 1
. "$BATS_TEST_DIRNAME/kernel.sh"
vfio_arrives
SCRIPT
	chmod 755 "$world/programs/modprobe"
}

# Runs a command in the made-up host. What it says to the kernel's log is in $log when it has ended. Its programs are those in
# $world/programs if $bare is yes: the shell itself then comes from $world/tools.
inside() { # COMMAND...
	rm -f "$world/kmsg"
	mkfifo "$world/kmsg"
	# shellcheck disable=SC2016 # the shell in the namespace expands it
	WORLD=$world bare=${bare:-no} timeout 60 unshare --mount --propagation private bash -c '
		mount --bind "$WORLD/etc" /etc && mount --bind "$WORLD/pci" /sys/bus/pci &&
			mount --bind "$WORLD/cmdline" /proc/cmdline && mount --bind "$WORLD/kmsg" /dev/kmsg &&
			mount -t tmpfs none /run || exit 99
		# What the vendor says of kernels on the real host is none of this one.
		[ ! -d /usr/lib/kernel ] || mount -t tmpfs none /usr/lib/kernel || exit 99
		exec 9<> /dev/kmsg
		"$WORLD/tools/cat" < /dev/kmsg >> "$WORLD/log" 9<&- &
		if [ "$bare" = yes ]; then
			mount --bind "$WORLD/programs" /usr/sbin && mount --bind "$WORLD/programs" /usr/bin || exit 99
		fi
		"$@" 9<&-
		status=$?
		exec 9<&-
		wait
		exit $status' inside "$@"
}

# binder SHELL [FILE]: the binder in a shell of the made-up initramfs; sets $status, $output and $log.
binder() {
	local -a shell=("$world/tools/$1")
	[[ $1 != busybox ]] || shell+=(sh)
	: > "$world/log"
	bare=yes run inside "${shell[@]}" "${2:-$pieces/binder}"
	log=$(< "$world/log")
	echo "status $status"$'\n'"$output"$'\n'"$log"
}

# each_shell FUNCTION: the shells that an initramfs may have.
each_shell() {
	local shell
	for shell in dash busybox klibc; do
		echo "== $shell"
		world_make
		"$1" "$shell"
	done
}

is() { [[ $1 == "$2" ]] || { printf 'expected: %s\nfound:    %s\n' "$2" "$1"; return 1; }; }
says() { [[ $log == *"$1"* ]] || { echo "not said: $1"; return 1; }; }
says_not() { [[ $log != *"$1"* ]] || { echo "said: $1"; return 1; }; }

override_is() { is "$(cat "$world/pci/devices/$1/driver_override")" "$2"; } # ADDRESS TEXT
driver_is() { # ADDRESS NAME
	local link=
	[[ ! -e $world/pci/devices/$1/driver ]] || link=$(readlink "$world/pci/devices/$1/driver")
	is "${link##*/}" "$2"
}
