# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The first thread of a program has ended, another holds the device: nothing is to be seen in /proc/PID/fd.

guest careful "$(policy processes=refuse)" "$(hostdev yes "$SOUND")"
guest g1 "$(hostdev yes "$SOUND")"
hold --thread "$(control_node "$SOUND")"
[[ -z $(ls "/proc/$HELD/fd") ]] || fail "its descriptors are to be seen"
refused careful "$SOUND" "process $HELD"
lives "$HELD"
start g1
has_ended "$HELD"
on_vfio "$GPU" "$SOUND"
stop g1
same_as_before
