# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A service of a user's own manager holds the graphics card: it is stopped there and started there again. One that holds
# a sound card only, as sound servers do, is told that the card goes and lives on.
# machine: systemd

must loginctl enable-linger alice
has_manager() { of_alice systemctl is-system-running; }
poll 30 has_manager || :
pid_of_alices() { of_alice systemctl show -P MainPID "$1"; }
guest g1 "$(hostdev yes "$GPU")"

card=$(card_node "$GPU") mixer=$(control_node "$SOUND")
units=/home/alice/.config/systemd/user
mkdir -p "$units"
printf '%s\n' '[Service]' "ExecStart=/lab/hold $card" > "$units/lab-draws.service"
printf '%s\n' '[Service]' "ExecStart=/lab/hold --polite $mixer" > "$units/lab-plays.service"
must of_alice systemctl daemon-reload
must of_alice systemctl start lab-draws lab-plays
held_by "$card" pid_of_alices lab-draws
drawing=$HELD
held_by "$mixer" pid_of_alices lab-plays
playing=$HELD
before
start g1
gone "$drawing" || fail "the one that draws was not ended"
lives "$playing"
! of_alice systemctl is-active lab-draws || fail "lab-draws is active"
on_vfio "$GPU" "$SOUND"
stop g1
held_by "$card" pid_of_alices lab-draws
lives "$playing"
same_as_before
must of_alice systemctl stop lab-draws lab-plays
must loginctl disable-linger alice
logged_out
