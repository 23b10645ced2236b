# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Behind systemd-boot, with entries that kernel-install writes: the usual entry takes nothing, each choice's entry takes exactly
# its devices and leaves their twins with their drivers, static takes its own in the usual entry, and undo leaves every file of
# /etc and of the firmware's partition as it was, also in a boot whose words are ours and without /etc/kernel/cmdline.
# image: systemd-boot
# wants: generate
# deadline: 900

multiboot() { generate multiboot --devices "$CARD_A,$CARD_B,$XHCI_B,$NVME_A" --apply --yes; }
static() { generate static --method cmdline --devices "$CARD_B,$XHCI_A" --apply --yes; }

step_1() {
	remember_home
	# What is compared with is what this host's own tools make here and now.
	build_images
	# Without it kernel-install takes the words that run: in step 4 these are ours.
	must mv /etc/kernel/cmdline "$BOOTS_KEEP/cmdline"
	remember_files
	multiboot
	[[ $(entries_of "hostdev-keep-$CARD_A") -eq 1 ]] || fail "the choice to keep the first card has not one entry"
	[[ $(entries_of "hostdev-keep-$CARD_B") -eq 1 ]] || fail "the choice to keep the second card has not one entry"
	reboot_plain
}

step_2() {
	cmdline_has_not hostdev.
	at_home_but
	reboot_into "hostdev-keep-$CARD_A>0"
}

step_3() {
	cmdline_has hostdev.guest=
	at_home_but "$CARD_B" "$XHCI_B" "$NVME_A"
	generate verify
	said "each kernel's have what the set-up has put there"
	multiboot
	said "changed: no"
	reboot_into "hostdev-keep-$CARD_B>0"
}

step_4() {
	cmdline_has hostdev.guest=
	at_home_but "$CARD_A" "$SOUND" "$XHCI_B" "$NVME_A"
	generate verify
	generate undo --apply --yes
	files_as_remembered
	[[ $(entries_of hostdev-all) -eq 0 ]] || fail "there are still entries of ours"
	must mv "$BOOTS_KEEP/cmdline" /etc/kernel/cmdline
	remember_files
	static
	reboot_plain
}

step_5() {
	cmdline_has hostdev.guest=
	at_home_but "$CARD_B" "$XHCI_A"
	generate verify
	static
	said "changed: no"
	reboot_with hostdev.off
}

step_6() {
	cmdline_has hostdev.guest=
	cmdline_has hostdev.off
	at_home_but
	generate undo --apply --yes
	files_as_remembered
	reboot_plain
}

step_7() {
	cmdline_has_not hostdev.
	at_home_but
	files_as_remembered
}
