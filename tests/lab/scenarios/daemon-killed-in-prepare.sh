# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# libvirtd is killed while the hook lends: nobody will ever ask for the return, recover does it, be the hook dead as well
# or through with its work. The guest starts afterwards.

recover() {
	say "hostdevctl recover"
	hostdevctl recover -n > "$WORK/recover" 2>&1 || { cat "$WORK/recover"; fail "recover ended with $?"; }
	cat "$WORK/recover"
}
is_lent() { grep -q '^lent ' "$(journal_of g1)"; }
at_work='hostdev-hook/engine g1 prepare'
not_at_work() { ! pgrep -f "$at_work" > /dev/null; }

# begin_start - up to a hook that waits for the holder; then the daemon dies.
begin_start() {
	hold "$(control_node "$SOUND")"
	virsh -q start g1 > "$WORK/virsh.out" 2>&1 < /dev/null 3>&- 9>&- &
	starting=$!
	poll 30 has_journal g1 || fail "the hook has not begun"
	pid=$(daemon_pid)
	say "kill -9 libvirtd ($pid)"
	kill -9 "$pid"
	wait "$starting" || :
	recover
	contains "$WORK/recover" left "somebody is at work on it"
}

guest g1 "$(policy processes=wait wait-time=100)" "$(hostdev yes "$SOUND" "$NIC")"

begin_start
must pkill -9 -f "$at_work"
poll 10 not_at_work || fail "the hook does not die"
end "$HELD"
recover
contains "$WORK/recover" returned "its start was not finished"
came_home g1
compare_soon "$WORK/before" "recover left something changed"
must daemon_up
start g1
on_vfio "$GPU" "$SOUND" "$NIC"
stop g1
same_as_before

begin_start
end "$HELD"
poll 60 is_lent || fail "the hook did not come to its end"
on_vfio "$GPU" "$SOUND" "$NIC"
poll 10 not_at_work || fail "the hook stays"
recover
contains "$WORK/recover" returned "is gone"
came_home g1
compare_soon "$WORK/before" "recover left something changed"
must daemon_up
start g1
stop g1
same_as_before
