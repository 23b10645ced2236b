# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Two cards in one group, and the guest's policy says that the whole group may go. The bridge stays as it is.

guest g1 "$(policy group=whole)" "$(hostdev yes "$MATE_A")"
start g1
on_vfio "$MATE_A" "$MATE_B"
stop g1
same_as_before
