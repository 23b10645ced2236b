#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# complete.bash FOLDER: what bash offers at the end of each line of standard input, a word a line,
# with the completion in FOLDER; behind each an empty line.

# shellcheck source=completions/hostdevctl.bash
source "$1/hostdevctl.bash"
compopt() { :; }

while IFS= read -r COMP_LINE; do
	COMP_POINT=${#COMP_LINE} COMPREPLY=()
	# As bash does it: "=" and ":" are words.
	spaced=${COMP_LINE//=/ = }
	read -ra COMP_WORDS <<< "${spaced//:/ : }"
	[[ $COMP_LINE == *' ' ]] && COMP_WORDS+=('')
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
	_hostdevctl
	printf '%s\n' "${COMPREPLY[@]}"
	((${#COMPREPLY[@]} == 0)) || echo
done
