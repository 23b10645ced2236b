# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A getty logs alice in by itself, and her shell becomes a display server: the getty is stopped with the session, as it
# would have it back at once, and started again when the card is home.
# machine: systemd

card=$(card_node "$GPU")
cp /lab/hold /lab/sway
echo "exec /lab/sway --master $card > /dev/null" | tee /home/alice/.profile > /home/alice/.bash_profile
unit getty@tty1.service '[Unit]' StartLimitIntervalSec=0 '[Service]' \
	'ExecStart=-/sbin/agetty --autologin alice --noclear tty1 linux' Restart=always RestartSec=0 \
	TTYPath=/dev/tty1 TTYReset=yes TTYVHangup=yes KillMode=process IgnoreSIGPIPE=no SendSIGHUP=yes
must chmod 666 "$card"
guest careful "$(hostdev no "$GPU")"
guest g1 "$(policy display=stop wait-time=2)" "$(hostdev no "$GPU")"
must systemctl start getty@tty1
pid_of_sway() { pgrep -u alice -x sway; }
held_by "$card" pid_of_sway
before
refused careful "$GPU" "process $HELD" "display=stop"
lives "$HELD"
start g1
poll 5 gone "$HELD" || fail "the session did not end"
inactive getty@tty1
on_vfio "$GPU" "$SOUND"
stop g1
active getty@tty1
must chmod 666 "$card"
held_by "$card" pid_of_sway
must systemctl stop getty@tty1
rm /home/alice/.profile /home/alice/.bash_profile
logged_out
