#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# tests/lab/cache.sh: what a broken-off build has left.

setup() {
	cd "$BATS_TEST_DIRNAME" || return
	export HOSTDEV_LAB_CACHE=$BATS_TEST_TMPDIR/cache
	left=$HOSTDEV_LAB_CACHE/tree.new
	mkdir -p "$left/tree/dev/pts" "$left/tree/proc" "$BATS_TEST_TMPDIR/outside"
	touch "$left/half" "$BATS_TEST_TMPDIR/outside/kept"
	mount -t tmpfs none "$left/tree/dev"
	mkdir "$left/tree/dev/pts"
	mount -t devpts none "$left/tree/dev/pts"
	mount --bind "$BATS_TEST_TMPDIR/outside" "$left/tree/proc"
}

teardown() {
	local mounted
	for mounted in dev/pts dev proc; do
		! mountpoint -q "$left/tree/$mounted" || umount "$left/tree/$mounted"
	done
}

@test "the next build unmounts what a killed mmdebstrap has left, and begins with an empty folder" {
	run bash -c '. ./cache.sh && cache_begin tree 0123456789abcdef && ls -A "$new" && : > "$new/made" && cache_end'
	[[ $status == 0 ]]
	[[ ${lines[-1]} == "$HOSTDEV_LAB_CACHE/tree-0123456789ab" ]]
	[[ $(ls "$HOSTDEV_LAB_CACHE/tree-0123456789ab") == made ]]
	[[ ! -e $left ]]
	[[ $(< /proc/self/mountinfo) != *"$HOSTDEV_LAB_CACHE"* ]]
	[[ -e $BATS_TEST_TMPDIR/outside/kept ]]
}
