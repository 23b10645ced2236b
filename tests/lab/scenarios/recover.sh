# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A hook that was killed half-way, and one after which nobody came: recover brings the devices home, and leaves the
# guest alone that runs.

recover() {
	say "hostdevctl recover $*"
	hostdevctl recover -n "$@" > "$WORK/recover" 2>&1 || { cat "$WORK/recover"; fail "recover ended with $?"; }
	cat "$WORK/recover"
}
# has_marks NAME COUNT - so many steps were begun or done, each a line.
has_marks() { [[ -e $(journal_of "$1") && $(grep -cE '^(begun|done) ' "$(journal_of "$1")") -ge $2 ]]; }

described g1 "$(hostdev no "$NIC" "$NVME")"
xml_of g1 > "$WORK/g1.xml"
for marks in 1 5 7 9; do
	say "hook g1 prepare begin -, killed at mark $marks of its journal"
	"$HOOK" g1 prepare begin - < "$WORK/g1.xml" > "$WORK/out" 2>&1 &
	pid=$!
	poll 30 has_marks g1 "$marks" || fail "the hook did not come that far"
	kill -9 "$pid" 2> /dev/null || :
	wait "$pid" 2> /dev/null || :
	recover g1
	# It may have been through already: one that was asked for by name is returned even so. And a worker that has
	# outlived its hook may settle it before anybody asks.
	poll 20 has_no_journal g1 || fail "g1 still has a journal: $(< "$WORK/recover")"
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
