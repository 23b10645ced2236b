# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What is undone is undone: every file of /etc and /boot has the bytes, the mode and the owner it had, the image holds the
# same files, and the machine boots as before. So it is after static and after multiboot, and in a boot that holds devices, of
# which the drivers that they had at home are still known then.
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
	# They are on vfio-pci until the next start; whose they are then is known all the same.
	generate_ends 2 static
	said_home "$CARD_A"
	said_home "$NVME_A"
	reboot_plain
}

step_3() {
	cmdline_has_not hostdev.
	at_home_but
	files_as_remembered
}
