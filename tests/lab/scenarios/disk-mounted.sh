# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A file system is mounted from the disk, or from a partition of it. Nothing lifts that.

guest g1 "$(policy processes=terminate services=terminate)" "$(hostdev no "$NVME")"
disk=$(disk_node "$NVME")
format "$disk"
must mount "$disk" /mnt
refused g1 "$NVME" "${disk##*/}" "mounted on /mnt"
must umount /mnt

wipe "$disk"
partition "$disk"
format "${disk}p1"
must mount "${disk}p1" /mnt
refused g1 "$NVME" "${disk##*/}p1" "mounted on /mnt"
must umount /mnt
wipe "${disk}p1"
wipe "$disk"
must blockdev --rereadpt "$disk"
