# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Sourced by the scenarios that kill. It knows how a round of them goes: a call is killed at a moment chosen evenly over
# the time that an undisturbed one takes, "hostdevctl recover" runs, and everything is home. Each tenth time the whole
# host is compared and the guest is started.
#
#   kill_call NAME OP SUB        the hook, called as libvirt does it; every other time its workers die with it
#   kill_start VICTIM NAME       under virsh: VICTIM is "hook" or "daemon"
#   recovered NAME               ... and everything is home
#   startable NAME               it is started and stopped
#   call_through NAME OP SUB     an undisturbed call; CALL_US is how long it took

ENGINE=/usr/libexec/hostdev-hook/engine
MORTAL='' # what mortal said
CALL_US=0
KILLED=0 # so far

# mortal ARGUMENT... - see mortal.c.
mortal() {
	MORTAL=$(timeout 90 env -i LC_ALL=C PATH="$PATH" HOME=/root /lab/mortal "$@" 2> "$WORK/mortal.err") ||
		fail "mortal: $(< "$WORK/mortal.err")"
}

# random_us BELOW - at least 1, as 0 would be never.
random_us() { echo $(((RANDOM * 32768 + RANDOM) % $1 + 1)); }


call_through() {
	mortal 0 "$HOOK" "$1" "$2" "$3" - < "$(xml_file "$1")"
	[[ $MORTAL == 'ended 0 '* ]] || fail "the hook at $2: $MORTAL: $(< "$WORK/mortal.err")"
	# shellcheck disable=SC2034 # the scenarios read it
	CALL_US=${MORTAL##* }
}

# kill_call NAME OP SUB BELOW-US
kill_call() {
	local options=() at
	((KILLED % 2)) && options=(--all)
	at=$(random_us "$4")
	mortal "${options[@]}" "$at" "$HOOK" "$1" "$2" "$3" - < "$(xml_file "$1")"
	say "$2 of $1, to be killed ${options[*]} after $at us: $MORTAL"
	was_killed
}

# was_killed - counted, or it was over before.
was_killed() {
	count rounds
	if [[ $MORTAL == killed ]]; then
		KILLED=$((KILLED + 1))
		count kills
	elif [[ $MORTAL != 'ended 0 '* ]]; then
		fail "it ended by itself, and not well: $(< "$WORK/mortal.err")"
	fi
}

# kill_start VICTIM NAME BELOW-US
kill_start() {
	local options=(--first "$ENGINE") at
	[[ $1 != daemon ]] || options+=(--victim "$(daemon_pid)")
	at=$(random_us "$3")
	mortal "${options[@]}" "$at" virsh -q start -- "$2"
	say "start of $2, the $1 to be killed $at us into its hook: $MORTAL"
	was_killed
}

# What it says may be that a worker is still at it: that one does the rest.
recovered() {
	local status=0
	timeout 120 hostdevctl recover > "$WORK/recover" 2>&1 || status=$?
	cat "$WORK/recover"
	[[ $status -ne 124 ]] || fail "recover did not end"
	poll 40 has_no_journal "$1" || fail "recover ($status) left the journal of $1"
	((KILLED % 10)) || same_as_before
	devices_home || poll 20 devices_home || same_as_before
	count hand-overs
}

devices_home() {
	devices_text > "$WORK/devices.now"
	cmp -s "$WORK/devices.now" <(head -n "$(wc -l < "$WORK/devices.now")" "$WORK/before")
}

startable() {
	start "$1"
	stop "$1"
	same_as_before
}

# every_tenth NAME
every_tenth() { ((KILLED % 10)) || [[ $MORTAL != killed ]] || startable "$1"; }

# few - of the kills that are slow there are a tenth, and two at least.
few() { echo $((KILLS < 20 ? 2 : KILLS / 10)); }
