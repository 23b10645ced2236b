# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Commands that take a while and say much: what they say goes to a log, a line on the screen moves meanwhile, and when one
# fails the end of what it said is shown. Read by install.sh, which gives "say" and "root".

: "${root=}"
log=            # of this run; there is none before the first command
log_here=       # it is a file in the temporary folder, which goes when all went well
silence_s=10    # without a terminal a line is written at least this often

# Of an installation on this machine it stays where an admin looks for it.
log_begin() {
	[[ -z $log ]] || return 0
	if [[ -z $root && $EUID -eq 0 && -d /var/log ]] && { : > /var/log/hostdev-hook-install.log; } 2> /dev/null; then
		log=/var/log/hostdev-hook-install.log
	else
		log=$(mktemp "${TMPDIR:-/tmp}/hostdev-hook-install.XXXXXX") log_here=yes
	fi
}

log_done() { [[ -z $log_here ]] || rm -f -- "$log"; }

# On a terminal the line also has the last words of the command, as far as they fit.
progress() { # TITLE
	local start=$SECONDS passed words never columns
	exec {never}<> <(:) # nothing ever comes from here: a sleep without a program that could outlive this
	columns=$( (stty size < /dev/tty | cut -d ' ' -f 2) 2> /dev/null) || :
	while kill -0 $$ 2> /dev/null; do
		read -rt 1 -u "$never" || :
		passed=$((SECONDS - start))
		if [[ -t 1 ]]; then
			words=$(tail -n 1 "$log" | tr -d '\000-\037')
			printf '\r%.*s\e[K' "$((${columns:-80} - 1))" "$1: $passed s  $words"
		elif ((passed > 0 && passed % silence_s == 0)); then
			say "$1: $passed s ..."
		fi
	done
}

quietly() { # TITLE COMMAND...: the command's own status
	local title=$1 start=$SECONDS status=0 watcher
	shift
	log_begin
	printf '\n== %s: %s\n' "$title" "$*" >> "$log"
	progress "$title" &
	watcher=$!
	# In front, so that Ctrl-C reaches the command.
	"$@" >> "$log" 2>&1 < /dev/null || status=$?
	kill "$watcher" 2> /dev/null || :
	wait "$watcher" 2> /dev/null || :
	[[ ! -t 1 ]] || printf '\r\e[K'
	if [[ $status -eq 0 ]]; then
		say "$title: done in $((SECONDS - start)) s"
	else
		say "$title: failed. The end of what it said:" >&2
		tail -n "${log_lines:-20}" "$log" | sed 's/^/  /' >&2
		say "All of it is in $log" >&2
		log_here= # it is named, so it stays
	fi
	return "$status"
}
