#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# dracut's module: its hook is read by the shell of the boot, where it must end nothing and leave nothing behind; its set-up is
# read by dracut. What a real dracut makes of both is shown by images.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # the hooks' own shell expands; $output and $status are those of bats

load world
bats_require_minimum_version 1.5.0

setup() {
	local shell
	while read -r shell; do needs_program "${shell%% *}"; done < <(shells)
	hooks=$BATS_TEST_TMPDIR/hooks
	binder=$BATS_TEST_TMPDIR/binder
	mkdir -p "$hooks"
	export WORLD=$BATS_TEST_TMPDIR
	echo 'f=; set > "$WORLD/before"; echo "$-" >> "$WORLD/before"' > "$hooks/04-before.sh"
	echo 'f=; set > "$WORLD/after"; echo "$-" >> "$WORLD/after"; echo next' > "$hooks/99-marker.sh"
}

hook_is() { sed "s|/usr/lib/hostdev-hook/binder|$binder|" > "$hooks/05-hostdev-hook.sh"; }

binder_is() { # COMMAND
	printf '%s\n' 'echo ran > "$WORLD/ran"' "$1" > "$binder"
}

# goes_on SHELL...: the hooks are read one after the other; all are, and what the shell knows is the same after ours.
goes_on() {
	rm -f "$WORLD"/{before,after}
	run --separate-stderr timeout 20 "$@" -c 'for f in "$WORLD"/hooks/*.sh; do . "$f"; done; echo end' < /dev/null
	is "$status $output" "0 next"$'\n'end || return
	# What a shell counts by itself.
	diff <(grep -vE '^(_|LINENO|RANDOM|SRANDOM|SECONDS|EPOCH.*|BASH_.*|PIPESTATUS)=' "$WORLD/before") \
		<(grep -vE '^(_|LINENO|RANDOM|SRANDOM|SECONDS|EPOCH.*|BASH_.*|PIPESTATUS)=' "$WORLD/after")
}

# Those that dracut has a module for.
shells() {
	printf '%s\n' dash bash "bash --posix" "busybox sh" mksh
}

@test "the next hook runs, whatever becomes of ours" {
	local shell body
	hook_is < "$pieces/dracut-pre-udev"
	while read -r shell; do
		for body in 'exit 0' 'exit 3' 'kill -9 $$' 'set -e; false' 'x=1; cd /; umask 777; trap "" 0' 'cat > /dev/null' 'syntax ( error'; do
			binder_is "$body"
			rm -f "$WORLD/ran"
			# shellcheck disable=SC2086 # words
			goes_on $shell
			[[ $body == syntax* || -e $WORLD/ran ]]
		done
		rm "$binder"
		# shellcheck disable=SC2086 # words
		goes_on $shell
	done < <(shells)
}

@test "the same under set -e, as some read their hooks" {
	hook_is < "$pieces/dracut-pre-udev"
	binder_is 'exit 3'
	goes_on dash -e
	goes_on bash -e
}

@test "a hook that would not do is found out" {
	local body
	binder_is 'exit 0'
	for body in 'exit 0' 'leaked=1' 'set -f' 'set -e; false' 'return_in_a_function() { :; }'; do
		hook_is <<< "$body"
		echo "$body"
		! goes_on bash
	done
}

# What module-setup.sh asks dracut for.
asks() { # FOLDER-OF-HOST FUNCTION
	bash -c '
		inst_simple() { echo "inst_simple $*"; }
		inst_hook() { echo "inst_hook $*"; }
		inst_multiple() { echo "inst_multiple $*"; }
		instmods() { echo "instmods $* hostonly=$hostonly"; }
		moddir=/module hostonly=-h dracutsysrootdir=$1
		. "$2"
		"$3"
		status=$?
		echo "$status hostonly=$hostonly"' asks "$1" "$pieces/dracut-module-setup" "$2"
}

@test "the module comes only when asked, with all it needs" {
	local host=$BATS_TEST_TMPDIR/host
	mkdir -p "$host/etc/hostdev-hook"
	is "$(asks "$host" check)" "255 hostonly=-h"
	is "$(asks "$host" depends)" "0 hostonly=-h"
	is "$(asks "$host" installkernel)" "instmods vfio-pci hostonly=
0 hostonly=-h"
	is "$(asks "$host" install)" "inst_simple /module/binder /usr/lib/hostdev-hook/binder
inst_multiple -o modprobe
inst_hook pre-udev 05 /module/hostdev-hook.sh
0 hostonly=-h"
	: > "$host/etc/hostdev-hook/reserve"
	[[ $(asks "$host" install) == *"inst_simple /etc/hostdev-hook/reserve"* ]]
	mkdir -p "$host/etc/modprobe.d"
	: > "$host/etc/modprobe.d/hostdev-hook.conf"
	[[ $(asks "$host" install) == *"inst_simple /etc/modprobe.d/hostdev-hook.conf"* ]]
	run bash -c 'add_dracutmodules=" a "; . "$1"; echo "$add_dracutmodules"' conf "$pieces/dracut-conf"
	is "$output" " a  hostdev-hook "
}
