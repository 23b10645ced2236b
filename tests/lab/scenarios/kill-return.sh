# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The hook is killed at any moment of returning, with its workers or without: after "recover" every device is home and the
# guest starts.
# deadline: 120 + kills * 25

. /lab/kill.sh
guest g1 "$(hostdev no "$GPU" "$NIC" "$NVME" "$IGB_VF0")"
for _ in 1 2; do
	call_through g1 prepare begin
	call_through g1 release end
	whole=$CALL_US
	same_as_before
done
while ((KILLED < KILLS)); do
	call_through g1 prepare begin
	kill_call g1 release end "$whole"
	recovered g1
	every_tenth g1
done
startable g1
