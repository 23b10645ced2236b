# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Behind systemd-boot, a new kernel's package gets its entry by itself, which reserves as the old one's does; and with the old
# one's package its entries go.
# image: systemd-boot
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
	must dpkg --purge "linux-image-$(kept old)"
	[[ $(entries_of hostdev-all) -eq 1 ]] || fail "hostdev-all has not one entry"
	[[ -z $(find "$ENTRIES" -name "*$(kept old)*") ]] || fail "there are still entries of the old kernel"
	generate verify
	generate undo --apply --yes
	[[ $(entries_of hostdev-all) -eq 0 ]] || fail "there are still entries of ours"
	! grep -r hostdev. "$ENTRIES" || fail "an entry has words of ours"
	reboot_plain
}

step_3() {
	[[ $(uname -r) != "$(kept old)" ]] || fail "that is the old kernel"
	cmdline_has_not hostdev.
	at_home_but
}
