# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# bash completion for hostdevctl(8)

# The guests libvirt knows, asked read-only; none where libvirt does not answer soon.
_hostdevctl_guests() {
	timeout 2 virsh --readonly --connect qemu:///system list --all --name 2> /dev/null
}

# The PCI devices of this host, by the kernel's names.
_hostdevctl_devices() {
	local device

	for device in /sys/bus/pci/devices/*; do
		[[ -e $device ]] && printf '%s\n' "${device##*/}"
	done
}

# Those of the words from $3 on that go on with $1 and do not stand in $2 already.
_hostdevctl_match() {
	local cur=$1 before=" $2 " word

	for word in "${@:3}"; do
		[[ $word == "$cur"* && $before != *" $word "* ]] && COMPREPLY+=("$word")
	done
}

# Addresses that go on with $1, as the kernel spells them; if there is none, as lspci or libvirt does.
_hostdevctl_addresses() {
	local devices nodes

	mapfile -t devices < <(_hostdevctl_devices)
	nodes=("${devices[@]//[:.]/_}")
	_hostdevctl_match "$1" "$2" "${devices[@]}"
	((${#COMPREPLY[@]})) || _hostdevctl_match "$1" "$2" "${devices[@]#0000:}"
	((${#COMPREPLY[@]})) || _hostdevctl_match "$1" "$2" "${nodes[@]/#/pci_}"
}

# To bash a colon ends a word, and only what is behind the last one is replaced.
_hostdevctl_cut_colons() {
	local cur=$1 index

	[[ $cur == *:* && $COMP_WORDBREAKS == *:* ]] || return
	for index in "${!COMPREPLY[@]}"; do
		COMPREPLY[index]=${COMPREPLY[index]#"${cur%"${cur##*:}"}"}
	done
}

# The usual columns, those on request, or with a plus only these.
_hostdevctl_columns() {
	local all='KIND ADDRESS MANAGED DRIVER NAME' request='' done='' cur=$2 column

	case $1 in
	check) all='STATUS ID SUBJECT NOTE' ;;
	guest) request='GUEST WANTED GROUP' ;;
	holders) all='ADDRESS KIND NODE PID COMMAND USER SESSION UNIT HOW ACTION' request='NAME DRIVER GROUP' ;;
	recover) all='GUEST UUID VERDICT NOTE' ;;
	set) all='KEY DEVICE VALUE FROM' ;;
	esac
	[[ $cur == +* ]] && all='' done=+ cur=${cur#+}
	all+=" $request"

	# What stands before the last comma is kept, and not offered again.
	[[ $cur == *,* ]] && done+=${cur%,*}, && done=${done^^}
	for column in $all; do
		[[ ,${done#+} == *",$column,"* ]] || printf '%s\n' "$done$column"
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
	done < <(compgen -f -X '!*.[xX][mM][lL]' -- "$cur"; compgen -d -- "$cur")
}

# $1: the word with its colons; $2: all before it.
_hostdevctl_holders() {
	local cur=$1 before=$2 guest

	_hostdevctl_addresses "$cur" "$before"
	# Behind an address nothing else may stand.
	if [[ $before != *[[:blank:]]*:*.* && $before != *[[:blank:]]pci_* ]]; then
		if ((${#COMPREPLY[@]} == 0)); then
			_hostdevctl_arguments "$cur" _hostdevctl_guests
			return
		fi
		while IFS= read -r guest; do
			[[ -n $guest && $guest == "$cur"* ]] && COMPREPLY+=("$(printf %q "$guest")")
		done < <(_hostdevctl_guests)
	fi
	_hostdevctl_cut_colons "$cur"
}

_hostdevctl_options() {
	case $1 in
	check) echo --problems --all --ids --json --raw --noheadings --output --root --help ;;
	guest | holders) echo --json --raw --noheadings --output --root --help ;;
	generate)
		echo --devices --iommu-groups --drivers --hardware-ids --exclude-devices --exclude-iommu-groups --exclude-drivers \
			--exclude-hardware-ids --apply --yes --method --bind --grub-cmdline --kernels --default --no-all --headless \
			--allow-unsafe --allow-early --allow-measured --qemu --root --loader --initramfs --json --quiet --help
		;;
	plan) echo --json --steps --root --help ;;
	recover) echo --json --raw --noheadings --output --dry-run --help ;;
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
		words='group= processes= services= display= allow= allow+= allow-= wait-time= grace-time= ignore= unbind-time= bind-time=
			reset-time= release-time= script-time= total-time='
		;;
	*) return ;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}

# The drivers that devices of this host have.
_hostdevctl_drivers() {
	local driver

	for driver in /sys/bus/pci/drivers/*/*:*:*.*; do
		[[ -e $driver ]] && driver=${driver%/*} && printf '%s\n' "${driver##*/}"
	done | sort -u
}

_hostdevctl_groups() {
	local group

	printf '%s\n' all no-vga
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

# $1: a list as far as it is typed; $2: what prints its words. What stands before the last comma is kept, and not offered again.
_hostdevctl_list() {
	local cur=$1 done='' words word

	[[ $cur == *,* ]] && done=${cur%,*},
	mapfile -t words < <("$2")
	for word in "${words[@]}"; do
		[[ $done$word == "$cur"* && ,$done != *",$word,"* ]] && COMPREPLY+=("$done$word")
	done
	# To be gone on with, by a comma or with the next option.
	compopt -o nospace 2> /dev/null
	_hostdevctl_cut_colons "$cur"
}

# $1: the option before; $2: what is typed of its value, with its colons. False where the option has none.
_hostdevctl_generate_value() {
	local cur=$2 words

	case $1 in
	--devices | --exclude-devices) _hostdevctl_list "$cur" _hostdevctl_devices; return ;;
	--iommu-groups | --exclude-iommu-groups) _hostdevctl_list "$cur" _hostdevctl_groups; return ;;
	--drivers | --exclude-drivers) _hostdevctl_list "$cur" _hostdevctl_drivers; return ;;
	--hardware-ids | --exclude-hardware-ids) _hostdevctl_list "$cur" _hostdevctl_ids; return ;;
	--default)
		_hostdevctl_match "$cur" '' none first last
		_hostdevctl_addresses "$cur" ''
		_hostdevctl_cut_colons "$cur"
		return
		;;
	--method) words='cmdline conf' ;;
	--bind) words='address ids' ;;
	--loader)
		words='grub grub-bls systemd-boot uki uki-direct kernelstub proxmox sdbootutil ostree bootc nixos limine refind'
		;;
	--initramfs) words='initramfs-tools dracut mkinitcpio booster' ;;
	--kernels | --grub-cmdline) words='' ;;
	*) return 1 ;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}

# $1: the word with its colons; $2: all before it.
_hostdevctl_generate() {
	local word=$1 before=$2 option verb

	if [[ $word == --*=* ]]; then
		_hostdevctl_generate_value "${word%%=*}" "${word#*=}"
		return
	fi
	read -ra option <<< "$before"
	_hostdevctl_generate_value "${option[-1]}" "$word" && return
	if [[ $word == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(_hostdevctl_options generate)" -- "$word")
		return
	fi
	for verb in static multiboot dynamic undo verify show; do
		[[ " $before " == *" $verb "* ]] && return
	done
	mapfile -t COMPREPLY < <(compgen -W 'static multiboot dynamic undo verify show' -- "$word")
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
	local command=${COMP_WORDS[1]} before=${COMP_LINE:0:COMP_POINT} word

	COMPREPLY=()
	# As they were typed: COMP_WORDS breaks them at "=" and ":".
	word=${before##*[[:blank:]]} before=${before%"$word"}
	if [[ $cur == = && $prev == --* ]]; then
		cur=''
	elif [[ $prev == = && ${COMP_WORDS[COMP_CWORD - 2]} == --* ]]; then
		prev=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	if ((COMP_CWORD == 1)); then
		mapfile -t COMPREPLY < <(compgen -W 'check generate guest holders plan recover repin set --help --version' -- "$cur")
		return
	fi
	if [[ $command == set && ($word == --device=* || $before == *[[:blank:]]--device[[:blank:]]*([[:blank:]])) ]]; then
		word=${word#--device=}
		_hostdevctl_addresses "$word" ''
		_hostdevctl_cut_colons "$word"
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
	if [[ $command == generate ]]; then
		_hostdevctl_generate "$word" "$before"
		return
	fi
	case $command:$cur in
	check:-* | guest:-* | holders:-* | plan:-* | recover:-* | repin:-* | set:-*)
		mapfile -t COMPREPLY < <(compgen -W "$(_hostdevctl_options "$command")" -- "$cur")
		;;
	holders:*) _hostdevctl_holders "$word" "$before" ;;
	guest:* | plan:* | repin:*) _hostdevctl_arguments "$cur" _hostdevctl_guests ;;
	set:*) _hostdevctl_set ;;
	recover:*) _hostdevctl_arguments "$cur" _hostdevctl_journals ;;
	esac
}

complete -F _hostdevctl hostdevctl
