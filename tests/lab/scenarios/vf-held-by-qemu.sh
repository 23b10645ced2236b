# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A virtual function is with a QEMU that somebody started by hand, or with a guest whose journal is lost: another guest
# does not get it.

must modprobe vfio-pci
must rebind "$IGB_VF0" vfio-pci vfio-pci
before
guest g1 "$(hostdev no "$IGB_VF0")"
qemu-system-x86_64 -name byhand -machine q35 -m 64 -nodefaults -display none -S \
	-device "vfio-pci,host=$IGB_VF0" > "$WORK/byhand" 2>&1 3>&- 9>&- &
qemu=$!
has_group() { holds "$qemu" /dev/vfio/; }
poll 60 has_group || fail "QEMU does not take the device: $(< "$WORK/byhand")"
refused g1 "$IGB_VF0" "process $qemu"
lives "$qemu"
end "$qemu"
must rebind "$IGB_VF0" igbvf

guest first "$(hostdev yes "$IGB_VF1")"
guest second "$(hostdev no "$IGB_VF1")"
start first
must mv "$(journal_of first)" "$WORK/journal"
refused second "$IGB_VF1" "process $(qemu_pid first)" first
running first
must mv "$WORK/journal" "$(journal_of first)"
stop first
