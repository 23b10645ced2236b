# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What docs/network-card.md shows: the host is on the network by one card, and a guest is to have the other one.

. /lab/pages.sh
reader_is_at_once
near=$(interface "$NIC")
guest router
must ip address add 192.0.2.1/24 dev "$near"
link_up "$near"
must ip route add default via 192.0.2.2
page_says /lab/docs/network-card.md
must ip route flush default
must ip address flush dev "$near"
must ip link set dev "$near" down
