# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# One card is for guests and its twin is not: there is one entry, called hostdev-all, which takes the card with its sound and
# leaves the twin; with hostdev.off behind its words it takes nothing.
# wants: generate
# deadline: 900

step_1() {
	remember_home
	generate multiboot --devices "$CARD_A" --apply --yes
	[[ $(entries_of hostdev-all) -eq 1 ]] || fail "hostdev-all has not one entry"
	reboot_into 'hostdev-all>0'
}

step_2() {
	at_home_but "$CARD_A" "$SOUND"
	generate verify
	reboot_with hostdev.off hostdev-all
}

step_3() {
	cmdline_has hostdev.guest=
	cmdline_has hostdev.off
	at_home_but
}
