# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# When every bus is called one more than it was, each reserved address has another kind of device, or none: nothing is taken,
# it is said, and the machine boots with its drivers.
# wants: generate
# deadline: 900

step_1() {
	remember_home
	generate multiboot --devices "$CARD_A,$XHCI_A,$NVME_B" --apply --yes
	reboot_into 'hostdev-all>0'
}

step_2() {
	at_home_but "$CARD_A" "$SOUND" "$XHCI_A" "$NVME_B"
	reboot_renumbered 'hostdev-all>0' 1
}

step_3() {
	cmdline_has "hostdev.guest="
	[[ -d $PCI/0000:09:00.0 && ! -d $PCI/$CARD_A ]] || fail "the buses are not renumbered"
	nothing_on_vfio
	dmesg_has hostdev-hook:
	generate_ends 1 verify
}
