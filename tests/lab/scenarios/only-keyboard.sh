# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The keyboard behind the USB controller is the only one: refused, unless policy allows it. With another one it goes.

guest g1 "$(hostdev yes "$XHCI")"
guest g2 "$(policy allow=only-keyboard)" "$(hostdev yes "$XHCI")"
port=$(basename /sys/bus/serio/drivers/atkbd/serio*)
echo "$port" > /sys/bus/serio/drivers/atkbd/unbind
refused g1 "$XHCI" Keyboard "allow+=only-keyboard"
start g2
on_vfio "$XHCI"
stop g2
same_as_before
echo -n atkbd > "/sys/bus/serio/devices/$port/drvctl"
has_keyboard() { [[ -e /sys/bus/serio/drivers/atkbd/$port ]]; }
poll 10 has_keyboard || fail "the machine's own keyboard did not come back"
