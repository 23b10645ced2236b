# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# shellcheck disable=SC2154 # what every step has comes from images-inside
#
# Menus of grub-mkconfig on disks with several layouts, and entries of kernel-install. Read by images-inside.

disk=/mnt/disk
loops=() # ours; there may be others
script=/etc/grub.d/12_hostdev-hook

# --- disks ---

# disk_attach FILE SIZE PARTITIONS: sets $loop; the partitions are ${loop}p1...
disk_attach() {
	local node numbers
	truncate -s "$2" "$1"
	for ((node = 0; node < $3; node++)); do echo "size=$((40 + node * 200))MiB"; done | sed '$s/.*/,/' | sfdisk -q "$1"
	loop=$(losetup --find --show --partscan "$1")
	loops+=("$loop")
	# A kernel may know no partition tables.
	[[ -e /sys/block/${loop##*/}/${loop##*/}p1 ]] || partx --add "$loop"
	for node in "/sys/block/${loop##*/}/${loop##*/}"p*; do
		numbers=$(< "$node/dev")
		[[ -b /dev/${node##*/} ]] || mknod "/dev/${node##*/}" b "${numbers%:*}" "${numbers#*:}"
	done
}

known_by_uuid() { # NODE: as udev would have it
	ln -sf "../../${1#/dev/}" "/dev/disk/by-uuid/$(blkid -p -s UUID -o value "$1")"
}

# disk_fill: what mkconfig needs of a system, with the layer's own folders.
disk_fill() {
	local name
	mkdir -p $disk/{boot/grub,usr,etc,var,dev,proc,sys,tmp,run}
	for name in bin sbin lib lib64; do [[ -e $disk/$name ]] || ln -s usr/$name $disk/$name; done
	for name in usr etc var dev proc sys; do mount --rbind /$name $disk/$name; done
	mount -t tmpfs none $disk/tmp
	mount -t tmpfs none $disk/sys/bus/pci/devices
	for name in $kernels; do
		cp "/boot/config-$kernel" "$disk/boot/config-$name"
		echo kernel > "$disk/boot/vmlinuz-$name"
		echo image > "$disk/boot/initrd.img-$name"
	done
}

disk_release() {
	local device
	! mountpoint -q $disk || umount -R -l $disk
	for device in "${loops[@]}"; do
		losetup --detach "$device"
		rm -f "$device"p*
	done
	loops=()
	rm -f /dev/disk/by-uuid/* /mnt/*.img
}
trap '[[ ${#loops[@]} -eq 0 ]] || disk_release || true' EXIT

layout_ext4() {
	disk_attach /mnt/root.img 3G 1
	mkfs.ext4 -q "${loop}p1"
	known_by_uuid "${loop}p1"
	mount "${loop}p1" $disk
}

layout_btrfs() {
	disk_attach /mnt/root.img 1G 1
	mkfs.btrfs -q "${loop}p1" > /tmp/log 2>&1 || { cat /tmp/log; fail "mkfs.btrfs"; }
	known_by_uuid "${loop}p1"
	mount "${loop}p1" $disk
	btrfs -q subvolume create $disk/@root
	umount $disk
	mount -o subvol=@root "${loop}p1" $disk
}

layout_boot() {
	disk_attach /mnt/root.img 1G 2
	mkfs.ext4 -q "${loop}p1"
	mkfs.ext4 -q "${loop}p2"
	known_by_uuid "${loop}p1"
	known_by_uuid "${loop}p2"
	mount "${loop}p2" $disk
	mkdir $disk/boot
	mount "${loop}p1" $disk/boot
}

# --- menus ---

mkconfig() { # FILE: the menu, with what was said in /tmp/said
	chroot $disk grub-mkconfig -o "/tmp/$1" > $disk/tmp/said 2>&1 || { cat $disk/tmp/said; fail "grub-mkconfig"; }
	mv "$disk/tmp/$1" "/tmp/$1"
	cp $disk/tmp/said /tmp/said
	grub-script-check "/tmp/$1" || fail "grub-script-check $1"
}

ours() { awk -v mark="$script" '$0 == "### END " mark " ###" { on = 0 } on; $0 == "### BEGIN " mark " ###" { on = 1 }' "$1"; }
foreign() { awk -v mark="$script" '$0 == "### BEGIN " mark " ###" { off = 1 } !off && NF; $0 == "### END " mark " ###" { off = 0 }' "$1"; }

# entry CFG ID: one entry as it stands, without its indentation; ours without what is ours.
entry() {
	awk -v id="'$2'" 'index($0, "menuentry ") && index($0, id) { on = 1 } on { sub(/^[ \t]+/, ""); sub(/[ \t]+$/, ""); print } on && /^}$/ { exit }' "$1"
}

# The menu has an entry for each choice and kernel, made of that kernel's own, and all else is as it was.
check_menu() { # CFG KERNEL...
	local cfg=$1 name id choice words
	shift
	diff <(foreign /tmp/plain.cfg) <(foreign "$cfg") || fail "the menu of others has changed"
	ours "$cfg" > /tmp/ours
	[[ $(grep -c '^submenu ' /tmp/ours) -eq 2 ]] || { cat /tmp/ours /tmp/said; fail "not two submenus"; }
	[[ $(grep -c 'menuentry ' /tmp/ours) -eq $((2 * $#)) ]] || { cat /tmp/ours; fail "not $# entries in each"; }
	for name; do
		id=$(sed -n "s/.*'\(gnulinux-$name-advanced-[^']*\)'.*/\1/p" /tmp/plain.cfg)
		[[ -n $id ]] || fail "no entry for $name"
		while read -r choice words; do
			diff <(entry /tmp/plain.cfg "$id" | sed "s/'$id'/'$choice-$id'/; /^linux/s|\$| $words|") <(entry /tmp/ours "$choice-$id") ||
				fail "$choice of $name is not derived rightly"
		done <<< "hostdev-all hostdev.guest=$item,0000:02:00.0=10de:2204:1458:403b:030000
hostdev-keep-0000:02:00.0 hostdev.guest=$item"
	done
	grep -E '^[[:blank:]]*linux' /tmp/ours | grep -vE ' root=' && fail "a command line without root="
	# The newest comes first, also where 6.12 is newer than 6.9.
	diff <(printf '%s\n' "$@" "$@") <(sed -n 's|^[[:blank:]]*linux[[:blank:]]*[^ ]*/vmlinuz-\([^ ]*\).*|\1|p' /tmp/ours) || fail "kernels out of order"
}

# Whatever is wrong with the list: update-grub succeeds, the menu is that of before, and a line says why.
check_damage() {
	local what
	while read -r what; do
		put_choices 2
		bash -c "$what"
		mkconfig damaged.cfg
		diff <(foreign /tmp/plain.cfg) <(foreign /tmp/damaged.cfg) || fail "$what: the menu of others has changed"
		[[ -z $(ours /tmp/damaged.cfg) ]] || fail "$what: a menu is made all the same"
		[[ $(grep -c '^hostdev-hook: ' /tmp/said) -eq 1 ]] || { cat /tmp/said; fail "$what: not one line that says why"; }
		rm -rf "$list"
	done << DAMAGE
rm $list
: > $list
chown 1000 $list
chmod 666 $list
rm $list; mkdir $list
sed -i 's/choices 1/choices 2/' $list
sed -i 's/^title.*/title it'"'"'s/' $list
sed -i 's/^words.*/words a \$(id)/' $list
echo surprise >> $list
head -c 300 /dev/urandom > $list
DAMAGE
}

menu_on() { # LAYOUT PATTERN: what must be in our command lines
	local -a newest
	"layout_$1"
	disk_fill
	mapfile -t newest < <(tr ' ' '\n' <<< "$kernels" | sort -Vr)
	rm -f $script
	mkconfig plain.cfg
	put 0755 grub-menu $script
	put_choices 2
	mkconfig with.cfg
	check_menu /tmp/with.cfg "${newest[@]:0:2}"
	found "$2" < /tmp/ours > /dev/null
	ok "grub-mkconfig on $1: $(sed -nE '/^[[:blank:]]*linux[[:blank:]]/{s/[[:blank:]]+/ /g;p;q}' /tmp/ours | cut -c 1-130)..."
	if [[ $1 == ext4 ]]; then menu_details; fi
	check_damage
	rm -f $script
	ok "grub-mkconfig on $1: damaged lists make no menu and no failure"
	if [[ $1 == ext4 ]]; then image_of_disk; fi
	disk_release
}

menu_details() {
	put_choices 0
	mkconfig all.cfg
	check_menu /tmp/all.cfg "${newest[@]}"
	put_choices 1,3
	mkconfig ranks.cfg
	check_menu /tmp/ranks.cfg "${newest[0]}" "${newest[2]}"
	ok "all kernels, and those of some ranks"

	mkdir $disk/sys/bus/pci/devices/0000:02:00.0
	echo 0x10de > $disk/sys/bus/pci/devices/0000:02:00.0/vendor
	echo 0x2204 > $disk/sys/bus/pci/devices/0000:02:00.0/device
	mkconfig gone.cfg
	[[ $(ours /tmp/gone.cfg | grep -o '^submenu.*') == *"'hostdev-all'"* ]] || fail "a choice with a device is left out"
	grep -q "hostdev-keep-0000:02:00.0: its devices are gone" /tmp/said || fail "a choice without devices is not named"
	rm -r $disk/sys/bus/pci/devices/*
	ok "a choice whose devices are gone is left out"

	cp -a /etc/grub.d/10_linux /tmp/10_linux
	sed -i 's/^CLASS="/CLASS="--unrestricted /' /etc/grub.d/10_linux
	put_choices 2
	rm $script
	mkconfig plain.cfg
	put 0755 grub-menu $script
	mkconfig open.cfg
	check_menu /tmp/open.cfg "${newest[@]:0:2}"
	[[ $(grep -c '^submenu .* --unrestricted {' /tmp/ours) -eq 2 ]] || fail "submenus of entries for everybody are not for everybody"
	ok "--unrestricted is kept"
	chmod -x /etc/grub.d/10_linux
	mkconfig off.cfg
	[[ -z $(ours /tmp/off.cfg) ]] || fail "a menu without 10_linux"
	cp -a /tmp/10_linux /etc/grub.d/10_linux
	rm $script
	mkconfig plain.cfg
	put 0755 grub-menu $script
	: > "$list"
	chroot $disk update-grub > /tmp/said 2>&1 || { cat /tmp/said; fail "update-grub with an empty list"; }
	ok "update-grub succeeds with an empty list"
}

# The last thing on a disk, as it changes what else would be said of it.
image_of_disk() {
	put_initramfs_tools
	echo MODULES=dep > /etc/initramfs-tools/conf.d/dep
	umount $disk/sys/bus/pci/devices
	# It wants to know the device of /usr.
	umount -R -l $disk/usr
	cp -a /usr/. $disk/usr/
	chroot $disk mkinitramfs -o /tmp/dep.img "$kernel" > /tmp/log 2>&1 || { cat /tmp/log; fail "mkinitramfs with MODULES=dep"; }
	holds_binder $disk/tmp/dep.img
	ok "initramfs-tools with MODULES=dep"
	rm -r /etc/initramfs-tools/{hooks/hostdev-hook,scripts/init-top/00-hostdev-hook,conf.d/dep}
}

defaults() {
	kernels="$kernel 6.9.0-1-amd64 6.1.0-9-amd64"
	cat > /etc/default/grub << 'DEFAULTS'
GRUB_DEFAULT=0
GRUB_TIMEOUT=5
GRUB_DISTRIBUTOR=Debian
GRUB_CMDLINE_LINUX_DEFAULT="quiet"
GRUB_CMDLINE_LINUX="console=tty0"
DEFAULTS
}

menus() {
	defaults
	menu_on ext4 'vmlinuz-.* root=UUID=[-0-9a-f]+ ro console=tty0 quiet hostdev\.guest='
	menu_on btrfs '/@root/boot/vmlinuz-.* root=UUID=[-0-9a-f]+ ro rootflags=subvol=@root '
	menu_on boot '[[:blank:]]/vmlinuz-.* root=UUID='
}

# --- kernel-install ---

# entries_are FILE...: the files that are there.
entries_are() {
	diff <(printf '%s\n' "$@" | sort) <(cd /efi/loader/entries && find . -type f -printf '%P\n' | sort) || { cat /tmp/said; fail "$version: other entries"; }
}

kernel_install() { # add|remove VERSION
	local -a image=()
	[[ $1 == remove ]] || image=("/boot/vmlinuz-$kernel" "/boot/initrd.img-$kernel")
	SYSTEMD_RELAX_ESP_CHECKS=1 SYSTEMD_RELAX_XBOOTLDR_CHECKS=1 kernel-install "$1" "$2" "${image[@]}" > /tmp/said 2>&1 ||
		{ cat /tmp/said; fail "kernel-install $1 $2"; }
}

kernel_installs() {
	local plugin=/etc/kernel/install.d/91-hostdev-hook.install version entry older=6.1.0-9-amd64
	version=$(kernel-install --version)
	version=${version%%$'\n'*}
	mkdir -p /efi /etc/kernel/install.d "/lib/modules/$older"
	mount -t tmpfs none /efi
	mkdir -p /efi/EFI/systemd /efi/loader/entries
	printf '%s\n' layout=bls BOOT_ROOT=/efi > /etc/kernel/install.conf
	echo 0123456789abcdef0123456789abcdef > /etc/machine-id
	echo debian > /etc/kernel/entry-token
	mkdir /efi/debian
	echo "root=UUID=0a ro quiet" > /etc/kernel/cmdline
	# What takes minutes, or wants firmware, is not asked here.
	for entry in 50-depmod 50-dracut 51-dracut-rescue 55-initrd; do ln -sf /dev/null "/etc/kernel/install.d/$entry.install"; done
	put 0755 kernel-install $plugin
	put_choices 1
	mount -t tmpfs none /sys/bus/pci/devices

	kernel_install add "$kernel"
	kernel_install add $older
	entries_are "debian-$kernel"{,-hostdev-1,-hostdev-2}.conf "debian-$older"{,-hostdev-1,-hostdev-2}.conf
	entry=/efi/loader/entries/debian-$kernel
	diff <(sed -e "/^title/s/\$/, VFIO: host keeps GeForce (02:00.0)/" -e "/^sort-key/s/\$/-hostdev-02/" -e "/^options/s/\$/ hostdev.guest=$item/" "$entry.conf") \
		"$entry-hostdev-2.conf" || fail "$version: not derived rightly"
	if SYSTEMD_RELAX_ESP_CHECKS=1 bootctl --esp-path=/efi list --no-pager > /tmp/said 2>&1; then
		grep -qF "debian-$kernel-hostdev-2.conf" /tmp/said || { cat /tmp/said; fail "$version: bootctl does not list an entry"; }
		grep -i invalid /tmp/said && fail "$version: bootctl does not like an entry"
		ok "$version: entries for each choice and kernel; bootctl lists them"
	else
		cat /tmp/said
		ok "$version: entries for each choice and kernel; bootctl list does not work here"
	fi
	kernel_install add "$kernel"
	entries_are "debian-$kernel"{,-hostdev-1,-hostdev-2}.conf "debian-$older"{,-hostdev-1,-hostdev-2}.conf
	kernel_install remove $older
	entries_are "debian-$kernel"{,-hostdev-1,-hostdev-2}.conf
	ok "$version: they go with their kernel"
	echo surprise >> "$list"
	kernel_install add "$kernel"
	entries_are "debian-$kernel.conf"
	found '^hostdev-hook: .*line 9 is not understood' < /tmp/said > /dev/null
	ok "$version: a damaged list makes no entries and no failure"

	# Attempts are counted in the name of the kernel's own entry. A command line of the running kernel is not kept.
	put_choices 1
	echo 3 > /etc/kernel/tries
	rm -f "$entry.conf"
	kernel_install add "$kernel"
	entries_are "debian-$kernel"{+3,-hostdev-1+0,-hostdev-2+0}.conf
	kernel_install remove "$kernel"
	[[ -z $(find /efi/loader/entries -type f) ]] || fail "$version: entries are left over"
	ok "$version: counted attempts"
	rm /etc/kernel/tries $plugin
	umount /sys/bus/pci/devices
}
