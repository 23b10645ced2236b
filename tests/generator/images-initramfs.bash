# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# shellcheck disable=SC2154 # what every step has comes from images-inside
#
# Images of initramfs-tools and dracut: what has to be in them is, and comes in time. Read by images-inside.

# binder_runs FILE: in the unpacked image, with its shell and nothing else, on a made-up kernel. Its modprobe is played.
binder_runs() {
	local image=/tmp/image device=/tmp/image/sys/bus/pci/devices/0000:01:00.0 folder
	mkdir -p $image/{proc,dev,etc} "$device" $image/sys/bus/pci/drivers
	echo "root=/dev/sda1 ro hostdev.guest=$item quiet" > $image/proc/cmdline
	echo 0x10de > "$device/vendor"
	echo 0x2204 > "$device/device"
	echo 0x1458 > "$device/subsystem_vendor"
	echo 0x403b > "$device/subsystem_device"
	echo 0x030000 > "$device/class"
	echo '(null)' > "$device/driver_override"
	rm -f $image/dev/kmsg
	for folder in usr/sbin sbin usr/bin bin; do
		[[ -e $image/$folder/modprobe ]] || continue
		rm $image/$folder/modprobe
		printf '%s\n' '#!/bin/sh' 'mkdir /sys/bus/pci/drivers/vfio-pci' \
			'ln -s ../../drivers/vfio-pci /sys/bus/pci/devices/0000:01:00.0/driver' > $image/$folder/modprobe
		chmod 755 $image/$folder/modprobe
	done
	LC_ALL=C chroot $image /bin/sh "$1" || fail "the binder ends with $?"
	[[ $(< "$device/driver_override") == vfio-pci ]] || fail "the binder sets no override in the image"
	found 'hostdev-hook: 0000:01:00.0: reserved for guests' < $image/dev/kmsg > /dev/null
	rm -r $image/sys/bus
}

# --- initramfs-tools ---

unpack_initramfs() { # IMAGE: into /tmp/image
	rm -rf /tmp/image
	unmkinitramfs "$1" /tmp/image
	# With microcode before it, the main part is in a folder of its own.
	[[ ! -d /tmp/image/main ]] || mv /tmp/image/main /tmp/main
	[[ ! -d /tmp/main ]] || { rm -rf /tmp/image; mv /tmp/main /tmp/image; }
}

order_of() { awk '/^\/scripts/ { sub(/.*\//, "", $1); print $1 }' /tmp/image/scripts/init-top/ORDER; }

holds_binder() {
	local order
	unpack_initramfs "$1"
	order=$(order_of)
	[[ $order == 00-hostdev-hook*udev* ]] || fail "00-hostdev-hook is not before udev: $order"
	same "$pieces/binder" /tmp/image/scripts/init-top/00-hostdev-hook
	[[ -x /tmp/image/scripts/init-top/00-hostdev-hook ]] || fail "the binder cannot be run"
	find /tmp/image -name 'vfio-pci.ko*' | found . > /dev/null
	find /tmp/image -name 'vfio.ko*' | found . > /dev/null
	binder_runs /scripts/init-top/00-hostdev-hook
}

initramfs_tools() {
	local image=/boot/initrd.img-$kernel
	put_initramfs_tools
	update-initramfs -u -k all > /tmp/log 2>&1 || { cat /tmp/log; fail "update-initramfs"; }
	lsinitramfs "$image" | found 'scripts/init-top/00-hostdev-hook$' > /dev/null
	lsinitramfs "$image" | found '/vfio-pci\.ko' > /dev/null
	holds_binder "$image"
	same "$reserve" "/tmp/image$reserve"
	ok "initramfs-tools: the binder comes before udev ($(order_of | paste -sd ' '))"

	echo MODULES=list > /etc/initramfs-tools/conf.d/list
	rm "$reserve"
	mkinitramfs -o /tmp/list.img "$kernel" > /tmp/log 2>&1 || { cat /tmp/log; fail "mkinitramfs"; }
	holds_binder /tmp/list.img
	[[ ! -e /tmp/image$reserve ]] || fail "a list that is gone is in the image"
	ok "initramfs-tools: an image with no other driver holds vfio-pci"

	echo BUSYBOX=n > /etc/initramfs-tools/conf.d/small
	mkinitramfs -o /tmp/small.img "$kernel" > /tmp/log 2>&1 || { cat /tmp/log; fail "mkinitramfs with BUSYBOX=n"; }
	holds_binder /tmp/small.img
	[[ ! -e /tmp/image/bin/busybox && ! -e /tmp/image/usr/bin/busybox ]] || fail "BUSYBOX=n does not work"
	rm /etc/initramfs-tools/conf.d/small
	ok "initramfs-tools: in an image without busybox, whose shell is klibc's, the binder works"

	mkdir "$reserve"
	mkinitramfs -o /tmp/odd.img "$kernel" > /tmp/log 2>&1 || { cat /tmp/log; fail "mkinitramfs with a folder as list"; }
	found 'hostdev-hook: .*could not be copied' < /tmp/log > /dev/null
	rmdir "$reserve"
	printf '%s\n' "# a card" "$item" > "$reserve"
	ok "initramfs-tools: a list that cannot be copied stops no image"
	rm -r /etc/initramfs-tools/{hooks/hostdev-hook,scripts/init-top/00-hostdev-hook,conf.d/list} /tmp/*.img
}

# --- dracut ---

make_dracut() { # OPTION...
	rm -rf /tmp/dracut.img /tmp/image
	# Packing takes most of the time, and shows nothing here.
	dracut --force --no-compress "$@" /tmp/dracut.img "$kernel" > /tmp/log 2>&1 || { cat /tmp/log; fail "dracut $*"; }
	! grep -iE 'hostdev|vfio' /tmp/log | grep -iE 'error|fail|cannot|warn' || fail "dracut $* complains"
	mkdir /tmp/image
	(cd /tmp/image && lsinitrd --unpack /tmp/dracut.img > /tmp/log 2>&1) || { cat /tmp/log; fail "lsinitrd --unpack"; }
}

# All hooks of the image, as its own dracut-lib and shell run them: with a binder that works, one that fails, and one
# that is gone. Next to come is a marker.
hooks_go_on() {
	local hooks=$1 binder=/tmp/image/usr/lib/hostdev-hook/binder body
	for body in 'exit 0' 'exit 3' 'kill -9 $$' none; do
		rm -f "$binder"
		[[ $body == none ]] || printf '%s\n' '#!/bin/sh' 'echo ran > /binder-ran' "$body" > "$binder"
		rm -f /tmp/image/{marker,binder-ran}
		# shellcheck disable=SC2016 # the image's shell expands it
		printf '%s\n' 'set > /set-after' 'echo next > /marker' > "/tmp/image$hooks/99-marker.sh"
		printf '%s\n' 'set > /set-before' > "/tmp/image$hooks/04-before.sh"
		# shellcheck disable=SC2016 # the image's shell expands it
		LC_ALL=C chroot /tmp/image /bin/sh -c '. /lib/dracut-lib.sh > /dev/null 2>&1
			for f in '"$hooks"'/0[45]-*.sh '"$hooks"'/99-*.sh; do . "$f"; done; echo end > /end' 2> /dev/null || true
		[[ -e /tmp/image/marker && -e /tmp/image/end ]] || fail "with a binder that does \"$body\", the next hook does not run"
		[[ $body == none || -e /tmp/image/binder-ran ]] || fail "the binder does not run"
		# What differs by itself from one hook to the next.
		diff <(grep -vE '^(f|_|BASH.*|LINENO|PPID|RANDOM|SECONDS|EPOCH.*|SRANDOM|PIPESTATUS|FUNCNAME)=' /tmp/image/set-before) \
			<(grep -vE '^(f|_|BASH.*|LINENO|PPID|RANDOM|SECONDS|EPOCH.*|SRANDOM|PIPESTATUS|FUNCNAME)=' /tmp/image/set-after) ||
			fail "a variable stays behind"
		rm /tmp/image/end
	done
}

holds_module() {
	local hooks
	hooks=$(cd /tmp/image && find . -type f -path '*/hooks/pre-udev/05-hostdev-hook.sh')
	[[ $hooks == ./*lib/dracut/hooks/* ]] || fail "the hook is not in the image: $hooks"
	hooks=${hooks#.}
	same "$pieces/dracut-pre-udev" "/tmp/image$hooks"
	same "$pieces/binder" /tmp/image/usr/lib/hostdev-hook/binder
	find /tmp/image/ -name 'vfio-pci.ko*' | found . > /dev/null
	[[ -x /tmp/image/usr/sbin/modprobe || -x /tmp/image/sbin/modprobe || -x /tmp/image/usr/bin/modprobe ]] || fail "no modprobe in the image"
	binder_runs /usr/lib/hostdev-hook/binder
	hooks_go_on "${hooks%/*}"
}

dracut_images() {
	local mode version
	version=$(dracut --version 2>&1 || true)
	version=${version%%$'\n'*}
	put_dracut
	for mode in '--no-hostonly' '--hostonly --hostonly-mode sloppy' '--hostonly --hostonly-mode strict'; do
		# shellcheck disable=SC2086 # words
		make_dracut $mode
		lsinitrd /tmp/dracut.img | found 'pre-udev/05-hostdev-hook.sh' > /dev/null
		same "$reserve" "/tmp/image$reserve"
		holds_module
		ok "$version $mode: hook, binder, vfio-pci and list are there; the next hook runs"
	done
	mv "$reserve" /tmp/reserve
	make_dracut --no-hostonly
	[[ ! -e /tmp/image$reserve ]] || fail "a list that is gone is in the image"
	mv /tmp/reserve "$reserve"
	holds_module
	ok "$version without a list"
	rm /etc/dracut.conf.d/90-hostdev-hook.conf
	make_dracut --no-hostonly
	[[ ! -e /tmp/image/usr/lib/hostdev-hook ]] || fail "the module comes without being asked"
	ok "$version without our configuration: nothing of ours"
	rm -r /usr/lib/dracut/modules.d/01hostdev-hook /tmp/dracut.img /tmp/image
}
