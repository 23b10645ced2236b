# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Sourced by lib.sh in a machine that systemd-boot starts: the words that there mean something else than behind GRUB. A path
# to an entry is written as for GRUB, so that one scenario can hold for both: the number behind > counts kernels, newest first.
#
# This file knows where systemd-boot and kernel-install keep things: entries are files on the firmware's partition, the kernels
# and images that are started are copies beside them, and which entry is started once is a variable of the firmware.
ENTRIES=/boot/efi/loader/entries CHOICES=/etc/hostdev-hook/boot-choices

# entry_files ID - of that choice, newest kernel first. The entries have a choice's number in their names, not its id.
entry_files() {
	local number
	number=$(awk -v id="$1" '$1 == "choice" && ++n && $2 == id { print n }' "$CHOICES")
	[[ $number ]] || fail "there is no choice '$1'"
	find "$ENTRIES" -name "*-hostdev-$number.conf" | sort -rV
}

# Without a list of choices nobody knows their numbers: any entry of ours is one too many.
entries_of() {
	if [[ -e $CHOICES ]]; then entry_files "$1" | wc -l; else find "$ENTRIES" -name '*-hostdev-*' | wc -l; fi
}

# usual_entry - what is started by itself.
usual_entry() { find "$ENTRIES" -name "$(< /etc/machine-id)-*.conf" ! -name '*-hostdev-*' | sort -rV | head -n 1; }

# once FILE - the next boot takes that entry, and the boots behind it the usual one.
once() {
	[[ -s $1 ]] || fail "there is no entry '$1'"
	must bootctl set-oneshot "${1##*/}"
	wanted
}

reboot_into() {
	local id=${1%%>*} number=0
	[[ $1 != *'>'* ]] || number=${1#*>}
	entry_files "$id" > /tmp/entry-files
	once "$(sed -n "$((number + 1))p" /tmp/entry-files)"
}

reboot_with() {
	local entry
	if [[ ${2:-} ]]; then entry=$(entry_files "$2" | head -n 1); else entry=$(usual_entry); fi
	say "an entry with the words $1"
	sed "s|^options .*|& $1|; s|^title .*|title once|; /^sort-key /d" "$entry" > "$ENTRIES/boots-once.conf"
	once "$ENTRIES/boots-once.conf"
}

# The images beside the entries are as little the same twice as those in /boot, and systemd-boot writes a new seed in each boot.
the_files() {
	find /etc /boot \( -type f -o -type l \) ! -name 'initrd.img*' ! -path '/boot/efi/loader/random-seed' "$@"
}

# What is started is the image beside the entry.
newest_image() { find /boot/efi -name 'initrd.img-*' -type f | sort -V | tail -n 1; }
