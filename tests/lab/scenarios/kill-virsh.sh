# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The hook is killed while libvirt waits for it: libvirt gives the start up, and after "recover" every device is home and
# the guest starts.
# deadline: 120 + kills * 8

. /lab/kill.sh
guest g1 "$(hostdev yes "$GPU" "$NIC" "$IGB_VF0")"
mortal --first "$ENGINE" 0 virsh -q start -- g1
running g1
whole=${MORTAL##* }
stop g1
while ((KILLED < $(few))); do
	kill_start hook g1 "$whole"
	if qemu_pid g1 > /dev/null; then
		# A hook that is ending already ends as it meant to, whatever it is sent.
		grep -q '^lent ' "$(journal_of g1)" || fail "the guest runs without its hook"
		virsh_run destroy g1 || fail "g1 does not stop"
	elif [[ $MORTAL != killed ]]; then
		fail "the hook has ended, and the guest does not run"
	fi
	recovered g1
	((KILLED % 5)) || startable g1
done
startable g1
