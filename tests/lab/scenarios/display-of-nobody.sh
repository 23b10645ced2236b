# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Without systemd: a program that would start the display server again is named before anything happens. A server that was
# started in a shell does not come back, and ends.

card=$(card_node "$GPU")
cp /lab/hold /lab/Xorg
cp /bin/bash /lab/sddm
guest g1 "$(policy display=stop wait-time=1)" "$(hostdev yes "$GPU")"
hold_with /lab/sddm -c "/lab/Xorg --master $card & wait"
server=$(pgrep -x Xorg)
refused g1 "$GPU" "process $server" "sddm (process $HELD)" "would start this session again"
lives "$HELD" "$server"
end "$HELD"
kill -9 "$server"
poll 5 gone "$server" || fail "it does not end"
hold_with /lab/Xorg --master "$card"
start g1
poll 5 gone "$HELD" || fail "it is still there"
on_vfio "$GPU" "$SOUND"
stop g1
same_as_before
