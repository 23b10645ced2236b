#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the shells offer behind hostdevctl, on a host with three devices and two guests.

# shellcheck disable=SC2154 # root is set in machine.bash
load machine

# shellcheck disable=SC2317 # what stands in for the shell and the host is called by the completion
setup() {
	completions=$BATS_TEST_DIRNAME/../../completions
	# shellcheck source=completions/hostdevctl.bash
	source "$completions/hostdevctl.bash"
	PATH=$(dirname "$HOSTDEVCTL"):$PATH
	compopt() { :; }
	_hostdevctl_addresses() { printf '%s\n' 0000:01:00.0 0000:01:00.1 10000:e1:00.0; }
	_hostdevctl_guests() { printf '%s\n' win11 'two words'; }
	_hostdevctl_groups() { printf '%s\n' 1 14; }
	_hostdevctl_nodes() { printf '%s\n' eth0 nvme0n1; }
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
	printf '%s\n' 0000:01:00.0 0000:01:00.1 10000:e1:00.0 eth0 nvme0n1 win11 'two\ words' | offers 'hostdevctl holders '
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
	printf '%s\n' 0000:01:00.1 10000:e1:00.0 eth0 nvme0n1 | offers 'hostdevctl holders 0000:01:00.0 '
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
	printf '%s\n' +NAME +NODE | offers 'hostdevctl holders -o +n'
	printf '%s\n' +GROUP,WANTED | offers 'hostdevctl guest --output=+group,w'
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
	offers 'hostdevctl report -o windows.i' <<< windows.img
}

# The names that the program knows.
@test "every loader and initramfs generator is in the manual" {
	names=$(sed -n '/_names\[/,/^};/s/.*"\(.*\)".*/\1/p' "$BATS_TEST_DIRNAME/../../model/boot.c")
	[[ $(wc -l <<< "$names") -ge 17 ]]
	while read -r name; do
		grep -qE "(^| )${name}( |\$)" "$BATS_TEST_DIRNAME/../../man/hostdevctl-generate.8"
	done <<< "$names"
}

# "--exclude-..." in the help stands for four options.
@test "every option of generate is in the manual" {
	while read -r option; do
		grep -qE -- "(Fl|,) -${option#--}( |\$)" "$BATS_TEST_DIRNAME/../../man/hostdevctl-generate.8"
	done < <("$HOSTDEVCTL" generate --help | grep -oE -- '--[a-z]+(-[a-z]+)*' | grep -vxE -- '--(exclude|help)' | sort -u)
}

# --- the same in all three shells ---

# A hostdevctl that looks at a made-up machine, and no libvirt.
machine_in_path() {
	machine_usual
	mkdir -p "$BATS_TEST_TMPDIR/bin"
	cat > "$BATS_TEST_TMPDIR/bin/hostdevctl" <<-END
		#!/bin/sh
		[ "\$1" = list ] && [ "\$2" != --help ] && set -- "\$@" --root "$root"
		exec "$HOSTDEVCTL" "\$@"
	END
	printf '#!/bin/sh\nexit 1\n' > "$BATS_TEST_TMPDIR/bin/virsh"
	chmod +x "$BATS_TEST_TMPDIR"/bin/*
	PATH=$BATS_TEST_TMPDIR/bin:$PATH
}

# asked SHELL < LINES: what SHELL offers at the end of each line, "LINE: WORD WORD ..." in order. Shells
# replace more or less of what is typed: of a list or a setting only the last word is shown.
asked() {
	local shell=$1 lines words='' line
	mapfile -t lines
	printf '%s\n' "${lines[@]}" | HOME=$BATS_TEST_TMPDIR XDG_CONFIG_HOME=$BATS_TEST_TMPDIR timeout 120 \
		"$shell" "$BATS_TEST_DIRNAME/complete.$shell" "$completions" > "$BATS_TEST_TMPDIR/$shell" || return
	for line in "${lines[@]}"; do
		words=$(sed '/^$/q' <&3 | sed '/^$/d; s/\t.*//; s/=$//; s/^.*[=,+]\(.\)/\1/' | LC_ALL=C sort -u | tr '\n' ' ')
		words=${words% }
		printf '%s\n' "$line:${words:+ $words}"
	done 3< "$BATS_TEST_TMPDIR/$shell"
}

# all_offer < LINES: what each shell offers at the end of what stands before ": " is what stands behind that.
all_offer() {
	local expected shell
	expected=$(cat)
	for shell in bash zsh fish; do
		needs_program "$shell"
		echo "$shell:"
		diff -u <(echo "$expected") <(sed 's/: .*//; s/:$//' <<< "$expected" | asked "$shell") || return
	done
}

# sorted WORD...: as "asked" prints them.
sorted() { printf '%s\n' "$@" | LC_ALL=C sort -u | tr '\n' ' ' | sed 's/ $//'; }

commands() { "$HOSTDEVCTL" help | sed -n '/^Commands:/,/^$/s/^  \([^ ]*\).*/\1/p'; }

@test "the help is read in the same way in all shells" {
	local file
	for file in "$completions"/*hostdevctl*; do
		diff <(sed -n "/awk '/,/END {/p" "$completions/hostdevctl.bash") <(sed -n "/awk '/,/END {/p" "$file")
	done
	[[ $(sed -n "/awk '/,/END {/p" "$completions/hostdevctl.bash" | wc -l) -ge 20 ]]
}

@test "every command that help lists, in all shells" {
	machine_in_path
	# shellcheck disable=SC2046 # words
	all_offer <<-END
		hostdevctl : $(sorted $(commands))
		hostdevctl help : $(sorted $(commands | grep -vxE 'help|version'))
		hostdevctl --: --help --version
		hostdevctl re: $(sorted $(commands | grep '^re'))
	END
}

# The programs' own help is read here in a simpler way: whatever looks like an option.
@test "every option that a command's help names and no other, in all shells" {
	machine_in_path
	for command in $(commands); do
		# shellcheck disable=SC2046 # words
		printf 'hostdevctl %s --: %s\n' "$command" "$(sorted $("$HOSTDEVCTL" "$command" --help 2> /dev/null |
			grep '^ ' | grep -oE -- '--[a-z]+(-[a-z]+)*'))"
	done > "$BATS_TEST_TMPDIR/options"
	grep -q '^hostdevctl check --: --all --help --ids ' "$BATS_TEST_TMPDIR/options"
	[[ $(wc -l < "$BATS_TEST_TMPDIR/options") -ge 15 ]]
	sed -i 's/: $/:/' "$BATS_TEST_TMPDIR/options"
	all_offer < "$BATS_TEST_TMPDIR/options"
}

@test "every column that a command's help names, in all shells" {
	machine_in_path
	for command in $(commands); do
		columns=$("$HOSTDEVCTL" "$command" --help 2> /dev/null | tr '\n' ' ' |
			sed -n 's/.*columns: //; T; s/;.*//; s/  *-.*//; p' | grep -oE '[A-Z-]+' || :)
		# shellcheck disable=SC2086 # words
		[[ -z $columns ]] || printf 'hostdevctl %s -o : %s\n' "$command" "$(sorted $columns)"
	done > "$BATS_TEST_TMPDIR/columns"
	[[ $(wc -l < "$BATS_TEST_TMPDIR/columns") -ge 7 ]]
	cat >> "$BATS_TEST_TMPDIR/columns" <<-END
		hostdevctl list -o +nu: NUMA
		hostdevctl list --output=NUMA,US: USED-BY
	END
	all_offer < "$BATS_TEST_TMPDIR/columns"
}

# "set" itself says which values it would have taken.
@test "every key of the policy with its values, in all shells" {
	local keys key
	machine_in_path
	keys=$("$HOSTDEVCTL" set --root "$root" -rn -o KEY guest)
	{
		# shellcheck disable=SC2086 # words
		echo "hostdevctl set guest : $(sorted $keys allow+ allow-)"
		# shellcheck disable=SC2086 # words
		echo "hostdevctl xml --policy : $(sorted $keys allow+ allow-)"
		for key in group processes services display; do
			values=$("$HOSTDEVCTL" set --root "$root" guest "$key=?" 2>&1 | sed 's/.*must be one of: //; s/,//g')
			# shellcheck disable=SC2086 # words
			echo "hostdevctl set guest $key=: $(sorted $values)"
		done
		values=$("$HOSTDEVCTL" set --root "$root" guest "allow=?" 2>&1 | sed 's/.*by commas: //')
		# shellcheck disable=SC2086 # words
		echo "hostdevctl set guest allow=: $(sorted none $values)"
		# shellcheck disable=SC2086 # words
		echo "hostdevctl set guest allow+=: $(sorted $values)"
		echo "hostdevctl set guest allow-=ssh,c: chipset console"
		# shellcheck disable=SC2046 # words
		echo "hostdevctl set guest ignore=: $(sorted $("$HOSTDEVCTL" check --ids -rn | cut -d ' ' -f 1))"
	} | all_offer
}

@test "words that options take, in all shells" {
	local names
	machine_in_path
	# The last four are generators of the initramfs.
	names=$(sed -n '/_names\[/,/^};/s/.*"\(.*\)".*/\1/p' "$BATS_TEST_DIRNAME/../../model/boot.c")
	# shellcheck disable=SC2046 # words
	all_offer <<-END
		hostdevctl list --color=: always auto never
		hostdevctl generate : dynamic multiboot show static undo verify
		hostdevctl generate --apply un: undo
		hostdevctl generate --method : cmdline conf
		hostdevctl generate static --bind=i: ids
		hostdevctl generate static --kernels :
		hostdevctl generate static --iommu-groups=no: no-vga
		hostdevctl generate --loader : $(sorted $(head -n -4 <<< "$names"))
		hostdevctl generate --initramfs : $(sorted $(tail -n 4 <<< "$names"))
	END
}

@test "devices of this host, in zsh and fish by hostdevctl list" {
	local all='0000:01:00.0 0000:01:00.1 0000:02:00.0 0000:03:00.0 0000:04:00.0' shell
	machine_in_path
	for shell in zsh fish; do
		diff -u - <(asked $shell <<-END
			hostdevctl set --device 
			hostdevctl list 0000:0
			hostdevctl holders 01
			hostdevctl xml pci_0000_01
			hostdevctl xml 0000:01:00.0 0000:01
			hostdevctl generate static --devices 0000:01:00.0,0000:01
			hostdevctl generate --default 
			END
		) <<-END
			hostdevctl set --device : $all
			hostdevctl list 0000:0: $all
			hostdevctl holders 01: 01:00.0 01:00.1
			hostdevctl xml pci_0000_01: pci_0000_01_00_0 pci_0000_01_00_1
			hostdevctl xml 0000:01:00.0 0000:01: 0000:01:00.1
			hostdevctl generate static --devices 0000:01:00.0,0000:01: 0000:01:00.1
			hostdevctl generate --default : $all first last none
		END
	done
}

# In a /etc and a /run of their own, to which root's shells look.
@test "guests by libvirt's files, or by virsh, which must not keep anybody waiting, in all shells" {
	needs_mounts
	machine_in_path
	export -f all_offer asked needs_program needs
	export completions BATS_TEST_DIRNAME BATS_TEST_TMPDIR
	printf '#!/bin/sh\nprintf "%%s\\n" win11 win12 debian\n' > "$BATS_TEST_TMPDIR/bin/virsh"
	within() { unshare --mount bash -c "mount -t tmpfs none /etc && mount -t tmpfs none /run && $1; all_offer"; }
	within true <<-END
		hostdevctl log wi: win11 win12
		hostdevctl plan d: debian
	END
	printf '#!/bin/sh\nexec sleep 60\n' > "$BATS_TEST_TMPDIR/bin/virsh"
	within 'mkdir -p /{etc,run}/libvirt/qemu; touch /{etc,run}/libvirt/qemu/win11.xml /etc/libvirt/qemu/web.xml' <<-END
		hostdevctl log w: web win11
		hostdevctl set w: web win11 windows.xml
		hostdevctl lend win: win11 windows.xml
		hostdevctl holders win: win11 windows.xml
		hostdevctl check win: win11 windows.xml
		hostdevctl repin win: win11 windows.xml
		hostdevctl recover :
	END
	# Half a minute is less than virsh takes for one of them.
	SECONDS=0
	within true <<-END
		hostdevctl log w:
	END
	((SECONDS < 30))
	within 'mkdir /run/hostdev-hook; echo "guest win11" > /run/hostdev-hook/x.journal' <<-END
		hostdevctl recover : win11
		hostdevctl return w: win11
	END
}
