# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What docs/nvme-disk.md shows: a disk that is mounted, and is unmounted for the guest.

. /lab/pages.sh
reader_is_at_once
guest win11
disk=$(disk_node "$NVME")
format "$disk"
must mount "$disk" /mnt
page_says /lab/docs/nvme-disk.md
! mountpoint -q /mnt || fail "the page does not unmount the disk"
poll 20 has_disk "$NVME" || fail "the disk does not come back"
wipe "$(disk_node "$NVME")"
