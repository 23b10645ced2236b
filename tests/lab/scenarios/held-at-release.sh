# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# QEMU does not let go of a virtual function when its guest's devices are to be returned: the hook waits only so long and
# leaves it in the journal, and "recover" brings it home when the holder is gone.

. /lab/kill.sh
conf hostdev-hook.conf 'release-time = 3'
guest g1 "$(hostdev no "$IGB_VF0" "$NIC")"
call_through g1 prepare begin
on_vfio "$IGB_VF0" "$NIC"
group=$(readlink "$PCI/$IGB_VF0/iommu_group")
hold "--vfio=$IGB_VF0" "/dev/vfio/${group##*/}"

started=$SECONDS
hook g1 release end - < "$(xml_file g1)"
((SECONDS - started <= 15)) || fail "the hook took $((SECONDS - started)) s"
lives "$HELD"
has_journal g1 || fail "what is not returned is in no journal"
[[ $(driver_of "$IGB_VF0") == vfio-pci ]] || fail "$IGB_VF0 is on $(driver_of "$IGB_VF0")"
[[ $(driver_of "$NIC") == e1000e ]] || fail "$NIC is not home, which nobody holds"
log_tail 100 > "$WORK/log"
contains "$WORK/log" "$IGB_VF0 is still in use: process $HELD"

say "recover while it is held"
timeout 60 hostdevctl recover || [[ $? -ne 124 ]] || fail "recover did not end"
has_journal g1 || fail "the journal is gone, and the device is not home"
end "$HELD"
recovered g1
same_as_before
startable g1
