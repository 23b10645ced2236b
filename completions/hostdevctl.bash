# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# bash completion for hostdevctl(8)

# The guests libvirt knows, asked read-only; none where libvirt does not answer soon.
_hostdevctl_guests() {
	timeout 2 virsh --readonly --connect qemu:///system list --all --name 2> /dev/null
}

_hostdevctl_columns() {
	local all='KIND ADDRESS MANAGED DRIVER NAME' done='' cur=$2 column

	case $1 in
	check) all='STATUS SUBJECT NOTE' ;;
	holders) all='ADDRESS KIND NODE PID COMMAND USER SESSION UNIT HOW ACTION' ;;
	recover) all='GUEST UUID VERDICT NOTE' ;;
	set) all='KEY DEVICE VALUE FROM' ;;
	esac

	# What stands before the last comma is kept, and not offered again.
	[[ $cur == *,* ]] && done=${cur%,*}, && done=${done^^}
	for column in $all; do
		[[ ,$done == *",$column,"* ]] || printf '%s\n' "$done$column"
	done
}

# The guests that have a journal; only root may look.
_hostdevctl_journals() {
	sed -sn 's/^guest //p' /run/hostdev-hook/*.journal 2> /dev/null
}

# Names of guests may hold blanks, so the replies are quoted one by one.
_hostdevctl_arguments() {
	local cur=$1 guest

	compopt -o filenames 2> /dev/null
	while IFS= read -r guest; do
		[[ -n $guest && $guest == "$cur"* ]] && COMPREPLY+=("$guest")
	done < <("$2")
	[[ $2 == _hostdevctl_guests ]] || return
	while IFS= read -r guest; do
		COMPREPLY+=("$guest")
	done < <(compgen -f -- "$cur")
}

_hostdevctl_options() {
	case $1 in
	check | guest | holders) echo --json --raw --noheadings --output --root --help ;;
	plan) echo --root --help ;;
	recover) echo --json --raw --noheadings --output --help ;;
	repin) echo --help ;;
	set) echo --device --json --raw --noheadings --output --root --help ;;
	esac
}

# The words of "allow": what stands before the last comma is kept, and not offered again.
_hostdevctl_allow() {
	local done='' cur=$1 word

	[[ $cur == *,* ]] && done=${cur%,*},
	for word in default-route ssh upper-interface network-root network-mount hidden-interface only-keyboard console \
		igpu chipset hung-task-panic; do
		[[ ,$done == *",$word,"* ]] || printf '%s\n' "$done$word"
	done
}

# Behind "=", a word of its own to bash, the values; else the keys.
_hostdevctl_settings() {
	local cur=$1 key=$2 words

	case $key in
	group) words='refuse whole' ;;
	processes) words='refuse wait terminate kill' ;;
	services) words='refuse wait stop-unit terminate' ;;
	display) words='refuse release stop' ;;
	allow) words="none $(_hostdevctl_allow "$cur")" ;;
	allow[+-]) words=$(_hostdevctl_allow "$cur") ;;
	'')
		compopt -o nospace 2> /dev/null
		words='group= processes= services= display= allow= allow+= allow-= wait-time= grace-time= unbind-time= bind-time=
			reset-time= release-time= script-time= total-time='
		;;
	*) return ;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}

_hostdevctl_set() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}

	if [[ $cur == = ]]; then
		_hostdevctl_settings '' "$prev"
	elif [[ $prev == = ]]; then
		_hostdevctl_settings "$cur" "${COMP_WORDS[COMP_CWORD - 2]}"
	elif ((COMP_CWORD == 2)); then
		_hostdevctl_arguments "$cur" _hostdevctl_guests
	else
		_hostdevctl_settings "$cur" ''
	fi
}

_hostdevctl() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	local command=${COMP_WORDS[1]}

	COMPREPLY=()
	if ((COMP_CWORD == 1)); then
		mapfile -t COMPREPLY < <(compgen -W 'check guest holders plan recover repin set --help --version' -- "$cur")
		return
	fi
	case $command:$prev in
	*:--root)
		compopt -o dirnames 2> /dev/null
		mapfile -t COMPREPLY < <(compgen -d -- "$cur")
		return
		;;
	check:--output | check:-o | guest:--output | guest:-o | holders:--output | holders:-o | recover:--output | recover:-o | set:--output | set:-o)
		compopt -o nospace 2> /dev/null
		mapfile -t COMPREPLY < <(compgen -W "$(_hostdevctl_columns "$command" "$cur")" -- "${cur^^}")
		return
		;;
	esac
	case $command:$cur in
	check:-* | guest:-* | holders:-* | plan:-* | recover:-* | repin:-* | set:-*)
		mapfile -t COMPREPLY < <(compgen -W "$(_hostdevctl_options "$command")" -- "$cur")
		;;
	guest:* | holders:* | plan:* | repin:*) _hostdevctl_arguments "$cur" _hostdevctl_guests ;;
	set:*) _hostdevctl_set ;;
	recover:*) _hostdevctl_arguments "$cur" _hostdevctl_journals ;;
	esac
}

complete -F _hostdevctl hostdevctl
