# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# /boot lies in a logical volume: the entries of the choices find kernel and image there as Debian's own do, and the menu is
# byte for byte what it was once they are taken back.
# wants: generate
# image: initramfs-tools
# deadline: 900

step_1() {
	must modprobe loop
	must modprobe dm-mod
	truncate -s 400M /var/tmp/volume
	loop=$(losetup --find --show /var/tmp/volume) || fail "no loop device"
	must vgcreate -qq hostdevlab "$loop"
	must lvcreate -qq -y -n boot -l '100%FREE' hostdevlab
	must mkfs.ext4 -q /dev/hostdevlab/boot
	must mount /dev/hostdevlab/boot /mnt
	must cp -a /boot/. /mnt
	must umount /mnt
	must mount /dev/hostdevlab/boot /boot
	must update-grub
	cp "$MENU" /tmp/plain.cfg
	grep -q "root='lvmid/" "$MENU" || fail "GRUB does not look for /boot in the volume"

	generate multiboot --devices "$CARD_A,$XHCI_A" --apply --yes
	[[ $(entries_of hostdev-all) -ge 1 ]] || fail "there is no entry for hostdev-all"
	sed -n "/^submenu .*'hostdev-all'/,/^}/p" "$MENU" > /tmp/ours
	[[ $(grep -c "set root='lvmid/" /tmp/ours) -ge $(grep -c '^[[:space:]]*menuentry ' /tmp/ours) ]] || {
		cat /tmp/ours
		fail "an entry does not look for /boot in the volume"
	}
	generate undo --apply --yes
	must cmp /tmp/plain.cfg "$MENU"
}
