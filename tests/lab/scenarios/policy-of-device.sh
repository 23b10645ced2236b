# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A section of the guest's file holds for one device, and virsh can put the policy into the guest.

card=$(card_node "$GPU")
guest g1 "$(hostdev yes "$GPU")"
conf guests/g1.conf "[$SOUND]" 'processes = refuse'
hold "$card"
start g1
has_ended "$HELD"
on_vfio "$GPU" "$SOUND"
stop g1
same_as_before
conf guests/g1.conf 'processes = terminate' "[$GPU]" 'processes = refuse'
hold "$card"
refused g1 "$GPU" "process $HELD"
lives "$HELD"

rm /etc/hostdev-hook/guests/g1.conf
virsh_run metadata g1 --uri urn:hostdev-hook:1 --key hostdev --set '<policy processes="refuse"/>' --config
refused g1 "$GPU" "process $HELD"
lives "$HELD"
end "$HELD"
start g1
on_vfio "$GPU" "$SOUND"
stop g1
same_as_before
