# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A compositor is told by udev that its card is gone and closes it: the session lives on. One that takes no notice keeps
# the guest from starting.

guest g1 "$(policy display=release wait-time=20)" "$(hostdev yes "$GPU")"
guest brief "$(policy display=release wait-time=2)" "$(hostdev yes "$GPU")"
hold --master "$(card_node "$GPU")"
start_fails brief "$GPU" "process $HELD"
lives "$HELD"
end "$HELD"
hold --master --polite "$(card_node "$GPU")"
start g1
lives "$HELD"
contains "$SAYS" "let go"
on_vfio "$GPU" "$SOUND"
stop g1
lives "$HELD"
end "$HELD"
same_as_before
