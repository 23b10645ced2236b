# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A journal of an older boot lies in the state folder: it claims nothing, undoes nothing and disturbs nobody.

guest g1 "$(hostdev no "$NIC")"
guest g2 "$(hostdev no "$NIC")"
start g1
journal=$STATE/$(journals)
read -r boot < /proc/sys/kernel/random/boot_id
older=01234567-89ab-4cde-8f01-23456789abcd
sed "s/$boot/$older/g; s/${boot//-/}/${older//-/}/g" "$journal" > "$WORK/older"
! cmp -s "$journal" "$WORK/older" || fail "no boot id in the journal"
stop g1

must cp "$WORK/older" "$journal"
must chmod --reference="$STATE" "$journal"
start g2
on_vfio "$NIC"
virsh_run destroy g2 || fail "g2 does not stop"
must cp "$WORK/older" "$journal"
start g1
on_vfio "$NIC"
stop g1
same_as_before
