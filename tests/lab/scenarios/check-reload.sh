# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A hook that came after the daemon's start is not called until the daemon reloads; hostdevctl check says so, and that
# it is well once the daemon has reloaded.
# machine: systemd

checked() {
	local status=0
	hostdevctl check > "$WORK/check" 2>&1 || status=$?
	cat "$WORK/check"
	[[ $status -eq $1 ]] || fail "check ended with $status"
}
row() { grep -qE "$1" "$WORK/check" || fail "no line $1"; }

guest g1 "$(hostdev no "$NIC")"
target=$(readlink "$HOOK")
must rm "$HOOK"
must systemctl restart libvirtd
poll 60 daemon_answers || fail "libvirtd does not answer"
checked 1
row "^problem +hook-missing +$HOOK +is not there"
# The kernel tells its start in whole seconds.
sleep 2
must ln -s "$target" "$HOOK"
checked 1
row '^problem +daemon-before-hook +libvirtd +has not looked for hooks .*systemctl reload libvirtd'
! virsh_run start g1 || fail "the guest started, although its device is on the host's driver"
must systemctl reload libvirtd
checked 0
row '^ok +daemon-knows-hook +libvirtd +has looked for hooks'
# The daemon takes its time to reload behind systemctl's back.
starts() { virsh_run start g1; }
poll 20 starts || fail "the guest does not start"
running g1
on_vfio "$NIC"
stop g1
