# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Many rounds of start and stop with devices of every kind, managed and unmanaged in turn: no round leaves a
# difference. These guests run their firmware, which looks at each device.
# deadline: rounds

with_firmware
guest yes "$(hostdev yes "$GPU" "$NIC" "$XHCI" "$VF0")"
guest no "$(hostdev no "$GPU" "$NIC" "$NVME" "$IGB_VF0")"
for ((round = 1; round <= ROUNDS; round++)); do
	say "round $round of $ROUNDS"
	if ((round % 2)); then
		start yes
		on_vfio "$GPU" "$SOUND" "$NIC" "$XHCI" "$VF0"
		stop yes
	else
		start no
		on_vfio "$GPU" "$SOUND" "$NIC" "$NVME" "$IGB_VF0"
		stop no
	fi
	same_as_before
	count rounds
done
