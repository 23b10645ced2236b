# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A program has the graphics card open: it is named and left alone where policy says so, else it is ended first.

card=$(card_node "$GPU")
guest careful "$(policy processes=refuse)" "$(hostdev yes "$GPU")"
guest g1 "$(hostdev yes "$GPU")"

hold_as_alice "$card"
refused careful "$GPU" "hold (process $HELD, user alice" "$card"
lives "$HELD"
start g1
has_ended "$HELD"
on_vfio "$GPU" "$SOUND"
stop g1
same_as_before
has_ended "$HELD"
