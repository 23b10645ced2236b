# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# On a host that keeps no record of logins, a program whose terminal the card shows is seen by that alone, and refused.

guest g1 "$(hostdev yes "$GPU")"
setsid --ctty sleep 600 < /dev/tty2 > /dev/tty2 2>&1 3>&- 9>&- &
HELD=$!
has_terminal() { [[ $(ps -o tty= -p "$HELD") == tty2 ]]; }
poll 10 has_terminal || fail "it has no terminal: $(ps -o pid,tty,args -p "$HELD")"
refused g1 "$GPU" "sleep (process $HELD)" tty2
lives "$HELD"
end "$HELD"
start g1
on_vfio "$GPU" "$SOUND"
stop g1
same_as_before
