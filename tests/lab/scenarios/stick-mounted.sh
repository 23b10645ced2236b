# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A stick behind the USB controller is mounted; unmounted, the controller goes.

guest g1 "$(hostdev yes "$XHCI")"
stick=$(disk_node "$XHCI")
format "$stick"
must mount "$stick" /mnt
refused g1 "$XHCI" "${stick##*/}" "mounted on /mnt"
must umount /mnt
wipe "$stick"
start g1
on_vfio "$XHCI"
stop g1
same_as_before
