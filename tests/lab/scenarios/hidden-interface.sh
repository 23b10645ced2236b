# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The card's interface is in another network namespace, as a container's is: who uses it there is not to be seen.

nic=$(interface "$NIC")
guest g1 "$(hostdev no "$NIC")"
unshare --net sleep 1000 3>&- 9>&- &
elsewhere=$!
other_net() { [[ $(readlink "/proc/$elsewhere/ns/net") != "$(readlink /proc/self/ns/net)" ]]; }
poll 20 other_net || fail "no network namespace"
must ip link set dev "$nic" netns "$elsewhere"
refused g1 "$NIC" "allow+=hidden-interface"
lives "$elsewhere"
end "$elsewhere"
back() { [[ -e $PCI/$NIC/net/$nic ]]; }
poll 20 back || fail "the interface did not come back"
