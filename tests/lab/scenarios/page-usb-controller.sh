# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What docs/usb-controller.md shows: a controller with the only keyboard, and a stick that is mounted.

. /lab/pages.sh
reader_is_at_once
guest win11
port=$(basename /sys/bus/serio/drivers/atkbd/serio*)
echo "$port" > /sys/bus/serio/drivers/atkbd/unbind
stick=$(disk_node "$XHCI")
format "$stick"
must mount "$stick" /mnt
page_says /lab/docs/usb-controller.md
! mountpoint -q /mnt || fail "the page does not unmount the stick"
poll 20 has_disk "$XHCI" || fail "the disk does not come back"
wipe "$(disk_node "$XHCI")"
echo -n atkbd > "/sys/bus/serio/devices/$port/drvctl"
has_keyboard() { [[ -e /sys/bus/serio/drivers/atkbd/$port ]]; }
poll 10 has_keyboard || fail "the machine's own keyboard did not come back"
