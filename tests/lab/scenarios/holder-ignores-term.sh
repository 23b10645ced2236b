# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A program that holds the device takes no notice of SIGTERM: it is killed when its time is over.

guest g1 "$(policy grace-time=1)" "$(hostdev yes "$SOUND")"
hold --deaf "$(control_node "$SOUND")"
start g1
has_ended "$HELD"
on_vfio "$GPU" "$SOUND"
stop g1
same_as_before
