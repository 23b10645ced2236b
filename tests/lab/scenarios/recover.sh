# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A hook that was killed half-way, and one after which nobody came: recover brings the devices home, and leaves the
# guest alone that runs.

recover() {
	say "hostdevctl recover $*"
	hostdevctl recover -n "$@" > "$WORK/recover" 2>&1 || { cat "$WORK/recover"; fail "recover ended with $?"; }
	cat "$WORK/recover"
}
has_done() { [[ -e $(journal_of "$1") ]] && grep -q "^done $2" "$(journal_of "$1")"; }

described g1 "$(hostdev no "$NIC" "$NVME")"
xml_of g1 > "$WORK/g1.xml"
for step in 1 2 3; do
	say "hook g1 prepare begin -, killed behind step $step"
	"$HOOK" g1 prepare begin - < "$WORK/g1.xml" > "$WORK/out" 2>&1 &
	pid=$!
	poll 30 has_done g1 "$step" || fail "the hook did not come to step $step"
	kill -9 "$pid" 2> /dev/null || :
	wait "$pid" 2> /dev/null || :
	recover g1
	contains "$WORK/recover" returned
	came_home g1
	same_as_before
done

hook g1 prepare begin - < "$WORK/g1.xml"
said_nothing
on_vfio "$NIC" "$NVME"
guest g2 "$(hostdev yes "$NIC2")"
virsh_run start g2 || fail "g2 does not start"
recover
contains "$WORK/recover" "g1 " "returned" "g2 " "left" "it runs"
came_home g1
on_vfio "$NIC2"
recover g2
contains "$WORK/recover" "it runs"
running g2
on_vfio "$NIC2"
stop g2
same_as_before
