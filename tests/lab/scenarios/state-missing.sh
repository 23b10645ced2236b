# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The state folder is gone, as on a host that was just booted: it is made again, for root alone.

rm -rf "$STATE"
guest g1 "$(hostdev no "$NIC")"
start g1
on_vfio "$NIC"
[[ $(stat -c %a:%u "$STATE") == 700:0 ]] || fail "the state folder is $(stat -c %a:%u "$STATE")"
[[ $(stat -c %a:%u "$STATE/$(journals)") == 600:0 ]] || fail "the journal is open to others"
stop g1
same_as_before
