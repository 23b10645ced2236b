# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The program that holds the device is of a unit that starts it again whenever it ends: the unit is stopped, and is
# started when the device is home.
# machine: systemd

mixer=$(control_node "$SOUND")
unit lab-respawn.service '[Service]' "ExecStart=/lab/hold $mixer" Restart=always RestartSec=0 StartLimitIntervalSec=0
guest g1 "$(hostdev yes "$SOUND")"
must systemctl start lab-respawn
held_by "$mixer" main_pid lab-respawn
before
start g1
has_ended "$HELD"
inactive lab-respawn
on_vfio "$GPU" "$SOUND"
stop g1
active lab-respawn
held_by "$mixer" main_pid lab-respawn
same_as_before
must systemctl stop lab-respawn
