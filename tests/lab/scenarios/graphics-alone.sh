# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Only the graphics card is named: its sound function shares the slot and the group, and is taken along.

guest g1 "$(hostdev yes "$GPU")"
start g1
on_vfio "$GPU" "$SOUND"
stop g1
same_as_before
