# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# /run fills up while a guest runs, so that no record of its return can be written, and no file be made: all comes home.

mkdir -p "$STATE"
must mount -t tmpfs -o size=64k,mode=700 none "$STATE"
guest g1 "$(hostdev no "$NIC" "$NVME")"
start g1
on_vfio "$NIC" "$NVME"
# The journal's own page is filled, too, so that the next line needs another.
while (($(stat -c %s "$(journal_of g1)") % 4096 < 4092)); do echo lent >> "$(journal_of g1)"; done
! dd if=/dev/zero of="$STATE/filler" bs=4k 2> /dev/null || fail "$STATE is not full"
stop g1
rm "$STATE/filler"
must umount "$STATE"
same_as_before

must mount -t tmpfs -o size=64k,nr_inodes=16,mode=700 none "$STATE"
start g1
for ((i = 0; i < 16; i++)); do : 2> /dev/null > "$STATE/$i" || break; done
((i < 16)) || fail "$STATE has inodes left"
stop g1
must umount "$STATE"
same_as_before
