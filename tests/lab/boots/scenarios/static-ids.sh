# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Both controllers are reserved by their ids, in the words of the entry and then in the image's configuration: vfio-pci is
# loaded before their driver. A card whose twin stays with the host cannot be reserved so. Then all is taken back.
# wants: generate
# deadline: 900

step_1() {
	remember_home
	generate_ends 1 static --bind ids --devices "$CARD_A" --apply --yes
	said "have the same ids" "nothing was written"
	generate static --bind ids --devices "$XHCI_A,$XHCI_B" --apply --yes
	reboot_plain
}

step_2() {
	cmdline_has vfio-pci.ids=
	at_home_but "$XHCI_A" "$XHCI_B"
	generate verify
	generate static --method conf --bind ids --devices "$XHCI_A,$XHCI_B" --apply --yes
	reboot_plain
}

step_3() {
	cmdline_has_not vfio-pci.ids=
	at_home_but "$XHCI_A" "$XHCI_B"
	generate verify
	reboot_with hostdev.off
}

step_4() {
	at_home_but
	generate undo --apply --yes
	reboot_plain
}

step_5() {
	at_home_but
}
