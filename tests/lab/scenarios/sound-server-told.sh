# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Without systemd, and whatever it is called: a program that has only the sound card open is told that the card goes, and
# lives on when it lets go.

guest g1 "$(hostdev yes "$SOUND")"
hold --polite "$(control_node "$SOUND")"
start g1
lives "$HELD"
contains "$SAYS" "let go"
on_vfio "$GPU" "$SOUND"
stop g1
lives "$HELD"
end "$HELD"
same_as_before
