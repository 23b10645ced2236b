# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Stages: pieces of work with names, some of which need others first. Sourced by tests/run.
#
# This file knows when a stage may begin, how it is shown, and how all of them end when one wants to stop. A stage is a
# process of its own, the program that sourced this file with "--alone NAME", and the leader of a session: whatever a stage
# starts is found by that, also where "timeout" and others make groups of their own.
#
# How much a stage loads the machine decides what runs beside it:
#   a number   so many processors; together the running stages have no more than there are, or one runs alone
#   all        each processor
#   rest       what the others leave: it runs beside whatever there is, with less right to a processor. One at a time.

stages_names=()
declare -A stages_title=() stages_needs=() stages_load=() stages_command=()
stages_cores=${STAGES_CORES:-$(nproc)}
stages_grace_s=${STAGES_GRACE_S:-8} # for what is stopped, to clean up
stages_logs=${stages_logs:?a folder for what stages say}
stages_program=$(realpath "$0")

# stage NAME TITLE NEEDS LOAD COMMAND ARGUMENT... - NEEDS are names of stages that were told before, or ''.
stage() {
	local load=$4
	[[ $load != all ]] || load=$stages_cores
	stages_names+=("$1")
	stages_title[$1]=$2 stages_needs[$1]=$3 stages_load[$1]=$load
	stages_command[$1]=$(printf '%q ' "${@:5}")
}

stages_list() {
	local name
	for name in "${stages_names[@]}"; do
		printf '%-14s%s\n' "$name" "${stages_title[$name]}"
	done
}

# stages_with_needs NAME... - them and what they need, in the order in which they were told. A name that is none is said.
stages_with_needs() {
	local -A wanted=()
	local -a left
	local name
	# shellcheck disable=SC2206 # words
	left=($*)
	while ((${#left[@]})); do
		name=${left[0]}
		left=("${left[@]:1}")
		[[ $name && -v stages_title[$name] ]] || { echo "there is no stage '$name' (--list prints their names)" >&2; return 2; }
		[[ ! -v wanted[$name] ]] || continue
		wanted[$name]=yes
		# shellcheck disable=SC2206 # words
		left+=(${stages_needs[$name]})
	done
	for name in "${stages_names[@]}"; do
		[[ ! -v wanted[$name] ]] || echo "$name"
	done
}

# --- one stage ---

# stages_others - fills others with the processes of this session but for this one. Those that have ended and that nobody has
# waited for yet are none.
stages_others() {
	local pid state
	others=()
	while read -r pid state; do
		[[ $pid == "$$" || $pid == "$!" || $state == Z* ]] || others+=("$pid")
	done < <(exec ps -o pid=,state= -s "$$")
}

# stages_end_session - what a stage has started gets some seconds to clean up.
stages_end_session() {
	local signal=TERM since=$SECONDS
	local -a others
	trap '' INT TERM HUP
	while stages_others && ((${#others[@]})); do
		((SECONDS - since < stages_grace_s)) || signal=KILL
		[[ ! $signal ]] || kill -"$signal" "${others[@]}" 2> /dev/null
		signal=''
		((SECONDS - since < stages_grace_s + 20)) || break # one that not even SIGKILL ends
		sleep 0.2
	done
	exit 143
}

# stages_seconds FILE - of what "times" has written there, the seconds of processors of those that the shell has waited for. "times"
# itself must not stand in a pipe: there it is another shell, which has waited for nobody.
stages_seconds() { awk 'NR == 2 { gsub(/[ms]/, " "); print int($1 * 60 + $2 + $3 * 60 + $4 + 0.5) }' "$1"; }

# stages_alone NAME - is the stage, and leaves the seconds of processors that it took.
stages_alone() {
	local status=0
	trap stages_end_session INT TERM HUP
	# Where the kernel shares processors between sessions, a session has a rank of its own.
	[[ ${stages_load[$1]} != rest ]] || { echo 10 > /proc/self/autogroup; } 2> /dev/null || :
	# Without job control bash would have what runs beside it ignore SIGINT, and tests send that.
	set -m
	{ set +m; eval "${stages_command[$1]}"; } &
	wait "$!" || status=$?
	times > "$stages_logs/$1.times"
	stages_seconds "$stages_logs/$1.times" > "$stages_logs/$1.cpu"
	rm -f "$stages_logs/$1.times"
	exit "$status"
}

# --- many ---

declare -A stages_state=() stages_running=() stages_began=() stages_took=() # name: word; pid: name; name: seconds

stages_begin() { # NAME
	local -a rank=()
	[[ ${stages_load[$1]} != rest ]] || rank=(nice -n 10)
	rm -f "$stages_logs/$1.cpu"
	# bash has what it starts so ignore SIGINT and SIGQUIT, and tests send them.
	setpriv --pdeathsig TERM setsid env --default-signal=INT,QUIT "${rank[@]}" "$stages_program" --alone "$1" \
		> "$stages_logs/$1.log" 2>&1 < /dev/null &
	stages_running[$!]=$1
	stages_state[$1]=running stages_began[$1]=$SECONDS
}

# stages_line NAME
stages_line() {
	local cpu='' note=''
	[[ ! -s $stages_logs/$1.cpu ]] || read -r cpu < "$stages_logs/$1.cpu"
	[[ ! $cpu ]] || note=", $cpu s of processors"
	printf '%-14s%-44s%5d s  %s%s\n' "$1" "${stages_title[$1]}" "${stages_took[$1]:-0}" "${stages_state[$1]}" "$note"
}

stages_ended() { # NAME STATUS
	stages_took[$1]=$((SECONDS - stages_began[$1]))
	stages_state[$1]=ok
	(($2 == 0)) || stages_state[$1]=FAILED
	stages_line "$1"
	(($2 != 0)) || return 0
	printf -- '--- %s ---\n' "$stages_logs/$1.log"
	tail -n 200 "$stages_logs/$1.log"
	printf -- '---\n'
}

# stages_may NAME - whether it may begin now: status 1 not yet, 2 never.
stages_may() {
	local need other busy=0
	for need in ${stages_needs[$1]}; do
		case ${stages_state[$need]} in
		ok) ;;
		FAILED | 'not run') return 2 ;;
		*) return 1 ;;
		esac
	done
	for other in "${stages_running[@]}"; do
		if [[ ${stages_load[$1]} == rest || ${stages_load[$other]} == rest ]]; then
			[[ ${stages_load[$1]} != "${stages_load[$other]}" ]] || return 1
		else
			busy=$((busy + stages_load[$other]))
		fi
	done
	[[ ${stages_load[$1]} == rest ]] || ((busy == 0 || busy + stages_load[$1] <= stages_cores))
}

# stages_begin_all NAME... - each that may, those first that were told first.
stages_begin_all() {
	local name may
	for name; do
		[[ ${stages_state[$name]} == waiting ]] || continue
		may=0
		stages_may "$name" || may=$?
		case $may in
		0) stages_begin "$name" ;;
		2) stages_state[$name]='not run'; stages_line "$name" ;;
		esac
	done
}

stages_interrupted() {
	trap '' INT TERM HUP
	printf '\nstopping: %s\n' "${stages_running[*]}"
	kill -TERM "${!stages_running[@]}" 2> /dev/null
	wait
	exit 130
}

# stages_run NAME... - all of them; whether each was ok.
stages_run() {
	local name pid='' status
	for name; do stages_state[$name]=waiting; done
	trap stages_interrupted INT TERM HUP
	while stages_begin_all "$@"; ((${#stages_running[@]})); do
		status=0
		wait -n -p pid "${!stages_running[@]}" || status=$?
		[[ $pid ]] || continue
		name=${stages_running[$pid]}
		unset "stages_running[$pid]"
		stages_ended "$name" "$status"
	done
	trap - INT TERM HUP
	for name; do [[ ${stages_state[$name]} == ok ]] || return 1; done
}

# stages_summary NAME... - the slowest first, and the sums.
stages_summary() {
	local name
	local -A count=([ok]=0 [FAILED]=0 ['not run']=0)
	for name; do
		printf '%d %s\n' "${stages_took[$name]:-0}" "$name"
	done | sort -s -k 1,1nr | while read -r _ name; do stages_line "$name"; done
	for name; do count[${stages_state[$name]}]=$((count[${stages_state[$name]}] + 1)); done
	printf '\n%d passed, %d failed' "${count[ok]}" "${count[FAILED]}"
	[[ ${count['not run']} -eq 0 ]] || printf ', %d not run for that' "${count['not run']}"
	printf '; %d min %d s\n' $((SECONDS / 60)) $((SECONDS % 60))
}
