# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A program has the sound card open. Taken from under it, the card would hang the kernel until the program ends: it ends
# first, or is waited for.

mixer=$(control_node "$SOUND")
guest g1 "$(hostdev yes "$SOUND")"
guest patient "$(policy processes=wait wait-time=60)" "$(hostdev yes "$SOUND")"
guest brief "$(policy processes=wait wait-time=1)" "$(hostdev yes "$SOUND")"

hold "$mixer"
start_fails brief "$SOUND" "process $HELD"
lives "$HELD"
start g1
has_ended "$HELD"
on_vfio "$GPU" "$SOUND"
stop g1
same_as_before

hold "$(control_node "$SOUND")"
# When the hook waits for it, it goes of itself.
waits() { [[ -n $(pgrep -f hostdev-hook) ]]; }
(poll 60 waits && sleep 1 && kill "$HELD") > /dev/null 2>&1 &
start patient
on_vfio "$GPU" "$SOUND"
stop patient
same_as_before
