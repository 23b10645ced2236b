# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What is undone is undone: every file of /etc and /boot has the bytes, the mode and the owner it had, the image holds the
# same files, and the machine boots as before. So it is after static and after multiboot, and in a boot that holds devices.
# wants: generate
# deadline: 1500

step_1() {
	remember_home
	# What is compared with is what this host's own tools make here and now.
	build_images
	must update-grub
	remember_files
	generate static --method conf --devices "$CARD_B,$XHCI_A" --apply --yes
	generate undo --apply --yes
	files_as_remembered
	generate undo --apply --yes
	said "changed: no"
	generate multiboot --devices "$CARD_A,$NVME_A" --apply --yes
	reboot_into 'hostdev-all>0'
}

step_2() {
	at_home_but "$CARD_A" "$SOUND" "$NVME_A"
	generate undo --apply --yes
	files_as_remembered
	[[ $(entries_of hostdev-all) -eq 0 ]] || fail "the menu still has our entries"
	reboot_plain
}

step_3() {
	cmdline_has_not hostdev.
	at_home_but
	files_as_remembered
}
