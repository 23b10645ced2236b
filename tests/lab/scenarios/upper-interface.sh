# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The network card is a port of a bridge, or carries a VLAN.

nic=$(interface "$NIC")
guest g1 "$(hostdev no "$NIC")"
must ip link add lab-bridge type bridge
must ip link set dev "$nic" master lab-bridge
refused g1 "$NIC" "$nic" lab-bridge "allow+=upper-interface"
must ip link delete lab-bridge
must ip link add link "$nic" name lab-vlan type vlan id 7
refused g1 "$NIC" "$nic" lab-vlan
must ip link delete lab-vlan
