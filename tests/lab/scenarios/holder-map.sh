# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A program has closed the graphics card and still draws into memory mapped from it.

guest careful "$(policy processes=refuse)" "$(hostdev yes "$GPU")"
guest g1 "$(hostdev yes "$GPU")"
hold --map "$(card_node "$GPU")"
! holds "$HELD" /dev/dri/ || fail "it has a descriptor of the card"
refused careful "$GPU" "process $HELD"
lives "$HELD"
start g1
has_ended "$HELD"
on_vfio "$GPU" "$SOUND"
stop g1
same_as_before
