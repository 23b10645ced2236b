# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The display manager is stopped, and started again when the card is home; also where the guest does not start.
# machine: systemd

card=$(card_node "$GPU")
unit display-manager.service '[Service]' "ExecStart=/lab/hold --master $card"
guest careful "$(hostdev no "$GPU")"
guest broken "$(policy display=stop)" "$(hostdev no "$GPU")" \
	"<qemu:commandline><qemu:arg value='-no-such-option'/></qemu:commandline>"
guest g1 "$(policy display=stop)" "$(hostdev no "$GPU")"
must systemctl start display-manager
held_by "$card" main_pid display-manager
before
refused careful "$GPU" "process $HELD" "display=stop"
lives "$HELD"
start_fails broken no-such-option
active display-manager
held_by "$card" main_pid display-manager
start g1
has_ended "$HELD"
inactive display-manager
on_vfio "$GPU" "$SOUND"
stop g1
active display-manager
held_by "$card" main_pid display-manager
same_as_before
must systemctl stop display-manager
