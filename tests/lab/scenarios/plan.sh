# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The plan names every step before it is done, of a defined guest and of a file, and changes nothing; the answer names the
# same devices, or why the guest would not start.

guest g1 "$(hostdev yes "$GPU")"
must hostdevctl plan --steps g1 > "$WORK/plan"
cat "$WORK/plan"
for device in "$GPU" "$SOUND"; do
	grep -qE "^driver +$device +$(driver_of "$device")[ ,].*-> " "$WORK/plan" || fail "no step from home for $device"
	grep -qE "^driver +$device +.*-> vfio-pci[ ,]" "$WORK/plan" || fail "no step to vfio-pci for $device"
done
must hostdevctl plan g1 > "$WORK/answer"
cat "$WORK/answer"
contains "$WORK/answer" "g1 would start. It gets:" "$GPU" "$SOUND" "$(driver_of "$GPU") -> vfio-pci"
xml_of g1 > "$WORK/file.xml"
must hostdevctl plan --steps "$WORK/file.xml" > "$WORK/plan.file"
must cmp "$WORK/plan" "$WORK/plan.file"
same_as_before

guest g2 "$(hostdev yes "$MATE_A")"
! hostdevctl plan --steps g2 > "$WORK/plan" 2>&1 || fail "a plan that would be refused succeeds"
cat "$WORK/plan"
contains "$WORK/plan" "$MATE_A" "$MATE_B"
! hostdevctl plan g2 > "$WORK/answer" || fail "an answer that the start would be refused succeeds"
contains "$WORK/answer" "g2 would not start:" "$MATE_A" "$MATE_B"
same_as_before
