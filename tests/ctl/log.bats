#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# hostdevctl log: from the journal of systemd (a made-up journalctl, in a mount namespace of its own), from syslog's files,
# and from what is recorded of the last hand-overs.

# shellcheck disable=SC2154,SC2034 # root, output and errors are set in machine.bash
load machine

uuid=4dea22b3-1d52-48f3-9516-782e98ab3fa0

setup() {
	machine_usual
	mkdir -m 700 "$root/run/hostdev-hook"
	mkdir -p "$root/var/log"
}

syslog() { # FILE
	cat > "$root/var/log/$1" <<-'END'
	Nov 30 18:51:00 host hostdev-hook[812]: win11: 1 devices lent
	Nov 30 18:52:00 host hostdev-hook[813]: games: 2 devices lent
	Nov 30 18:53:00 host sshd[5]: win11: hello
	Nov 30 18:54:00 host hostdev-hook[814]: hostdev-hook: win11 is not started: no
	END
	# Another guest, whose name begins with that of the first; and a program that writes what looks like a line of ours.
	cat >> "$root/var/log/$1" <<-'END'
	Nov 30 18:53:30 host hostdev-hook[815]: win11 old: 1 devices lent
	Nov 30 18:53:40 host logger: hostdev-hook[815]: win11: forged
	END
}

# The real machine, with this program as its journalctl and our made-up /run. Arguments go to hostdevctl log.
with_journalctl() {
	local fake=$BATS_TEST_TMPDIR/journalctl out=$BATS_TEST_TMPDIR/stdout err=$BATS_TEST_TMPDIR/stderr

	needs_mounts
	[[ -e /usr/bin/journalctl ]] || { echo "this test needs the program journalctl (tests/deps)" >&2; return 1; }
	cat > "$fake"
	chmod 755 "$fake"
	status=0
	# shellcheck disable=SC2016 # for sh to expand
	unshare --mount --propagation private sh -c '
		mount --bind "$1/run" /run && mount --bind "$2" /usr/bin/journalctl && program=$3 && shift 3 &&
		exec "$program" log "$@"' - "$root" "$fake" "${HOSTDEVCTL:?}" "$@" > "$out" 2> "$err" || status=$?
	output=$(< "$out")
	errors=$(< "$err")
	echo "status $status"$'\n'"$output"$'\n'"$errors"
}

@test "lines of syslog, of a guest or of all" {
	local file

	for file in syslog messages; do
		syslog $file
		ok log --root "$root"
		[[ $(wc -l <<< "$output") -eq 4 && $output == "Nov 30 18:51:00 win11: 1 devices lent"$'\n'* ]]
		[[ $output != *forged* ]]
		ok log --root "$root" win11
		[[ $output == "Nov 30 18:51:00 win11: 1 devices lent"$'\n'"Nov 30 18:54:00 hostdev-hook: win11 is not started: no" ]]
		ok log --root "$root" "win11 old"
		[[ $output == "Nov 30 18:53:30 win11 old: 1 devices lent" ]]
		ok log --root "$root" -n 1
		[[ $output == "Nov 30 18:53:30 "* ]]
		ok log --root "$root" --lines=3 --json
		python3 -c 'import json, sys; d = json.loads(sys.argv[1]); assert (list(d) == ["version", "lines"] and
			d["lines"][0] == {"time": "Nov 30 18:52:00", "guest": None, "message": "games: 2 devices lent"}), d' "$output"
		rm "$root/var/log/$file"
	done
}

@test "a guest's UUID stands for its name" {
	syslog syslog
	printf '%s\n' "hostdev-hook handovers 1" "guest games" "uuid $uuid" "lend done 5 6" > "$root/run/hostdev-hook/$uuid.last"
	ok log --root "$root" $uuid
	[[ $output == "Nov 30 18:52:00 games: 2 devices lent" ]]
}

@test "where nothing is logged, the record answers" {
	printf '%s\n' "hostdev-hook handovers 1" "guest win11" "uuid $uuid" "return done 1764525190 900" \
		"lend refused 1764525180 214" "message no" "message Log out." > "$root/run/hostdev-hook/$uuid.last"
	ok log --root "$root"
	[[ $(wc -l <<< "$output") -eq 2 && $output == *" win11: lend: refused after 0.2 s: no Log out."$'\n'*"return: done"* ]]
	ok log --root "$root" win11
	ctl log --root "$root" games
	[[ $status -eq 1 && -z $output && $errors == *"this host keeps no log that could be read"*"Start systemd-journald or a syslog"* ]]
	: > "$root/var/log/syslog"
	ctl log --root "$root" games
	[[ $status -eq 0 && -z $output && $errors == *"nothing is logged of games"* ]]
	ok log --root "$root" games --json
	rm "$root/run/hostdev-hook/$uuid.last"
	ctl log --root "$root"
	[[ $status -eq 0 && $errors == *"has logged nothing yet"* ]]
}

@test "the journal of systemd is asked for the guest's entries, and comes first" {
	with_journalctl --lines 7 "win 11" <<- 'END'
	#!/bin/sh
	printf '__REALTIME_TIMESTAMP=1764525180000001\nMESSAGE=%s\n\n' "$*"
	printf '__REALTIME_TIMESTAMP=1764525181000001\nHOSTDEV_GUEST=win 11\nMESSAGE=a\033[31m\\x41b\n\n'
	END
	[[ $status -eq 0 && -z $errors ]]
	[[ $output == 202[0-9]-*" --quiet --no-pager --output=export --lines=7 SYSLOG_IDENTIFIER=hostdev-hook _UID=0 HOSTDEV_GUEST=win 11"$'\n'* ]]
	[[ $output == *' a\x1b[31m\x41b' ]]
	with_journalctl $uuid --json <<- 'END'
	#!/bin/sh
	printf '__REALTIME_TIMESTAMP=1764525180000001\nMESSAGE=%s\n\n' "$*"
	END
	[[ $output == *'"time": "2025-11-30T17:53:00Z"'*"HOSTDEV_UUID=$uuid"* ]]
}

@test "a journal without entries, or one that fails, is no answer" {
	printf '%s\n' "hostdev-hook handovers 1" "guest win11" "uuid $uuid" "lend refused 1764525180 214" "message no" \
		> "$root/run/hostdev-hook/$uuid.last"
	mkdir -p "$root/run/systemd/journal"
	with_journalctl win11 <<< $'#!/bin/sh\necho "-- No entries --"; exit 1'
	[[ $status -eq 0 && $output == *"win11: lend: refused"* ]]
	rm "$root/run/hostdev-hook/$uuid.last"
	with_journalctl win11 <<< $'#!/bin/sh\necho "Failed" >&2; exit 1'
	[[ $status -eq 0 && -z $output && $errors == *"nothing is logged of win11"* ]]
}

@test "wrong command lines" {
	misuses log a b
	misuses log --lines 0
	misuses log --lines x
	misuses log --follow
	ok log --help
	[[ $output == "Usage: hostdevctl log"* ]]
}
