# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A service holds the device, and a socket would start it again: both are stopped and both come back, be it at the end
# of the guest or because its QEMU does not start. Where policy forbids that, the unit is named.
# machine: systemd

mixer=$(control_node "$SOUND")
unit lab-radio.socket '[Socket]' ListenStream=/run/lab-radio
unit lab-radio.service '[Service]' "ExecStart=/lab/hold $mixer"
guest careful "$(policy services=refuse)" "$(hostdev no "$SOUND")"
guest broken "$(hostdev no "$SOUND")" \
	"<qemu:commandline><qemu:arg value='-no-such-option'/></qemu:commandline>"
guest g1 "$(hostdev no "$SOUND")"
must systemctl start lab-radio.socket lab-radio.service
held_by "$mixer" main_pid lab-radio
before
refused careful "$SOUND" "process $HELD" "unit lab-radio.service"
lives "$HELD"
start_fails broken no-such-option
active lab-radio.socket lab-radio.service
held_by "$mixer" main_pid lab-radio
start g1
has_ended "$HELD"
inactive lab-radio.socket
inactive lab-radio.service
on_vfio "$GPU" "$SOUND"
stop g1
active lab-radio.socket lab-radio.service
held_by "$mixer" main_pid lab-radio
same_as_before
must systemctl stop lab-radio.socket lab-radio.service
