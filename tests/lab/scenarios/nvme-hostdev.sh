# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# An NVMe disk as a whole device, unmanaged.

guest g1 "$(hostdev no "$NVME")"
start g1
on_vfio "$NVME"
stop g1
same_as_before
