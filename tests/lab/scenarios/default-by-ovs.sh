# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The host's address is on an internal port of Open vSwitch, whose bridge has the card as a port: refused.

nic=$(interface "$NIC")
guest g1 "$(policy allow=upper-interface)" "$(hostdev yes "$NIC")"
guest g2 "$(hostdev yes "$NIC2")"
must mkdir -p /run/openvswitch "$WORK/ovs"
must ovsdb-tool create "$WORK/ovs/db" /usr/share/openvswitch/vswitch.ovsschema
ovsdb-server --remote=punix:/run/openvswitch/db.sock "$WORK/ovs/db" > "$WORK/ovs/server" 2>&1 3>&- 9>&- &
server=$!
poll 30 test -S /run/openvswitch/db.sock || fail "no ovsdb-server: $(< "$WORK/ovs/server")"
must ovs-vsctl --no-wait init
ovs-vswitchd unix:/run/openvswitch/db.sock > "$WORK/ovs/switch" 2>&1 3>&- 9>&- &
switch=$!
must ovs-vsctl --timeout=60 add-br lab-ovs
must ovs-vsctl --timeout=60 add-port lab-ovs "$nic"
link_up "$nic"
must ip address add 192.0.2.1/24 dev lab-ovs
must ip link set dev lab-ovs up
must ip route add default via 192.0.2.2
refused g1 "$NIC" "$nic" "carries the default route" lab-ovs
start g2
on_vfio "$NIC2"
stop g2
must ovs-vsctl --timeout=60 del-br lab-ovs
end "$switch"
end "$server"
must ip link set dev "$nic" down
same_as_before
