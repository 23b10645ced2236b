# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The host reaches the world over this card: refused, unless policy says that it may be cut off.

nic=$(interface "$NIC")
guest g1 "$(hostdev yes "$NIC")"
guest g2 "$(policy allow=default-route)" "$(hostdev yes "$NIC")"
must ip address add 192.0.2.1/24 dev "$nic"
link_up "$nic"
must ip route add default via 192.0.2.2
refused g1 "$NIC" "$nic" "default route" "allow+=default-route"
start g2
on_vfio "$NIC"
stop g2
same_as_before

link_up "$(interface "$NIC")"
must ip -6 address add 2001:db8::1/64 dev "$(interface "$NIC")" nodad
must ip -6 route add default via 2001:db8::2
refused g1 "$NIC" "default route"
must ip -6 route flush default
must ip -6 address flush dev "$(interface "$NIC")"
must ip link set dev "$(interface "$NIC")" down
