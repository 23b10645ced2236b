# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What takes minutes to make and is kept for the next time, outside the source tree: folders with Debian releases in them.
# Read by image and tree. A name holds a hash of all that it is made of, so that a change there is a new folder; nothing stays
# mounted, and a build that is broken off leaves nothing that could be taken for a whole one.

cache=${HOSTDEV_LAB_CACHE:-/var/cache/hostdev-hook-lab}

# cache_discard FOLDER: removes what a build that was broken off has left. Killed in the middle, mmdebstrap leaves /proc, /sys
# and /dev/pts mounted in its tree, and nothing else ever unmounts them.
cache_discard() {
	local mounted
	[[ -e $1 ]] || return 0
	while read -r mounted; do
		umount --lazy "$mounted"
	done < <(awk -v below="$(realpath "$1")/" 'index($5, below) == 1 { print $5 }' /proc/self/mountinfo | tac)
	rm -rf --one-file-system "$1"
}

# cache_begin NAME KEY: prints the folder and ends the script if it is there; else $kept is what it will be called, and $new
# an empty folder to make it in.
cache_begin() {
	local name=$1 key=$2
	kept=$cache/$name-${key:0:12} new=$cache/$name.new
	mkdir -p "$cache"
	# One builder at a time for each name; who waited here finds it ready.
	exec 9> "$cache/$name.lock"
	flock 9
	if [[ -d $kept ]]; then
		touch "$kept"
		echo "$kept"
		exit 0
	fi
	trap 'cache_discard "$new"' EXIT
	trap 'exit 129' HUP INT TERM
	cache_discard "$new"
	find "$cache" -maxdepth 1 -name "$name-????????????" -mtime +2 -exec rm -rf --one-file-system {} +
	mkdir -p "$new"
	echo "${0##*/}: building $name in $cache" >&2
}

cache_end() {
	mv -T "$new" "$kept"
	echo "$kept"
}

# bootstrap RELEASE PACKAGES [OPTION...]: makes $new/tree with the packages, which are separated by blanks.
bootstrap() {
	command -v mmdebstrap > /dev/null || { echo "${0##*/}: mmdebstrap is missing (package mmdebstrap)" >&2; exit 1; }
	# Mirrors that lag have lists of sid that are too old for apt. Their signatures are looked at all the same.
	if ! mmdebstrap --quiet --variant=minbase --aptopt='Acquire::Check-Valid-Until "false"' --include="${2// /,}" \
		"${@:3}" "$1" "$new/tree" > "$new/log" 2>&1 < /dev/null; then
		tail -n 30 "$new/log" >&2
		echo "${0##*/}: mmdebstrap could not make a $1 tree" >&2
		exit 1
	fi
}
