# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Two guests at once, each with a device of its own; one's end does not touch the other's device.

guest g1 "$(hostdev yes "$NIC")"
guest g2 "$(hostdev no "$NVME")"
start g1
start g2
on_vfio "$NIC" "$NVME"
stop g1
on_vfio "$NVME"
running g2
stop g2
same_as_before
