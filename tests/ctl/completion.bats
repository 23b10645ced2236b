#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the shells offer behind hostdevctl, on a host with three devices and two guests.

# shellcheck disable=SC2317 # what stands in for the shell and the host is called by the completion
setup() {
	completions=$BATS_TEST_DIRNAME/../../completions
	# shellcheck source=completions/hostdevctl.bash
	source "$completions/hostdevctl.bash"
	compopt() { :; }
	_hostdevctl_devices() { printf '%s\n' 0000:01:00.0 0000:01:00.1 10000:e1:00.0; }
	_hostdevctl_guests() { printf '%s\n' win11 'two words'; }
	_hostdevctl_groups() { printf '%s\n' all no-vga 1 14; }
	_hostdevctl_drivers() { printf '%s\n' nvidia xhci_hcd; }
	_hostdevctl_ids() { printf '%s\n' 10de:1aef 10de:2204; }
	mkdir -p "$BATS_TEST_TMPDIR/here/folder"
	cd "$BATS_TEST_TMPDIR/here" || return
	touch windows.xml windows.img
}

# offers LINE: what is offered at its end is what stands on standard input, in any order.
offers() {
	local spaced=${1//=/ = }

	spaced=${spaced//:/ : }
	COMP_LINE=$1 COMP_POINT=${#1} COMPREPLY=()
	# As bash does it: "=" and ":" are words.
	read -ra COMP_WORDS <<< "$spaced"
	[[ $1 == *' ' ]] && COMP_WORDS+=('')
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
	# A shell at whose prompt somebody types does not end with a command that fails.
	set +e
	_hostdevctl
	set -e
	diff -u <(sort) <(printf '%s\n' "${COMPREPLY[@]}" | sort)
}

@test "commands" {
	offers 'hostdevctl hol' <<< holders
}

@test "addresses for holders, and the guests" {
	printf '%s\n' 0000:01:00.0 0000:01:00.1 10000:e1:00.0 win11 'two\ words' | offers 'hostdevctl holders '
	printf '%s\n' 0000:01:00.0 0000:01:00.1 | offers 'hostdevctl holders 0'
	printf '%s\n' 01:00.0 01:00.1 | offers 'hostdevctl holders 01'
	printf '%s\n' pci_0000_01_00_0 pci_0000_01_00_1 | offers 'hostdevctl holders pci_0'
	printf '%s\n' pci_10000_e1_00_0 | offers 'hostdevctl holders pci_1'
	offers 'hostdevctl holders wi' < <(printf '%s\n' win11 windows.xml)
}

@test "behind a colon only the rest is offered" {
	printf '%s\n' 00.0 00.1 | offers 'hostdevctl holders 0000:01:'
	printf '%s\n' 00.0 00.1 | offers 'hostdevctl holders 01:0'
	printf '%s\n' e1:00.0 | sed 's/.*://' | offers 'hostdevctl holders 10000:e1:'
	# Who has taken the colon out of what ends a word gets the whole.
	COMP_WORDBREAKS=$' \t\n=' offers 'hostdevctl holders 10000:e' <<< 10000:e1:00.0
}

@test "several addresses, each once" {
	printf '%s\n' 0000:01:00.1 10000:e1:00.0 | offers 'hostdevctl holders 0000:01:00.0 '
	printf '%s\n' 00.1 | offers 'hostdevctl holders 01:00.0 01:'
}

@test "the address for set --device" {
	printf '%s\n' 0000:01:00.0 0000:01:00.1 10000:e1:00.0 | offers 'hostdevctl set --device '
	printf '%s\n' 00.0 00.1 | offers 'hostdevctl set --device 0000:01:'
	printf '%s\n' 00.0 00.1 | offers 'hostdevctl set --device=01:'
	printf '%s\n' 0000:01:00.0 0000:01:00.1 | offers 'hostdevctl set --device=0'
}

@test "columns, behind a blank and an equal sign, and those that a plus adds" {
	printf '%s\n' PID | offers 'hostdevctl holders -o p'
	printf '%s\n' PID | offers 'hostdevctl holders --output p'
	printf '%s\n' PID | offers 'hostdevctl holders --output=p'
	printf '%s\n' STATUS ID SUBJECT NOTE | offers 'hostdevctl check --output='
	printf '%s\n' KIND,NAME KIND,NODE | offers 'hostdevctl holders -o kind,n'
	printf '%s\n' +NAME +DRIVER +GROUP | offers 'hostdevctl holders -o +'
	printf '%s\n' +GROUP,WANTED | offers 'hostdevctl guest --output=+group,w'
	offers 'hostdevctl recover -o +' <<< ''
}

@test "folders for --root=" {
	offers 'hostdevctl plan --root=' <<< folder
}

@test "guests, folders and files with the XML of a guest" {
	printf '%s\n' win11 windows.xml | offers 'hostdevctl plan win'
	printf '%s\n' win11 'two words' windows.xml folder | offers 'hostdevctl guest '
	offers 'hostdevctl holders fo' <<< folder
}

@test "what is set still has its values" {
	printf '%s\n' release refuse | offers 'hostdevctl set win11 display=re'
	printf '%s\n' refuse release stop | offers 'hostdevctl set win11 display='
}

@test "the commands of generate, one of them" {
	printf '%s\n' static multiboot dynamic undo verify show | offers 'hostdevctl generate '
	offers 'hostdevctl generate mu' <<< multiboot
	offers 'hostdevctl generate --apply und' <<< undo
	offers 'hostdevctl generate static ' <<< ''
}

@test "lists for generate, each word once, behind a blank and an equal sign" {
	printf '%s\n' all no-vga 1 14 | offers 'hostdevctl generate static --iommu-groups '
	printf '%s\n' 1,14 1,all 1,no-vga | offers 'hostdevctl generate static --iommu-groups=1,'
	printf '%s\n' nvidia | offers 'hostdevctl generate static --exclude-drivers n'
	printf '%s\n' 0000:01:00.0 0000:01:00.1 10000:e1:00.0 | offers 'hostdevctl generate multiboot --devices '
	printf '%s\n' 00.0 00.1 | offers 'hostdevctl generate multiboot --devices=0000:01:'
	printf '%s\n' 00.1 | offers 'hostdevctl generate multiboot --devices 0000:01:00.0,0000:01:'
	printf '%s\n' 1aef | offers 'hostdevctl generate static --hardware-ids 10de:2204,10de:'
	COMP_WORDBREAKS=$' \t\n=' offers 'hostdevctl generate static --hardware-ids 10de:2' <<< 10de:2204
}

@test "values of generate's other options" {
	printf '%s\n' cmdline conf | offers 'hostdevctl generate static --method '
	offers 'hostdevctl generate static --bind=i' <<< ids
	printf '%s\n' none first last 0000:01:00.0 0000:01:00.1 10000:e1:00.0 | offers 'hostdevctl generate multiboot --default '
	printf '%s\n' sdbootutil systemd-boot | offers 'hostdevctl generate static --loader s'
	offers 'hostdevctl generate static --initramfs=d' <<< dracut
	offers 'hostdevctl generate multiboot --kernels ' <<< ''
	offers 'hostdevctl generate undo --root=' <<< folder
}

# The names that the program knows.
@test "every loader and initramfs generator is in both completions and the manual" {
	names=$(sed -n '/_names\[/,/^};/s/.*"\(.*\)".*/\1/p' "$BATS_TEST_DIRNAME/../../model/boot.c")
	[[ $(wc -l <<< "$names") -ge 17 ]]
	while read -r name; do
		grep -qE "[ (']${name}[ )']" "$completions/_hostdevctl"
		grep -qE "[ ']${name}[ ']" "$completions/hostdevctl.bash"
		grep -qE "(^| )${name}( |\$)" "$BATS_TEST_DIRNAME/../../man/hostdevctl-generate.8"
	done <<< "$names"
}

# "--exclude-..." in the help stands for four options.
@test "every option of generate is in the manual" {
	while read -r option; do
		grep -qE -- "(Fl|,) -${option#--}( |\$)" "$BATS_TEST_DIRNAME/../../man/hostdevctl-generate.8"
	done < <("$HOSTDEVCTL" generate --help | grep -oE -- '--[a-z]+(-[a-z]+)*' | grep -vxE -- '--(exclude|help)' | sort -u)
}

# The columns and options of the programs themselves.
@test "every column and long option of the help is in both completions" {
	for command in check generate guest holders plan recover repin set; do
		help=$("$HOSTDEVCTL" "$command" --help)
		while read -r option; do
			offers "hostdevctl $command $option" <<< "$option"
			grep -q -- "[^-]${option}[^a-z]" "$completions/_hostdevctl"
		done < <(grep '^ ' <<< "$help" | grep -oE -- '--[a-z]+(-[a-z]+)*' | grep -vx -- --exclude)
		while read -r column; do
			offers "hostdevctl $command -o $column" <<< "$column"
			grep -q "[ ']${column}[ ']" "$completions/_hostdevctl"
		done < <(tr '\n' ' ' <<< "$help" | sed -n 's/.*columns: //; T; s/;.*//; s/ -.*//; p' | grep -oE '[A-Z]+')
	done
}
