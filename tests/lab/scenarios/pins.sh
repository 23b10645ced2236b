# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What was first lent from an address is remembered: another device there is refused, until the admin says that it is
# meant.

guest g1 "$(hostdev yes "$NIC")"
pins=$(pins_of g1)
start g1
stop g1
grep -q "$NIC 8086:10d3" "$pins" || fail "$NIC is not remembered: $(cat "$pins")"
[[ $(stat -c %a:%u "$pins") == 600:0 ]] || fail "the pins are $(stat -c %a:%u "$pins")"
must sed -i 's/8086:10d3/10ec:8168/' "$pins"
cp "$pins" "$WORK/pins"
refused g1 "$NIC" RTL8111 "hostdevctl repin g1"
cmp "$pins" "$WORK/pins" || fail "the refusal changed the pins"
must hostdevctl repin g1
start g1
on_vfio "$NIC"
stop g1
grep -q "$NIC 8086:10d3" "$pins" || fail "$NIC is not remembered: $(cat "$pins")"
same_as_before
