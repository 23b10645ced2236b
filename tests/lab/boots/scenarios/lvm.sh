# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The root file system lies in a logical volume, with /boot: the entries of the choices find kernel and image there and name the
# volume as the root, as Debian's own do, and the menu is byte for byte what it was once they are taken back.
# wants: generate
# image: initramfs-tools
# deadline: 900

# in_volume COMMAND... - with the volume as its root, and the machine's own folders in it.
in_volume() { must chroot /mnt "$@"; }

step_1() {
	local name loop entries cfg=/mnt$MENU
	must modprobe loop
	must modprobe dm-mod
	truncate -s 400M /var/tmp/volume
	loop=$(losetup --find --show /var/tmp/volume) || fail "no loop device"
	must vgcreate -qq hostdevlab "$loop"
	must lvcreate -qq -y -n root -l '100%FREE' hostdevlab
	must mkfs.ext4 -q /dev/hostdevlab/root
	must mount /dev/hostdevlab/root /mnt
	must cp -a /boot /mnt/
	for name in bin sbin lib lib64; do must cp -a "/$name" "/mnt/$name"; done
	for name in usr etc var dev proc sys run tmp; do
		must mkdir "/mnt/$name"
		must mount --rbind "/$name" "/mnt/$name"
	done
	in_volume update-grub
	cp "$cfg" /tmp/plain.cfg
	grep -q "root='lvmid/" "$cfg" || fail "GRUB does not look for /boot in the volume"
	grep -q ' root=/dev/mapper/hostdevlab-root ' "$cfg" || fail "the volume is not the root of what GRUB starts"

	in_volume hostdevctl generate multiboot --devices "$CARD_A,$XHCI_A" --apply --yes
	sed -n "/^submenu .*'hostdev-all'/,/^}/p" "$cfg" > /tmp/ours
	entries=$(grep -c '^[[:space:]]*menuentry ' /tmp/ours)
	[[ $entries -ge 1 ]] || fail "there is no entry for hostdev-all"
	[[ $(grep -c "set root='lvmid/" /tmp/ours) -ge $entries &&
		$(grep -c '^[[:space:]]*linux.* root=/dev/mapper/hostdevlab-root .*hostdev.guest=' /tmp/ours) -eq $entries ]] || {
		cat /tmp/ours
		fail "an entry does not look for its files and its root in the volume"
	}
	in_volume hostdevctl generate undo --apply --yes
	must cmp /tmp/plain.cfg "$cfg"
}
