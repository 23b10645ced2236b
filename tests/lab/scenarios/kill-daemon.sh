# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# libvirtd is killed while the hook of a start is at work, and started again: after "recover" every device is home and the
# guest starts.
# deadline: 120 + kills * 12

. /lab/kill.sh
guest g1 "$(hostdev yes "$GPU" "$NIC" "$IGB_VF0")"
mortal --first "$ENGINE" 0 virsh -q start -- g1
running g1
whole=${MORTAL##* }
stop g1
hook_is_through() { ! pgrep -x engine > /dev/null; }
while ((KILLED < $(few))); do
	kill_start daemon g1 "$whole"
	must daemon_up
	# The hook goes on without it; who recovers meanwhile finds somebody at work.
	timeout 120 hostdevctl recover || :
	poll 90 hook_is_through || fail "the hook does not end"
	if [[ $MORTAL != killed ]] || qemu_pid g1 > /dev/null; then
		virsh_run destroy g1 || fail "g1 does not stop"
	fi
	recovered g1
	((KILLED % 5)) || startable g1
done
startable g1
