# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A program has a disk open: that is storage in use, whatever is set for all devices. Set for this very disk, it is ended.

disk=$(disk_node "$NVME")
guest g1 "$(policy processes=kill services=terminate)" "$(hostdev yes "$NVME")"
guest bold "$(policy processes=refuse "$NVME" processes=terminate)" "$(hostdev yes "$NVME")"
hold "$disk"
refused g1 "$NVME" "process $HELD" "$disk" "processes=terminate"
lives "$HELD"
start bold
has_ended "$HELD"
on_vfio "$NVME"
stop bold
same_as_before

# Behind a USB controller, where all else is left alone.
disk=$(disk_node "$XHCI")
guest usb "$(hostdev yes "$XHCI")"
hold "$disk"
refused usb "$XHCI" "process $HELD" "$disk"
lives "$HELD"
end "$HELD"
