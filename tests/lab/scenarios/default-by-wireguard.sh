# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The way out is a WireGuard tunnel: the card on which the route to its other end leads is refused, another one is lent.

nic=$(interface "$NIC")
guest g1 "$(hostdev yes "$NIC")"
guest g2 "$(hostdev yes "$NIC2")"
must ip address add 192.0.2.1/24 dev "$nic"
link_up "$nic"
must ip link add wg0 type wireguard
wg genkey > "$WORK/key" || fail "no key"
must wg set wg0 private-key "$WORK/key" peer "$(wg genkey | wg pubkey)" endpoint 203.0.113.7:51820 allowed-ips 0.0.0.0/0
must ip link set dev wg0 up
must ip route add 203.0.113.7 via 192.0.2.2
must ip route add default dev wg0
refused g1 "$NIC" "$nic" "carries the default route" wg0 "allow+=default-route"
start g2
on_vfio "$NIC2"
stop g2

# The other end is not told yet: each card that has a carrier may be the way to it.
must ip link delete wg0
must ip link add wg0 type wireguard
must ip link set dev wg0 up
must ip route add default dev wg0
refused g1 "$NIC" "$nic" "may carry the default route" wg0
must ip link delete wg0
must ip route delete 203.0.113.7
must ip address flush dev "$nic"
must ip link set dev "$nic" down
same_as_before
