# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A logical volume lies on the disk: not mounted, and in use all the same. A loop device likewise.

guest g1 "$(hostdev no "$NVME")"
disk=$(disk_node "$NVME")
export LVM_SUPPRESS_FD_WARNINGS=1
must pvcreate -q -y "$disk" > /dev/null
must vgcreate -q lab "$disk" > /dev/null
must lvcreate -q -y -W n -n volume -l 100%FREE lab > /dev/null
must udevadm settle
refused g1 "$NVME" "${disk##*/}" dm-0
must vgremove -q -f -y lab > /dev/null
must pvremove -q -y "$disk" > /dev/null
must udevadm settle

must modprobe loop
loop=$(losetup --find --show "$disk")
must udevadm settle
refused g1 "$NVME" "${disk##*/}" "${loop##*/}"
must losetup --detach "$loop"
wipe "$disk"
