# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A graphics card and its sound function, one group, both named, go to a guest and come home as they were.

guest g1 "$(hostdev yes "$GPU" "$SOUND")"
start g1
on_vfio "$GPU" "$SOUND"
stop g1
same_as_before
