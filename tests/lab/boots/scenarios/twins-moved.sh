# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Twins of which the second is reserved, and three buses more: the host's own card and disk come to the addresses of the
# guest's, with the same numbers all over. They are left alone, it is said, and the machine boots with its drivers.
# wants: generate
# deadline: 900

step_1() {
	remember_home
	generate static --devices "$CARD_B,$NVME_B" --apply --yes
	said "1 other device of its kind"
	reboot_plain
}

step_2() {
	cmdline_has "+2of2"
	at_home_but "$CARD_B" "$NVME_B"
	generate verify
	reboot_renumbered 0 3
}

step_3() {
	cmdline_has "hostdev.guest="
	[[ -d $PCI/$CARD_B && -d $PCI/0000:08:00.0 && ! -d $PCI/$CARD_A ]] || fail "the buses are not renumbered"
	[[ $(< "$PCI/$CARD_B/device") == $(< "$PCI/0000:08:00.0/device") ]] || fail "there is no twin at $CARD_B"
	nothing_on_vfio
	dmesg_has "$CARD_B: among devices like it, it is 1of2 and not 2of2"
	dmesg_has "$NVME_B: among devices like it, it is 1of2 and not 2of2"
	generate_ends 1 verify
	said "so that it may be another one"
}
