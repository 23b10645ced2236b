# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What the product is to do, done by hand: a script in the initramfs that is sorted before udev, and an entry of the menu with
# the addresses. The entry takes the second of two equal cards and the first of two equal controllers; the entry that GRUB
# takes by itself takes nothing, also with every bus renumbered, and nor does an entry that was made for one boot.
# deadline: 600

# shellcheck disable=SC2016 # the words are the machine's at its boot
BINDER='#!/bin/sh
[ "$1" != prereqs ] || exit 0
for word in $(cat /proc/cmdline); do
	case $word in
	hostdev.off) exit 0 ;;
	hostdev.guest=*) guest=${word#*=} ;;
	esac
done
[ "$guest" ] || exit 0
IFS=,
for address in $guest; do
	[ -e "/sys/bus/pci/devices/$address" ] || continue
	echo vfio-pci > "/sys/bus/pci/devices/$address/driver_override"
	echo "hostdev-hook: $address is for a guest" > /dev/kmsg
done
modprobe vfio-pci
exit 0'

with_initramfs_tools() {
	printf '%s\n' "$BINDER" > /etc/initramfs-tools/scripts/init-top/00-hostdev-hook
	chmod 755 /etc/initramfs-tools/scripts/init-top/00-hostdev-hook
	printf '%s\n' '#!/bin/sh' "[ \"\$1\" != prereqs ] || exit 0" '. /usr/share/initramfs-tools/hook-functions' \
		'manual_add_modules vfio-pci' > /etc/initramfs-tools/hooks/hostdev-hook
	chmod 755 /etc/initramfs-tools/hooks/hostdev-hook
}

with_dracut() {
	local module=/usr/lib/dracut/modules.d/01hostdev-hook
	mkdir "$module"
	printf '%s\n' "$BINDER" > "$module/binder"
	echo 'sh /sbin/hostdev-binder' > "$module/hook.sh"
	printf '%s\n' '#!/bin/bash' 'check() { return 255; }' 'installkernel() { hostonly= instmods vfio-pci; }' \
		"install() { inst_simple \"\$moddir/binder\" /sbin/hostdev-binder; inst_hook pre-udev 05 \"\$moddir/hook.sh\"; }" \
		> "$module/module-setup.sh"
	chmod 755 "$module/module-setup.sh" "$module/binder"
	echo 'add_dracutmodules+=" hostdev-hook "' > /etc/dracut.conf.d/90-hostdev-hook.conf
}

step_1() {
	remember_home
	if [[ -d /etc/initramfs-tools ]]; then with_initramfs_tools; else with_dracut; fi
	# The first entry as it stands, with another name and the words.
	{
		printf '%s\n' '#!/bin/sh' "exec tail -n +3 \"\$0\""
		awk -v words="hostdev.guest=$CARD_B,$XHCI_A" '
			/^menuentry / && !n++ { inside = 1; print "menuentry \047by hand\047 --id \047by-hand\047 {"; next }
			inside && $1 == "linux" { $0 = $0 " " words }
			inside { print }
			/^}/ { inside = 0 }
		' "$MENU"
	} > /etc/grub.d/40_custom
	build_images
	must update-grub
	reboot_plain
}

step_2() {
	cmdline_has_not hostdev.
	at_home_but
	reboot_into by-hand
}

step_3() {
	cmdline_has hostdev.guest=
	dmesg_has "hostdev-hook: $CARD_B is for a guest"
	at_home_but "$CARD_B" "$XHCI_A"
	reboot_with hostdev.off by-hand
}

step_4() {
	cmdline_has "hostdev.guest=$CARD_B,$XHCI_A hostdev.off"
	at_home_but
	reboot_renumbered 0 1
}

step_5() {
	cmdline_has_not hostdev.
	[[ -d $PCI/0000:09:00.0 && ! -d $PCI/$CARD_A ]] || fail "the buses are not renumbered"
	[[ $(< "$PCI/$XHCI_A/class") == 0x0380* ]] || fail "$XHCI_A is no card now"
	nothing_on_vfio
}
