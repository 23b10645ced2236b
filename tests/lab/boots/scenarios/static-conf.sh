# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# A card and a controller are reserved for good, in the configuration of the initramfs image: their twins keep their
# drivers, hostdev.off and the recovery entry give everything back to the host for one boot, and so does a rescue target.
# wants: generate
# deadline: 900

step_1() {
	remember_home
	generate static --method conf --devices "$CARD_B,$XHCI_A" --apply --yes
	reboot_plain
}

step_2() {
	cmdline_has_not hostdev.guest=
	at_home_but "$CARD_B" "$XHCI_A"
	generate verify
	reboot_with hostdev.off
}

step_3() {
	cmdline_has hostdev.off
	at_home_but
	reboot_into "$(recovery_entry)"
}

step_4() {
	cmdline_has single
	cmdline_has_not hostdev.guest=
	at_home_but
	reboot_with systemd.unit=rescue.target
}

step_5() {
	cmdline_has systemd.unit=rescue.target
	at_home_but
}
