#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The submenus for GRUB: what becomes of recorded outputs of 10_linux (menus/NAME.10_linux, menus/NAME.menu), and that nothing
# comes of what is in doubt. With UPDATE_MENUS=1 the expectations are written anew, to be read.
# shellcheck disable=SC2030,SC2031,SC2154 # $output, $stderr and $status are those of bats

load world
bats_require_minimum_version 1.5.0

menus=$BATS_TEST_DIRNAME/menus
list=/etc/hostdev-hook/boot-choices

setup() {
	needs_world
	world_make
	host bookworm-ext4
}

# host NAME: a host whose 10_linux prints what was recorded, and which has both cards of the list.
host() {
	cp "$menus/$1.10_linux" "$world/etc/grub.d/recorded"
	linux 'cat /etc/grub.d/recorded'
	cp "$menus/choices" "$world$list"
	device_make 0000:01:00.0 10de:2204:1458:403b:030000
	device_make 0000:02:00.0 10de:2204:1458:403b:030000
}

linux() { # COMMAND: it is 10_linux
	# shellcheck disable=SC2016 # the script's shell expands it
	printf '%s\n' '#!/bin/sh' 'echo "$GRUB_DISABLE_SUBMENU $GRUB_DISABLE_RECOVERY" > /etc/grub.d/asked' 'echo "Found linux image" >&2' "$1" > "$world/etc/grub.d/10_linux"
	chmod 755 "$world/etc/grub.d/10_linux"
}

awk_is() { # COMMAND
	printf '#!/bin/sh\nexec %s "$@"\n' "$1" > "$world/programs/awk"
	chmod 755 "$world/programs/awk"
}

menu() { # [SHELL]
	PATH=$world/programs:$PATH run --separate-stderr inside "${@:-sh}" "$pieces/grub-menu"
	echo "status $status"$'\n'"$output"$'\n'"$stderr"
}

# No menu, no failure, and one line that says why.
silent() { # WHY
	menu
	is "$status $output" "0 "
	[[ $stderr == "hostdev-hook: "*"$1"* && $stderr != *$'\n'* ]]
}

checks() {
	needs_program grub-script-check
	grub-script-check <<< "$output"
}

@test "recorded menus" {
	local file name
	for file in "$menus"/*.10_linux; do
		name=${file##*/} name=${name%.10_linux}
		[[ $name != fedora-bls ]] || continue
		host "$name"
		menu
		is "$status $stderr" "0 "
		[[ ${UPDATE_MENUS:-} != 1 ]] || printf '%s\n' "$output" > "$menus/$name.menu"
		diff "$menus/$name.menu" - <<< "$output"
		checks
		is "$(< "$world/etc/grub.d/asked")" "true true"
	done
}

@test "every awk and shell make the same menu" {
	local awk shell
	for shell in dash "busybox sh"; do
		for awk in mawk gawk original-awk "busybox awk"; do
			needs_program "${awk%% *}"
			needs_program "${shell%% *}"
			echo "$shell, $awk"
			host awkward
			awk_is "$awk"
			# shellcheck disable=SC2086 # words
			menu $shell
			is "$status $stderr" "0 "
			diff "$menus/awkward.menu" - <<< "$output"
			sed -i 's/^kernels.*/kernels two/' "$world$list"
			# shellcheck disable=SC2086 # words
			menu $shell
			is "$status $output" "0 "
			[[ $stderr == *"line 3 is not understood" ]]
		done
	done
}

# kernels_in: those of the first submenu, in their order.
kernels_in() { sed -n '/^submenu/,/^}/{s/.*vmlinuz-\([^ ]*\) .*/\1/p};/^}/q' <<< "$output" | paste -sd ' '; }

@test "how many kernels, or which" {
	local -a newest
	mapfile -t newest < <(sed -n 's/^menuentry.*with Linux \([^ ]*\)'\''.*/\1/p' "$menus/bookworm-ext4.10_linux")
	is ${#newest[@]} 3
	while read -r word expected; do
		sed -i "s/^kernels.*/kernels $word/" "$world$list"
		menu
		is "$(kernels_in)" "$expected"
	done <<- CASES
		0 ${newest[*]}
		1 ${newest[0]}
		2 ${newest[0]} ${newest[1]}
		7 ${newest[*]}
		1,3 ${newest[0]} ${newest[2]}
		3,1 ${newest[0]} ${newest[2]}
		2,2 ${newest[1]}
	CASES
	sed -i "s/^kernels.*/kernels 8,9/" "$world$list"
	silent "no kernel of rank 8,9"
}

@test "ids begin with the choice's, and no word of the base is lost" {
	menu
	is "$(grep -c "menuentry .*id_option 'hostdev-all-gnulinux-" <<< "$output")" 2
	is "$(grep -c "menuentry .*id_option 'hostdev-keep-0000:01:00.0-gnulinux-" <<< "$output")" 2
	is "$(grep -cE '^[[:blank:]]+linux.* root=UUID=[^ ]+ ro  quiet hostdev\.guest=' <<< "$output")" 4
	diff <(grep -oE 'initrd.*' <<< "$output" | sort -u) <(grep -oE 'initrd.*' "$menus/bookworm-ext4.10_linux" | awk '!seen[$0]++ && ++n <= 2' | sort -u)
}

@test "devices that are gone take their choice along, if all are" {
	rm -r "$world/pci/devices/0000:02:00.0"
	menu
	[[ $output == *"'hostdev-all'"* && $output != *keep* ]]
	is "$stderr" "hostdev-hook: hostdev-keep-0000:01:00.0: its devices are gone, left out of the menu"
	# Another device at the place is not it.
	device_make 0000:02:00.0 8086:10d3:0000:0000:020000
	menu
	[[ $output != *keep* ]]
	rm -r "$world/pci/devices/0000:01:00.0"
	menu
	is "$status $output" "0 "
	is "$(wc -l <<< "$stderr")" 2
	# Without any device, as in a chroot, nothing is known.
	rm -r "$world/pci/devices/0000:02:00.0"
	menu
	[[ $output == *"'hostdev-all'"*"'hostdev-keep"* && -z $stderr ]]
}

@test "a list that is damaged makes no menu" {
	local change
	while IFS='|' read -r change why; do
		cp "$menus/choices" "$world$list"
		sed -i "$change" "$world$list"
		echo "== $change"
		silent "$why"
	done << 'CASES'
s/choices 1/choices 2/|another version
/boot-choices/d|another version
d|it is empty
s/^kernels.*/kernels 1,/|line 3
s/^kernels.*/kernels -1/|line 3
/^kernels/d|how many kernels
s/^kernels 2/kernels 2\nkernels 1/|line 4
s/^choice hostdev-all/choice hostdev all/|line 5
s/^choice hostdev-all/choice hostdev-all'/|line 5
s/^choice hostdev-all/choice/|line 5
s/^choice .*keep.*/choice hostdev-all/|line 8
s/^title.*/title it's/|line 6
s/^title.*/title "x"/|line 6
s/^title.*/title a\\b/|line 6
s/^title.*/title $(id)/|line 6
s/^title.*/title `id`/|line 6
s/^title.*/title/|line 6
s/^title.*/title a\x01b/|line 6
/^title/d|hostdev-all has no title or no words
s/^words.*/words a;b/|line 7
s/^words.*/words a{b/|line 7
s/^words.*/words "a"/|line 7
s/^words.*/words $a/|line 7
s/^words.*/words/|line 7
/^words/d|has no title or no words
s/^words/wörds/|line 7
$a surprise|line 11
$a title again|line 11
$a choice hostdev-third|hostdev-third has no title
CASES
	printf '\0\1\2\xff' > "$world$list"
	silent "another version"
	head -c 20000 /dev/urandom > "$world$list"
	menu
	is "$status $output" "0 "
}

@test "a list that others can change makes no menu" {
	chmod 664 "$world$list"
	silent "can be changed by others"
	chmod 646 "$world$list"
	silent "can be changed by others"
	chmod 644 "$world$list"
	chown 65534 "$world$list"
	silent "does not belong to root"
	rm "$world$list"
	silent "is missing"
	ln -s /etc/hostdev-hook/other "$world$list"
	cp "$menus/choices" "$world/etc/hostdev-hook/other"
	silent "is no file"
	rm "$world$list"
	mkdir "$world$list"
	silent "is no file"
}

@test "without entries of 10_linux there is no menu" {
	chmod 644 "$world/etc/grub.d/10_linux"
	silent "switched off"
	rm "$world/etc/grub.d/10_linux"
	silent "is missing"
	linux 'cat /etc/grub.d/recorded; exit 1'
	silent "has failed"
	linux 'kill -9 $$'
	silent "has failed"
	linux :
	silent "makes no entries"
	host fedora-bls
	silent "makes no entries"
	# An entry that is cut off, or starts no kernel, is none.
	host bookworm-ext4
	linux 'head -n 12 /etc/grub.d/recorded'
	silent "makes no entries"
	linux 'grep -v linux /etc/grub.d/recorded'
	silent "makes no entries"
}

@test "entries of 10_linux_zfs come behind" {
	cp "$menus/awkward.10_linux" "$world/etc/grub.d/zfs"
	printf '%s\n' '#!/bin/sh' 'cat /etc/grub.d/zfs' > "$world/etc/grub.d/10_linux_zfs"
	sed -i 's/^kernels.*/kernels 0/' "$world$list"
	menu
	[[ $output != *vmlinuz-lts* ]]
	chmod 755 "$world/etc/grub.d/10_linux_zfs"
	menu
	[[ $output == *"'hostdev-all-zfs-lts'"* ]]
	checks
}

@test "what GRUB would not understand is not put into its menu" {
	printf '%s\n' '#!/bin/sh' 'exit 1' > "$world/programs/grub-script-check"
	chmod 755 "$world/programs/grub-script-check"
	silent "not understood by grub-script-check"
}

@test "the reader of the list is the same in both scripts" {
	common() { sed -n '/--- the list of choices/,/--- end of the common text/p' "$pieces/$1"; }
	[[ $(common grub-menu | wc -l) -gt 50 ]]
	diff <(common grub-menu) <(common kernel-install)
	trusted() { sed -n '/^trusted()/,/^}/p' "$pieces/$1"; }
	diff <(trusted grub-menu) <(trusted kernel-install)
}

# 10_linux_zfs has braces around the name.
@test "the id is found in each spelling" {
	menu
	local all=$output spelling
	# shellcheck disable=SC2016 # GRUB expands it
	for spelling in '${menuentry_id_option}' --id; do
		sed -i "s/\(\$menuentry_id_option\|\${menuentry_id_option}\)/$spelling/" "$world/etc/grub.d/recorded"
		grep -qF -- "$spelling" "$world/etc/grub.d/recorded"
		menu
		is "$status $stderr" "0 "
		[[ $output == *" $spelling 'hostdev-"* ]]
		diff <(echo "$all") - <<< "${output//"$spelling"/\$menuentry_id_option}"
		checks
	done
}

# Where another script calls it, what it prints comes from there.
@test "behind all others" {
	mkdir -p "$world/programs"
	menu
	local all=$output
	cp "$pieces/grub-menu" "$world/etc/grub.d/12_hostdev-hook"
	cp "$pieces/grub-menu-last" "$world/etc/grub.d/99_hostdev-hook"
	chmod 755 "$world"/etc/grub.d/*_hostdev-hook
	silent_at 12
	run --separate-stderr inside /etc/grub.d/99_hostdev-hook
	is "$status $output $stderr" "0 $all "
	chmod -x "$world/etc/grub.d/12_hostdev-hook"
	silent_at 99
	chmod +x "$world/etc/grub.d/12_hostdev-hook"
	chmod -x "$world/etc/grub.d/99_hostdev-hook"
	run --separate-stderr inside /etc/grub.d/12_hostdev-hook
	is "$status $output $stderr" "0 $all "
}

silent_at() { # NUMBER
	run --separate-stderr inside "/etc/grub.d/$1_hostdev-hook"
	is "$status $output$stderr" "0 "
}
