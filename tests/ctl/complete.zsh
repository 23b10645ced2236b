#!/usr/bin/env zsh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# complete.zsh FOLDER: what zsh offers at the end of each line of standard input, a word a line, with
# the completion in FOLDER; behind each an empty line.
#
# zsh completes only where somebody types: a second zsh does so, at a terminal of its own, and tells
# by a pipe what is handed to compadd.
zmodload zsh/zpty || exit 1
work=$(mktemp -d) folder=${1:a}
trap 'zpty -d typist 2> /dev/null; rm -rf $work' EXIT
mkfifo $work/pipe

cat > $work/.zshrc <<'RC'
PROMPT=
exec 5> $work/pipe
fpath=($folder $fpath)
autoload -Uz compinit
compinit -D -u
unsetopt auto_list auto_menu beep list_beep
compadd() {
	local -a hits

	# With these it only says which words match.
	if [[ ${(M)@[1,(i)(-|--)]:#-[OAD]*} ]]; then
		builtin compadd "$@"
		return
	fi
	builtin compadd -O hits "$@"
	((#hits)) && print -rlu5 -- $hits
	builtin compadd "$@"
}
offer() {
	BUFFER=$(<$work/line)
	CURSOR=$#BUFFER
	zle complete-word
	BUFFER=
	print -u5
}
zle -N offer
bindkey '^G' offer
# What is typed before zle has set the terminal up may be lost.
zle-line-init() { print -u5 ready }
zle -N zle-line-init
RC
export ZDOTDIR=$work work folder
zpty typist zsh -d -i
exec 4< $work/pipe
read -rt 20 -u 4 answer || exit 1
while IFS= read -r line; do
	# A terminal that nobody reads stops who writes to it.
	while zpty -rt typist junk; do :; done
	print -rn -- $line > $work/line
	zpty -wn typist $'\a'
	while :; do
		read -rt 20 -u 4 answer || exit 1
		print -r -- $answer
		[[ $answer ]] || break
	done
done
