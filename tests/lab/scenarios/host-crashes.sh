# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The host goes down while a guest has its devices: after the next boot they are home, a journal of the boot before moves
# nothing and goes, and the guest starts.
# machine: systemd
# when: soak
# deadline: 300

devices() { sed '/^drivers_autoprobe/q'; }
if [[ ! $CRASHED ]]; then
	guest g1 "$(hostdev no "$NIC" "$NVME")"
	start g1
	must cp -p "$(journal_of g1)" "$WORK/journal"
	devices < "$WORK/before" > "$WORK/before-crash"
	crash_host
fi
known g1
# Mounts and the like have other numbers after each boot.
cmp "$WORK/before-crash" <(devices_text | devices) || fail "the devices came up in another way"
# What lies below /run is gone with the crash; it may lie elsewhere, or be put back by whoever saves too much.
[[ -d $STATE ]] || mkdir -m 700 "$STATE"
must cp -p "$WORK/journal" "$(journal_of g1)"
must hostdevctl recover
came_home g1
same_as_before
start g1
on_vfio "$NIC" "$NVME"
stop g1
