# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# bash completion for hostdevctl(8). Commands, options, columns and the kinds of arguments are read
# from "hostdevctl help" and "hostdevctl COMMAND --help", which take a few milliseconds and ask
# neither libvirt nor the host: so a new option is offered as soon as the program has it.

# From help on standard input: a row for each spelling of each option, with a tab and what its value
# is called. The same text is in all three completions.
_hostdevctl_parse() {
	awk '
	function flush(   at, names, text, value, option, list, word, i) {
		sub(/^ +/, "", row)
		sub(/\[=[A-Z]+\] /, "& ", row)
		at = index(row, "  ")
		names = at ? substr(row, 1, at - 1) : row
		text = at ? substr(row, at) : ""
		gsub(/ +/, " ", text)
		sub(/^ /, "", text)
		for (i = split(names, list, ", "); i > 0; i--) {
			sub(/\[=/, " [", list[i])
			if (list[i] ~ /^--/)
				value = split(list[i], word, " ") > 1 ? word[2] : ""
			sub(/ .*/, "", list[i])
			values[list[i]] = value
			option = list[i]
			# --exclude-devices takes what --devices does.
			if (sub(/^--exclude-/, "--", option))
				value = values[option]
			print list[i] "\t" value "\t" text
		}
		row = ""
	}
	# A row goes on in the next line where that has no option, or where the row ends within a list of them.
	row && /^ +-/ && row ~ /,$/ { sub(/^ +/, ""); row = row " " $0; next }
	row && /^ +[^ -]/ { sub(/^ +/, ""); row = row "  " $0; next }
	row { flush() }
	/^ +-/ { row = $0 }
	END { if (row) flush() }'
}

# --- what there is on this host ---

_hostdevctl_addresses() {
	local device

	for device in /sys/bus/pci/devices/*; do
		[[ -e $device ]] && printf '%s\n' "${device##*/}"
	done
}

# Interfaces, disks and graphics cards by the kernel's names, where a PCI device is behind them.
_hostdevctl_nodes() {
	local node

	for node in /sys/class/net/* /sys/block/* /sys/class/drm/card*[0-9]; do
		[[ $(cd -P "$node/device" 2> /dev/null && echo "$PWD") == /sys/devices/pci* ]] &&
			[[ $node != */card*-* ]] && printf '%s\n' "${node##*/}"
	done
}

_hostdevctl_groups() {
	local group

	for group in /sys/kernel/iommu_groups/*; do
		[[ -e $group ]] && printf '%s\n' "${group##*/}"
	done
}

# "10de:2204", each once.
_hostdevctl_ids() {
	local device vendor product

	for device in /sys/bus/pci/devices/*; do
		{ read -r vendor < "$device/vendor" && read -r product < "$device/device"; } 2> /dev/null || continue
		printf '%s\n' "${vendor#0x}:${product#0x}"
	done | sort -u
}

# The drivers that devices of this host have.
_hostdevctl_drivers() {
	local driver

	for driver in /sys/bus/pci/drivers/*/*:*:*.*; do
		[[ -e $driver ]] && driver=${driver%/*} && printf '%s\n' "${driver##*/}"
	done | sort -u
}

# To root the names of libvirt's files tell the guests at once, also while libvirtd hangs. For others
# virsh asks, read-only, and is ended when libvirtd does not answer soon.
_hostdevctl_guests() {
	local file

	if [[ ! -r /etc/libvirt/qemu ]]; then
		timeout -k 1 2 virsh --readonly --connect qemu:///system list --all --name 2> /dev/null
		return
	fi
	for file in /etc/libvirt/qemu/*.xml /run/libvirt/qemu/*.xml; do
		file=${file##*/}
		[[ $file == '*.xml' ]] || printf '%s\n' "${file%.xml}"
	done | sort -u
}

# The guests and loans that have a journal; only root may look.
_hostdevctl_journals() {
	sed -sn 's/^guest //p' /run/hostdev-hook/*.journal 2> /dev/null
}

# --- what goes on with the word that is typed ---

# Of the words on standard input those that go on with $1 and do not stand on the line already.
_hostdevctl_add() {
	local word

	while IFS= read -r word; do
		[[ -n $word && $word == "$1"* && " ${typed[*]} " != *" $word "* ]] && COMPREPLY+=("$word")
	done
}

# The same for a list: what stands before its last comma is kept, and not offered again.
_hostdevctl_add_list() {
	local kept='' word

	[[ $1 == *,* ]] && kept=${1%,*},
	while read -r word; do
		[[ $word == "${1##*,}"* && ,$kept != *",$word,"* ]] && COMPREPLY+=("$kept$word")
	done
	# To be gone on with, by a comma or with the next word.
	compopt -o nospace 2> /dev/null
}

# As the kernel spells them; if none goes on with what is typed, as lspci or libvirt does.
_hostdevctl_add_addresses() {
	local before=${#COMPREPLY[@]}

	_hostdevctl_add "$1" < <(_hostdevctl_addresses)
	((${#COMPREPLY[@]} > before)) || _hostdevctl_add "$1" < <(_hostdevctl_addresses | sed 's/^0000://')
	((${#COMPREPLY[@]} > before)) || _hostdevctl_add "$1" < <(_hostdevctl_addresses | sed 's/[:.]/_/g; s/^/pci_/')
}

# Files that end in $2, and folders.
_hostdevctl_add_files() {
	local file

	compopt -o filenames 2> /dev/null
	while IFS= read -r file; do
		COMPREPLY+=("$file")
	done < <(compgen -f -X "!*$2" -- "$1"; compgen -d -- "$1")
}

_hostdevctl_add_columns() {
	local plus=''

	[[ $1 == +* ]] && plus=+
	_hostdevctl_add_list "${1#+}" < <(sed -n 's/^--output\tLIST\tcolumns: //; T; s/;.*//; s/, */\n/g; p' <<< "$options")
	COMPREPLY=("${COMPREPLY[@]/#/$plus}")
}

_hostdevctl_add_settings() {
	local keys='group processes services display allow allow+ allow- wait-time grace-time ignore unbind-time bind-time
		reset-time release-time script-time total-time'
	local allow='default-route ssh upper-interface network-root network-mount hidden-interface only-keyboard console
		igpu chipset hung-task-panic'
	local words=''

	case $1 in
	group=*) words='refuse whole' ;;
	processes=*) words='refuse wait terminate kill' ;;
	services=*) words='refuse wait stop-unit terminate' ;;
	display=*) words='refuse release stop' ;;
	allow=*) words="none $allow" ;;
	allow[+-]=*) words=$allow ;;
	ignore=*) words=$(hostdevctl check --ids -rn 2> /dev/null | cut -d " " -f 1) ;;
	*=*) ;;
	*)
		mapfile -t COMPREPLY < <(compgen -W "$keys" -S = -- "$1")
		compopt -o nospace 2> /dev/null
		return
		;;
	esac
	if [[ $1 == allow* || $1 == ignore* ]]; then
		_hostdevctl_add_list "${1#*=}" < <(compgen -W "$words")
	else
		_hostdevctl_add "${1#*=}" < <(compgen -W "$words")
	fi
}

# What the help calls $1, as the value of the option $2 or, without that, as an argument; $3 is what
# is typed of it.
_hostdevctl_offer() {
	case $2:$1 in
	*:DIR) _hostdevctl_add_files "$3" / ;;
	-*:FILE) _hostdevctl_add_files "$3" '' ;;
	:FILE) [[ $devices ]] || _hostdevctl_add_files "$3" .[xX][mM][lL] ;;
	:NAME | :GUEST)
		case $command in
		recover | return) _hostdevctl_add "$3" < <(_hostdevctl_journals) ;;
		*) _hostdevctl_add "$3" < <(_hostdevctl_guests) ;;
		esac
		[[ $devices ]] || compopt -o filenames 2> /dev/null
		;;
	*:ADDR | *:ADDRESS) _hostdevctl_add_addresses "$3" ;;
	:DEVICE)
		_hostdevctl_add_addresses "$3"
		_hostdevctl_add "$3" < <(_hostdevctl_nodes)
		;;
	:GROUP) _hostdevctl_add "$3" < <(_hostdevctl_groups) ;;
	:VENDOR:DEVICE) _hostdevctl_add "$3" < <(_hostdevctl_ids) ;;
	--*:ADDRESS,...) _hostdevctl_add_list "$3" < <(_hostdevctl_addresses) ;;
	--*:NAME,...) _hostdevctl_add_list "$3" < <(_hostdevctl_drivers) ;;
	--*:VVVV:DDDD,...) _hostdevctl_add_list "$3" < <(_hostdevctl_ids) ;;
	--output:LIST | -o:LIST) _hostdevctl_add_columns "${3^^}" ;;
	--*:LIST) _hostdevctl_add_list "$3" < <(printf '%s\n' all no-vga; _hostdevctl_groups) ;;
	*:KEY=VALUE) _hostdevctl_add_settings "$3" ;;
	*:USER:GROUP) _hostdevctl_add "$3" < <(compgen -u) ;;
	*:\[WHEN\]) _hostdevctl_add "$3" <<< $'auto\nalways\nnever' ;;
	--loader:*)
		_hostdevctl_add "$3" < <(printf '%s\n' grub grub-bls systemd-boot uki uki-direct kernelstub proxmox \
			sdbootutil ostree bootc nixos limine refind)
		;;
	--initramfs:*) _hostdevctl_add "$3" < <(printf '%s\n' initramfs-tools dracut mkinitcpio booster) ;;
	*:*\|*)
		_hostdevctl_add "$3" < <(tr '|' '\n' <<< "$1" | grep '^[a-z]')
		[[ $1 == *ADDRESS* ]] && _hostdevctl_add_addresses "$3"
		;;
	esac
}

# The argument number $1 is one of what "A|B..." stands for there; what has no dots is not repeated.
_hostdevctl_offer_argument() {
	local arguments last kind devices=''

	read -ra arguments <<< "${usage//[][]/}"
	last=$((${#arguments[@]} - 1))
	kind=${arguments[$1]}
	if (($1 > last && last >= 0)); then
		kind=${arguments[last]}
		[[ $kind == *... ]] || kind=$(tr '|' '\n' <<< "$kind" | grep -F ...)
	fi
	kind=${kind//.../}
	[[ $kind == *[A-Z]* ]] || { _hostdevctl_offer "$kind|" '' "$2"; return; }
	for kind in ${kind//|/ }; do
		_hostdevctl_offer "$kind" '' "$2"
		[[ $kind == @(ADDRESS|DEVICE) && ${COMPREPLY[*]} ]] && devices=yes
	done
	# With "-o filenames" bash would quote the names of guests, but the colons of addresses, too.
	[[ $devices ]] && mapfile -t COMPREPLY < <(printf '%q\n' "${COMPREPLY[@]}")
}

# --- the command line ---

# To bash "=" and ":" are words of their own: puts together what no blank parts, up to the cursor.
_hostdevctl_words() {
	local line=${COMP_LINE:0:COMP_POINT} rest word

	typed=()
	for word in "${COMP_WORDS[@]:0:COMP_CWORD+1}"; do
		rest=${line#"${line%%[![:blank:]]*}"}
		if [[ $rest == "$line" ]] && ((${#typed[@]})); then
			typed[-1]+=${word:0:${#rest}}
		else
			typed+=("${word:0:${#rest}}")
		fi
		line=${rest#"$word"}
	done
}

# What bash replaces is only what stands behind the last "=" or ":".
_hostdevctl_cut_colons() {
	local index

	[[ $1 == *:* && $COMP_WORDBREAKS == *:* ]] || return
	compopt +o filenames 2> /dev/null
	for index in "${!COMPREPLY[@]}"; do
		COMPREPLY[index]=${COMPREPLY[index]#"${1%"${1##*:}"}"}
	done
}

# What the value of the option $1 is called; nothing where it has none.
_hostdevctl_value() {
	awk -F '\t' -v option="$1" '$1 == option && $2 { print $2; exit }' <<< "$options"
}

_hostdevctl_commands() {
	hostdevctl help 2> /dev/null | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p'
}

_hostdevctl() {
	local typed cur command help options usage value='' option='' word count=0

	COMPREPLY=()
	_hostdevctl_words
	cur=${typed[-1]}
	typed=("${typed[@]:1:${#typed[@]}-2}")
	command=${typed[0]-}
	help=$(hostdevctl "${command:-help}" ${command:+--help} 2> /dev/null)
	options=$(_hostdevctl_parse <<< "$help")
	usage=$(sed -n '1s/^Usage: hostdevctl [a-z]* *//; 1s/\[OPTION\.\.\.\] *//; 1p' <<< "$help")

	for word in "${typed[@]:1}"; do
		if [[ $value ]]; then
			value=''
		elif [[ $word != -?* ]]; then
			((count++))
		elif [[ $word != *=* ]]; then
			option=$word value=$(_hostdevctl_value "$word")
			[[ $value == \[* ]] && value=''
		fi
	done
	if [[ $value ]]; then
		_hostdevctl_offer "$value" "$option" "$cur"
	elif [[ $cur == --*=* ]]; then
		option=${cur%%=*} cur=${cur#*=}
		_hostdevctl_offer "$(_hostdevctl_value "$option")" "$option" "$cur"
	elif [[ $cur == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(cut -f 1 <<< "$options" | grep '^--' | sort -u)" -- "$cur")
	elif [[ ! $command ]]; then
		_hostdevctl_add "$cur" < <(_hostdevctl_commands)
	elif [[ $command == help ]]; then
		((count)) || _hostdevctl_add "$cur" < <(_hostdevctl_commands | grep -vxE 'help|version')
	else
		_hostdevctl_offer_argument "$count" "$cur"
	fi
	_hostdevctl_cut_colons "$cur"
}

complete -F _hostdevctl hostdevctl
