# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Two cards have a default route each: one of them is lent and told of, both at once are refused.

nic=$(interface "$NIC") other=$(interface "$NIC2")
guest g1 "$(hostdev yes "$NIC")"
guest g2 "$(hostdev yes "$NIC" "$NIC2")"
must ip address add 192.0.2.1/24 dev "$nic"
link_up "$nic"
must ip address add 198.51.100.1/24 dev "$other"
link_up "$other"
must ip nexthop add id 7 via 192.0.2.2 dev "$nic"
must ip route add default nhid 7 metric 100
must ip route add default via 198.51.100.2 metric 600
refused g2 "$NIC" "$nic" "default route"
must hostdevctl plan --steps "$(xml_file g1)" > "$WORK/plan"
contains "$WORK/plan" "# the default route of IPv4 by $nic ends, the one by $other stays"
start g1
on_vfio "$NIC"
stop g1
must ip address flush dev "$other"
must ip link set dev "$other" down
same_as_before
