#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# tests/run: which stages its options choose; and tests/stages.bash with stages that are made up: what runs before what and
# beside what, what is said, and that nothing goes on when somebody wants it to stop.
# shellcheck disable=SC2016,SC2030,SC2031 # what stands in quotes is for the made-up program

bats_require_minimum_version 1.5.0
load needs

run_script=$BATS_TEST_DIRNAME/run

is() { [[ $1 == "$2" ]] || { printf 'is:        %s\nshould be: %s\n' "$1" "$2"; return 1; }; }
says() { [[ $output == *"$1"* ]] || { printf 'does not say: %s\nin: %s\n' "$1" "$output"; return 1; }; }

# made_up LINE... - a program with these stages on two processors; began and ended are told in "order".
made_up() {
	program=$BATS_TEST_TMPDIR/program order=$BATS_TEST_TMPDIR/order
	mkdir -p "$BATS_TEST_TMPDIR/logs"
	: > "$order"
	{
		printf '%s\n' '#!/bin/bash' 'set -uo pipefail' "stages_logs='$BATS_TEST_TMPDIR/logs' STAGES_CORES=2 STAGES_GRACE_S=2 order='$order'" \
			". '$BATS_TEST_DIRNAME/stages.bash'" \
			'work() { echo "+$1" >> "$order"; sleep "$2"; echo "-$1" >> "$order"; return "${3:-0}"; }' \
			"$@" \
			'if [[ ${1:-} == --alone ]]; then stages_alone "$2"; fi' \
			'names=$(stages_with_needs "${@:-${stages_names[@]}}") || exit 2' 'mapfile -t chosen <<< "$names"' \
			'status=0' 'stages_run "${chosen[@]}" || status=$?' 'stages_summary "${chosen[@]}"' 'exit "$status"'
	} > "$program"
	chmod 755 "$program"
}

told() { paste -sd ' ' "$order"; }

# --- made-up stages ---

@test "a stage comes behind what it needs, and beside what it need not wait for" {
	made_up 'stage a "the first" "" 1 work a 0' 'stage b "" a 1 work b 1.5' 'stage c "" a 1 work c 0.5' 'stage d "" "b c" 1 work d 0'
	run "$program"
	is "$status" 0
	[[ $(told) =~ ^'+a -a '('+b +c'|'+c +b')' -c -b +d -d'$ ]] || told
	says "a             the first"
	says "4 passed, 0 failed; 0 min"
}

@test "no more at once than there are processors; what takes all runs alone, and what is too much as well" {
	made_up 'stage a "" "" 1 work a 0.3' 'stage b "" "" all work b 0.3' 'stage c "" "" 3 work c 0.3' 'stage d "" "" 2 work d 0'
	run "$program"
	is "$status" 0
	is "$(told)" '+a -a +b -b +c -c +d -d'
}

@test "one stage takes the rest, beside whatever there is, and with less right to it" {
	made_up 'nice_of() { work "$1" 0.5; nice > "$order.$1"; }' \
		'stage a "" "" all nice_of a' 'stage b "" "" rest nice_of b' 'stage c "" "" rest nice_of c'
	run "$program"
	is "$status" 0
	[[ $(told) =~ ^('+a +b'|'+b +a')' ' && $(told) =~ -b.*\+c.*-c ]] || { told; return 1; }
	(($(< "$order.b") >= $(< "$order.a") + 10 || $(< "$order.b") == 19))
}

@test "what fails is shown, what needs it is not run, all else is, and the status says it" {
	made_up 'loud() { seq 1 300; echo "it is broken" >&2; false; }' \
		'stage a "" "" 1 loud' 'stage b "" a 1 work b 0' 'stage c "" b 1 work c 0' 'stage d "" "" 1 work d 0'
	run "$program"
	is "$status" 1
	is "$(told)" '+d -d'
	says $'\n300\nit is broken\n---'
	[[ $output != *$'\n100\n'* ]]
	says "1 passed, 1 failed, 2 not run for that"
	is "$(grep -c 'FAILED' <<< "$output") $(grep -c 'not run$' <<< "$output")" "2 4"
}

@test "the summary begins with what took longest" {
	made_up 'stage a "" "" 1 work a 0' 'stage b "" "" 1 work b 3'
	run "$program"
	is "$(sed 1,2d <<< "$output" | grep -o '^[ab] ' | paste -sd '')" 'b a '
}

@test "a line says for how long a stage had a processor" {
	made_up 'busy() { (ulimit -t 1; while :; do :; done); [[ $? -gt 128 ]]; }' 'stage a "" "" 1 busy' 'stage b "" "" 1 work b 1'
	run "$program"
	grep -qE '^a .* s  ok, [12] s of processors$' <<< "$output"
	grep -qE '^b .* s  ok, 0 s of processors$' <<< "$output"
}

@test "a name brings what it needs along, and no more; one that is none ends all with status 2" {
	made_up 'stage a "" "" 1 work a 0' 'stage b "" "" 1 work b 0' 'stage c "" a 1 work c 0'
	run "$program" c
	is "$status $(told)" '0 +a -a +c -c'
	: > "$order"
	run "$program" a no-such
	is "$status" 2
	says "there is no stage 'no-such'"
	is "$(told)" ''
}

@test "a stage gets SIGINT as any program does" {
	made_up 'asks() { sh -c "kill -INT \$\$; exit 0"; [[ $? -eq 130 ]] && { sh -c "kill -INT \$\$; exit 0" & wait $!; [[ $? -eq 0 ]]; }; }' \
		'stage a "" "" 1 asks'
	run "$program"
	is "$status" 0
}

# Those of the sessions that have not ended: who has, may still be waited for by somebody.
going_on() { ps -o pid=,state=,cmd= -s "$1" | awk '$2 != "Z"'; }

# What a stage has started, in whatever group: one that "timeout" leads, one that does not hear SIGTERM, and one that cleans up.
stopped_by() { # SIGNAL
	made_up 'many() { timeout 100 sleep 90.125 & bash -c "trap \"\" TERM; while :; do sleep 0.125; done" deaf &
			bash -c "trap \"echo cleaned >> $order; exit\" TERM; echo up >> $order; while :; do sleep 0.1; done" & wait; }' \
		'stage a "" "" 1 many' 'stage b "" "" 1 work b 90.25'
	env --default-signal=INT "$program" > "$BATS_TEST_TMPDIR/out" 2>&1 &
	local pid=$! since sessions
	timeout 20 bash -c 'until grep -q up "$1" && grep -q +b "$1"; do sleep 0.1; done' - "$order"
	sessions=$(pgrep -P "$pid" | paste -sd ,)
	[[ $(pgrep -c -s "$sessions") -ge 6 ]]
	since=$SECONDS
	kill -"$1" "$pid"
	status=0
	wait "$pid" || status=$?
	is "$status" 130
	((SECONDS - since < 20))
	is "$(going_on "$sessions")" ''
	grep -q cleaned "$order"
	! grep -q -- -b "$order"
	grep -qE '^stopping: (a b|b a)$' "$BATS_TEST_TMPDIR/out"
}

@test "Ctrl-C ends all, and what ends by itself may clean up" { stopped_by INT; }
@test "so does SIGTERM" { stopped_by TERM; }

@test "so does the death of the program" {
	made_up 'stage a "" "" 1 work a 90.375'
	"$program" > /dev/null 2>&1 &
	local pid=$! session
	timeout 20 bash -c 'until grep -q +a "$1"; do sleep 0.1; done' - "$order"
	session=$(pgrep -P "$pid")
	kill -KILL "$pid"
	export -f going_on
	timeout 20 bash -c 'while [[ $(going_on "$1") ]]; do sleep 0.1; done' - "$session"
}

# --- the stages that there are ---

@test "--list: a line a stage, with a name that is one word, and each need is a stage told before" {
	run "$run_script" --list
	is "$status" 0
	[[ ${#lines[@]} -ge 15 ]]
	local line
	for line in "${lines[@]}"; do [[ $line =~ ^[a-z][a-z-]+\ +[^\ ] ]] || { echo "$line"; return 1; }; done
	is "$(cut -d ' ' -f 1 <<< "$output" | sort | uniq -d)" ''
}

planned() { run "$run_script" --plan "$@"; [[ $status -eq 0 ]]; } # the names of what would run, a line each

@test "a stage alone, with what it needs" {
	planned shellcheck
	is "$(paste -sd ' ' <<< "$output")" 'packages shellcheck'
	planned tests-gcc
	is "$(paste -sd ' ' <<< "$output")" 'packages build-gcc tests-gcc'
	planned fuzz lab
	says build-fuzz
	says machines
}

@test "all of them; and those that --fast leaves out" {
	planned
	is "$output" "$("$run_script" --list | cut -d ' ' -f 1)"
	local all=$output name
	planned --fast
	for name in fuzz images boots lab show fresh reproducible; do
		grep -qx "$name" <<< "$all"
		! grep -qx "$name" <<< "$output" || { echo "$name is not fast"; return 1; }
	done
	for name in shellcheck format spelling build-gcc build-clang tests-gcc layers tidy cppcheck fuzz-corpus; do
		grep -qx "$name" <<< "$output" || { echo "$name is fast"; return 1; }
	done
}

@test "what is not understood: status 2, and a line that says what" {
	run "$run_script" --plan shellcheck no-such
	is "$status" 2
	says "there is no stage 'no-such' (--list prints their names)"
	run "$run_script" --no-such
	is "$status" 2
	says "usage: sudo tests/run"
	run "$run_script" --in
	is "$status" 2
	run "$run_script" --fast shellcheck
	is "$status" 2
	run "$run_script" --in sid shellcheck
	is "$status" 2
}
