# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The kernel itself serves the disk to others, by nvmet, LIO or a USB gadget: no process has it open, and nothing claims it.

guest g1 "$(policy processes=terminate services=terminate)" "$(hostdev yes "$NVME")"
disk=$(disk_node "$NVME")
must modprobe -a configfs nvmet target_core_mod target_core_file libcomposite usb_f_mass_storage
mounted=
mountpoint -q /sys/kernel/config || { must mount -t configfs none /sys/kernel/config; mounted=yes; }
before
config=/sys/kernel/config

space=$config/nvmet/subsystems/lab/namespaces/1
must mkdir -p "$space"
echo "$disk" > "$space/device_path"
echo 1 > "$space/enable"
refused g1 "$NVME" "${disk##*/}" exported nvmet lab
echo 0 > "$space/enable"
start g1
on_vfio "$NVME"
stop g1
same_as_before
must rmdir "$space" "$config/nvmet/subsystems/lab"

# By another name of it, which is not its own.
disk=$(disk_node "$NVME")
must ln -s "$disk" /dev/lab-disk
lio=$config/target/core/fileio_7
must mkdir -p "$lio/lab"
echo "fd_dev_name=/dev/lab-disk,fd_dev_size=$(blockdev --getsize64 "$disk")" > "$lio/lab/control"
echo 1 > "$lio/lab/enable"
say "$(cat "$lio/lab/info")"
refused g1 "$NVME" "${disk##*/}" exported LIO fileio_7/lab
must rmdir "$lio/lab" "$lio"

gadget=$config/usb_gadget/lab
must mkdir -p "$gadget/functions/mass_storage.0"
echo "$disk" > "$gadget/functions/mass_storage.0/lun.0/file"
refused g1 "$NVME" "${disk##*/}" exported gadget
must rmdir "$gadget/functions/mass_storage.0" "$gadget"
rm /dev/lab-disk
poll 30 modprobe -r usb_f_mass_storage target_core_file nvmet || fail "the modules stay"
start g1
stop g1
same_as_before
[[ ! $mounted ]] || must umount /sys/kernel/config
