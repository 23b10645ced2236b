# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The only default route is one of policy routing, in a table of its own: refused; beside a general one it is told.

nic=$(interface "$NIC") other=$(interface "$NIC2")
guest g1 "$(hostdev yes "$NIC")"
must ip address add 192.0.2.1/24 dev "$nic"
link_up "$nic"
must ip route add default via 192.0.2.2 table 100
must ip rule add from 192.0.2.1 table 100
refused g1 "$NIC" "$nic" "default route" "table 100"
must ip address add 198.51.100.1/24 dev "$other"
link_up "$other"
must ip route add default via 198.51.100.2
must hostdevctl plan --steps "$(xml_file g1)" > "$WORK/plan"
contains "$WORK/plan" "# the default route of IPv4 by $nic (table 100) ends, the one by $other stays"
start g1
on_vfio "$NIC"
stop g1
must ip rule delete from 192.0.2.1 table 100
must ip address flush dev "$other"
must ip link set dev "$other" down
