# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A program in the session of somebody who sits at this machine: the refusal tells who, and in which session.
# Her login is on the screen of the card that goes along with the sound: the policy says that this may go dark.
# machine: systemd

mixer=$(control_node "$SOUND")
guest careful "$(policy processes=refuse display=release)" "$(hostdev yes "$SOUND")"
guest g1 "$(policy display=release)" "$(hostdev yes "$SOUND")"
must at_seat /lab/hold "$mixer"
held_by "$mixer" main_pid lab-seat
session=$(session_of "$HELD")
[[ $session ]] || fail "it is in no session"
refused careful "$SOUND" "hold (process $HELD, user alice, session $session"
lives "$HELD"
start g1
has_ended "$HELD"
on_vfio "$GPU" "$SOUND"
stop g1
logged_out
same_as_before
