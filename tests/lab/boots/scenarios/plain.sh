# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The machine boots with its devices on the drivers of the host, each device in a group of its own, and it does so again
# after a reboot; nothing of the product interferes where nothing was set up.

drivers_of_a_host() {
	local address
	assert_driver "$CARD_A" bochs-drm
	assert_driver "$CARD_B" bochs-drm
	assert_driver "$SOUND" snd_hda_intel
	assert_driver "$XHCI_A" xhci_hcd
	assert_driver "$XHCI_B" xhci_hcd
	assert_driver "$NVME_A" nvme
	assert_driver "$NVME_B" nvme
	assert_driver "$NIC" e1000e
	[[ $(members_of "$(group_of "$CARD_A")" | paste -sd ' ') == "$CARD_A $SOUND" ]] || fail "the card and its sound are no group"
	for address in "$CARD_B" "$XHCI_A" "$XHCI_B" "$NVME_A" "$NVME_B" "$NIC"; do
		[[ $(members_of "$(group_of "$address")") == "$address" ]] || fail "$address is not alone in its group"
	done
}

# taken_by_the_image - before the root was mounted, the kernel's log has a word of each driver.
taken_by_the_image() {
	local root
	# A file, not a pipe: grep -m and head stop reading early, which ends dmesg by a signal, and the check would fail.
	dmesg > /tmp/whole
	root=$(grep -n -m 1 'EXT4-fs (vda1): mounted' /tmp/whole | cut -d : -f 1) || fail "the root was never mounted"
	head -n "$root" /tmp/whole > /tmp/early
	grep -q 'nvme nvme0: pci function' /tmp/early || fail "the disks were not taken in the initramfs"
	grep -q 'bochs-drm' /tmp/early || fail "the cards were not taken in the initramfs"
	grep -q 'xhci_hcd 0000:06' /tmp/early || fail "the controllers were not taken in the initramfs"
}

step_1() {
	drivers_of_a_host
	taken_by_the_image
	remember_home
	remember_files
	reboot_plain
}

step_2() {
	drivers_of_a_host
	at_home_but
	files_as_remembered times
}
