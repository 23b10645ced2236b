# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Two cards in one group, and the guest names both: there is no mate left to ask about.

guest g1 "$(hostdev yes "$MATE_A" "$MATE_B")"
start g1
on_vfio "$MATE_A" "$MATE_B"
stop g1
same_as_before
