# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What is applied twice is applied once: the second time nothing is written, not even the same bytes again, and nothing is
# built; also in a boot in which the devices are reserved and have no driver of the host's that could be seen.
# wants: generate
# deadline: 900

again() {
	generate multiboot --devices "$CARD_A,$XHCI_A" --apply --yes
}

step_1() {
	remember_home
	again
	remember_files
	again
	said "changed: no"
	files_as_remembered times
	reboot_into 'hostdev-all>0'
}

step_2() {
	at_home_but "$CARD_A" "$SOUND" "$XHCI_A"
	again
	said "changed: no"
	files_as_remembered times
}
