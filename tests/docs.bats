#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# README.md, docs/ and the other texts: a link leads somewhere, and a command that they show is one that there is. What commands
# answer is shown in the lab.

bats_require_minimum_version 1.5.0

setup() {
	tree=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
	cd "$tree" || return
	mapfile -t texts < <(ls ./*.md docs/*.md packaging/*.md packaging/*/*.md examples/*/*.md 2> /dev/null)
}

# The words that GitHub makes of headings.
anchors_of() { # FILE
	sed -n 's/^##* //p' "$1" | tr '[:upper:]' '[:lower:]' | sed -E 's/[^a-z0-9 _-]//g; s/ /-/g'
}

@test "every link leads to a file or a heading of this tree" {
	local text link path anchor count=0 wrong=0
	for text in "${texts[@]}"; do
		while read -r link; do
			[[ $link != *://* ]] || continue
			count=$((count + 1)) path=${link%%#*} anchor=
			[[ $link != *'#'* ]] || anchor=${link#*#}
			path=${path:+$(dirname "$text")/$path}
			[[ -e ${path:-$text} ]] || { echo "$text: $link: no such file"; wrong=1; continue; }
			[[ -z $anchor ]] || anchors_of "${path:-$text}" | grep -xF -- "$anchor" > /dev/null ||
				{ echo "$text: $link: no such heading"; wrong=1; }
		done < <(grep -oE '\]\([^) ]+\)' "$text" | sed -E 's/^\]\((.*)\)$/\1/')
	done
	[[ $wrong -eq 0 && $count -gt 20 ]]
}

# All that stands in a text as code: between backticks, and in indented or fenced lines.
code_of() { # FILE
	awk '/^```/ { fenced = !fenced; next } fenced || /^(    |\t)/ { print; next }
		{ n = split($0, part, "`"); for (i = 2; i <= n; i += 2) print part[i] }' "$1"
}

@test "every command and option that the texts show is one that there is" {
	local text line word command count=0 wrong=0
	local -A help=()
	for text in README.md docs/*.md; do
		while read -r line; do
			line=${line#*hostdevctl }
			command=${line%%[^a-z]*}
			# "hostdevctl COMMAND", and what the program says of itself ("hostdevctl: ...").
			[[ -n $command && $command != help && $command != version ]] || continue
			count=$((count + 1))
			if [[ -z ${help[$command]-} ]]; then
				help[$command]=$("$HOSTDEVCTL" "$command" --help 2>&1) || help[$command]=none
				# What each kind of set-up takes is in its page.
				[[ $command != generate ]] || help[$command]+=$(< man/hostdevctl-generate.8)
			fi
			if [[ ${help[$command]} == none ]]; then
				echo "$text: hostdevctl $command: no such command"
				wrong=1
				continue
			fi
			for word in ${line%%[#|;]*}; do
				word=${word%%=*} word=${word%%[^a-z-]*}
				[[ $word == --[a-z]* ]] || continue
				[[ ${help[$command]} == *"$word"* || ${help[$command]} == *"Fl -${word#--}"* ]] ||
					{ echo "$text: hostdevctl $command: no option $word"; wrong=1; }
			done
		done < <(code_of "$text" | grep -oE '(^|[ (#|])hostdevctl [a-z].*' | grep -vE 'hostdevctl (COMMAND|is|are) ')
	done
	echo "$count commands"
	[[ $wrong -eq 0 && $count -gt 60 ]]
}

@test "every option of install.sh that the texts show is one that there is" {
	local text line word help count=0 wrong=0
	help=$(./install.sh --help)
	for text in README.md docs/*.md packaging/*.md CONTRIBUTING.md; do
		while read -r line; do
			while read -r word; do
				count=$((count + 1))
				grep -qE -e "(^|[^a-z-])$word([^a-z-]|\$)" <<< "$help" || { echo "$text: install.sh has no option $word"; wrong=1; }
			done < <(grep -oE -e '--[a-z-]+' <<< "${line%%[#;]*}")
		done < <(code_of "$text" | grep -oE 'install\.sh .*')
	done
	[[ $wrong -eq 0 && $count -gt 8 ]]
}
