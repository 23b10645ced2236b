# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# QEMU is killed while its guest has the devices: they come home without anybody asking.

with_firmware
guest g1 "$(hostdev yes "$NIC")" "$(hostdev no "$NVME")"
start g1
on_vfio "$NIC" "$NVME"
kill_qemu g1
soon_same_as_before 30
came_home g1
