# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Virtual functions, of a disk and of a network card, are in groups of their own: the physical functions stay.

guest g1 "$(hostdev yes "$VF0")" "$(hostdev no "$IGB_VF0")"
start g1
on_vfio "$VF0" "$IGB_VF0"
stop g1
same_as_before
