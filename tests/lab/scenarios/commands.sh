# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# An admin asks each command of hostdevctl, with libvirtd up, stopped and frozen: it answers within the time that libvirt is
# given, with the exit status that fits, changes nothing, and needs no daemon to return what a guest was lent.
# deadline: 900

# What libvirt is given is 5 seconds; the rest is for a machine that is emulated.
LIMIT=40

# answers STATUS COMMAND... - the exit status, in time. What it says is in $WORK/answer and $WORK/answer.err.
answers() {
	local status=0 expected=$1 began=$SECONDS
	shift
	say "hostdevctl $* (libvirtd is $STATE_OF_DAEMON)"
	timeout -k 5 $((LIMIT * 2)) hostdevctl "$@" > "$WORK/answer" 2> "$WORK/answer.err" < /dev/null || status=$?
	cat "$WORK/answer" "$WORK/answer.err"
	[[ $status -eq $expected ]] || fail "it ended with $status, not with $expected"
	((SECONDS - began <= LIMIT)) || fail "it took $((SECONDS - began)) seconds"
}

all_commands() {
	answers 0 list
	contains "$WORK/answer" "$GPU" "$SOUND" "g1"
	answers 0 list --json "$GPU"
	answers 0 list --dot
	answers 0 guest
	contains "$WORK/answer" "$NVME" "$GPU"
	answers 0 guest g1
	contains "$WORK/answer" "$GPU"
	answers 0 holders "$GPU"
	answers 0 plan g1
	contains "$WORK/answer" "g1"
	answers 0 plan --steps g1
	answers 1 plan g2
	contains "$WORK/answer" "g2 would not start" "is mounted"
	answers 0 status
	answers 0 status --json
	answers 0 status --metrics
	contains "$WORK/answer" "hostdev_"
	answers 0 log g1
	answers 0 xml "$GPU" --group
	contains "$WORK/answer" "<hostdev "
	answers 0 set g1
	answers 0 lend --dry-run "$NIC"
	contains "$WORK/answer" "would be lent"
	# The recorder is a shell script, for which an emulated machine may need longer than a part of the report gets.
	LIMIT=90 answers 0 report --output -
	contains "$WORK/answer" "=== versions ===" "=== hostdevctl list ===" "=== recorded host ===" "$GPU"
	answers 0 recover
}

STATE_OF_DAEMON=up
guest g1 "$(hostdev yes "$GPU")"
guest g2 "$(hostdev yes "$NVME")"
disk=$(disk_node "$NVME")
format "$disk"
must mount "$disk" /mnt
answers 0 check
all_commands
start g1
answers 0 status
contains "$WORK/answer" "$GPU" "lent"
answers 0 status --timings
contains "$WORK/answer" "total"
stop g1
answers 0 log g1
! virsh_run start g2 || fail "g2 starts with a mounted disk"
answers 0 status g2
contains "$WORK/answer" "is mounted"

STATE_OF_DAEMON=stopped
daemon_down
answers 0 check
all_commands
contains "$WORK/answer.err" "nothing is lent"
answers 1 guest g3
contains "$WORK/answer.err" "there is no guest g3" "g1"
daemon_up || fail "libvirtd does not come up"

STATE_OF_DAEMON=frozen
start g1
pid=$(daemon_pid)
must kill -STOP "$pid"
all_commands
contains "$WORK/answer" "g1" "left"
answers 0 status
contains "$WORK/answer" "$GPU" "lent"
answers 0 plan g1
contains "$WORK/answer" "g1 runs"
must kill -CONT "$pid"
poll 60 daemon_answers || fail "libvirtd does not come back"
stop g1
must umount /mnt
wipe "$disk"
same_as_before
