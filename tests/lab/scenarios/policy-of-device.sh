# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A section of the guest's file holds for one device, and virsh can put the policy into the guest.

guest g1 "$(hostdev yes "$GPU")"
conf guests/g1.conf "[$SOUND]" 'allow = console'
refused g1 "$GPU"
conf guests/g1.conf 'processes = refuse' "[$GPU]" 'allow = console'
hold "$(card_node "$GPU")"
refused g1 "$GPU" "process $HELD"
end "$HELD"
start g1
on_vfio "$GPU" "$SOUND"
stop g1
same_as_before

rm /etc/hostdev-hook/guests/g1.conf
refused g1 "$GPU" fb0
virsh_run metadata g1 --uri urn:hostdev-hook:1 --key hostdev --set '<policy allow="console"/>' --config
start g1
on_vfio "$GPU" "$SOUND"
stop g1
same_as_before
