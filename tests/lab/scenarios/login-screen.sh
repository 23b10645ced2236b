# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Nobody is logged in, and the only card shows the screen that asks for a name: without any policy it ends with the card and
# comes back with it. Where the policy says that it stays, or where somebody is at the seat as well, the guest does not start.
# machine: systemd
# deadline: 300

card=$(card_node "$GPU")
cp /lab/hold /lab/Xorg
must useradd --system --groups video lab-greeter
unit display-manager.service '[Service]' "ExecStart=/lab/Xorg --master $card" User=lab-greeter PAMName=login \
	TTYPath=/dev/tty1 'Environment=XDG_SESSION_TYPE=wayland XDG_SESSION_CLASS=greeter XDG_SEAT=seat0'
guest careful "$(policy display=refuse)" "$(hostdev yes "$GPU")"
guest g1 "$(hostdev yes "$GPU")"
must systemctl start display-manager
held_by "$card" main_pid display-manager
session=$(session_of "$HELD")
[[ $session ]] || fail "it is in no session"
contains "/run/systemd/sessions/$session" CLASS=greeter
before
refused careful "$GPU" "Xorg (process $HELD"
lives "$HELD"
start g1
poll 5 gone "$HELD" || fail "the login screen did not end"
inactive display-manager
on_vfio "$GPU" "$SOUND"
stop g1
active display-manager
held_by "$card" main_pid display-manager
same_as_before

# Alice's session goes on behind it.
must systemd-run -q --unit=lab-seat -p PAMName=login -p User=alice -p TTYPath=/dev/tty2 \
	-p 'Environment=XDG_SESSION_TYPE=wayland XDG_SEAT=seat0' sleep infinity
has_session() { grep -qs '^UID=1000$' /run/systemd/sessions/*[0-9]; }
poll 20 has_session || fail "alice has no session"
refused g1 "$GPU" "Xorg (process $HELD"
lives "$HELD"
logged_out
must systemctl stop display-manager
loginctl terminate-user lab-greeter 2> /dev/null || :
poll 30 userdel lab-greeter || fail "the user of the login screen is still there"
