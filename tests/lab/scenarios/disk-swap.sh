# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The disk is swap space.

guest g1 "$(hostdev no "$NVME")"
disk=$(disk_node "$NVME")
must mkswap -q "$disk"
must swapon "$disk"
refused g1 "$NVME" "${disk##*/}" swap
must swapoff "$disk"
wipe "$disk"
start g1
on_vfio "$NVME"
stop g1
same_as_before
