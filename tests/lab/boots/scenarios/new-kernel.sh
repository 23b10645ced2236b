# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# A new kernel's package gets its entry by itself, which reserves as the old one's does; with the package the entry goes.
# wants: generate
# deadline: 1200

step_1() {
	remember_home
	keep old "$(uname -r)"
	generate multiboot --kernels 0 --devices "$CARD_A,$XHCI_B" --apply --yes
	[[ $(entries_of hostdev-all) -eq 1 ]] || fail "hostdev-all has not one entry"
	must dpkg -i /boots/kernel.deb
	[[ $(entries_of hostdev-all) -eq 2 ]] || fail "hostdev-all has not two entries"
	reboot_into 'hostdev-all>0'
}

step_2() {
	[[ $(uname -r) != "$(kept old)" ]] || fail "that is the old kernel"
	cmdline_has hostdev.guest=
	at_home_but "$CARD_A" "$SOUND" "$XHCI_B"
	generate verify
	keep new "$(uname -r)"
	reboot_into 'hostdev-all>1'
}

step_3() {
	[[ $(uname -r) == "$(kept old)" ]] || fail "that is not the old kernel"
	at_home_but "$CARD_A" "$SOUND" "$XHCI_B"
	must dpkg --purge "linux-image-$(kept new)"
	[[ $(entries_of hostdev-all) -eq 1 ]] || fail "hostdev-all has not one entry"
	! grep -F "$(kept new)" "$MENU" || fail "the menu still speaks of the new kernel"
	reboot_into 'hostdev-all>0'
}

step_4() {
	[[ $(uname -r) == "$(kept old)" ]] || fail "that is not the old kernel"
	at_home_but "$CARD_A" "$SOUND" "$XHCI_B"
}
