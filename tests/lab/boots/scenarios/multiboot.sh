# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# One entry for each card that the host may keep: the entry that GRUB takes by itself takes nothing, and each of the others
# takes exactly its devices and leaves their twins with their drivers.
# wants: generate
# deadline: 900

step_1() {
	remember_home
	generate multiboot --devices "$CARD_A,$CARD_B,$XHCI_B,$NVME_A" --apply --yes
	[[ $(entries_of "hostdev-keep-$CARD_A") -eq 1 ]] || fail "the first card's submenu has not one entry"
	[[ $(entries_of "hostdev-keep-$CARD_B") -eq 1 ]] || fail "the second card's submenu has not one entry"
	reboot_plain
}

step_2() {
	cmdline_has_not hostdev.
	at_home_but
	reboot_into "hostdev-keep-$CARD_A>0"
}

step_3() {
	cmdline_has hostdev.guest=
	at_home_but "$CARD_B" "$XHCI_B" "$NVME_A"
	generate verify
	reboot_into "hostdev-keep-$CARD_B>0"
}

step_4() {
	cmdline_has hostdev.guest=
	at_home_but "$CARD_A" "$SOUND" "$XHCI_B" "$NVME_A"
	generate verify
}
