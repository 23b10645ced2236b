# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The plan names every step before it is done, of a defined guest and of a file, and changes nothing.

guest g1 "$(hostdev yes "$GPU")"
must hostdevctl plan g1 > "$WORK/plan"
cat "$WORK/plan"
for device in "$GPU" "$SOUND"; do
	grep -qE "^driver +$device +$(driver_of "$device")[ ,].*-> " "$WORK/plan" || fail "no step from home for $device"
	grep -qE "^driver +$device +.*-> vfio-pci[ ,]" "$WORK/plan" || fail "no step to vfio-pci for $device"
done
xml_of g1 > "$WORK/file.xml"
must hostdevctl plan "$WORK/file.xml" > "$WORK/plan.file"
must cmp "$WORK/plan" "$WORK/plan.file"
same_as_before

guest g2 "$(hostdev yes "$MATE_A")"
! hostdevctl plan g2 > "$WORK/plan" 2>&1 || fail "a plan that would be refused succeeds"
cat "$WORK/plan"
contains "$WORK/plan" "$MATE_A" "$MATE_B"
same_as_before
