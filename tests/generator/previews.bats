#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What "hostdevctl generate" says on made-up hosts: each folder of cases/ is one.
#
#   host        the machine (tests/host/machine.h), which may take in others (tests/assemble.bash)
#   command     what is behind "hostdevctl generate" on the command line, quoted as for a shell; "--root DIR" is added
#   stdout, stderr, status    what it prints and exits with; an empty one is left out, and a status of 0
#
# In stderr the path of the made-up tree is DIR. In stdout a new file that is one of generator/shell is only named, after it
# was compared. UPDATE_CASES=1 in the environment writes what is expected anew: read what changed before you believe it.

load ../needs
load ../assemble
load shorten

here=$BATS_TEST_DIRNAME

is_built() { [[ -x ${HOSTDEVCTL:-} && -x ${HOST_MAKE:-} && -d ${NAMES:-} ]]; }

setup() {
	needs "to be run by ctest, which knows where the programs are" is_built
}

# What a file of the case says, or what it says by being left out.
expected() { if [[ -e $1 ]]; then cat "$1"; elif [[ ${1##*/} == status ]]; then echo 0; fi; } # FILE

run_case() { # FOLDER
	local tree=$BATS_TEST_TMPDIR/tree found=$BATS_TEST_TMPDIR/found part status=0
	local -a words
	rm -rf "$tree" "$found"
	mkdir "$found"
	assemble "$1/host" > "$found/host"
	"$HOST_MAKE" "$found/host" "$tree" || return 1
	eval "words=($(< "$1/command"))"
	LD_LIBRARY_PATH=$NAMES "$HOSTDEVCTL" generate "${words[@]}" --root "$tree" > "$found/raw" 2> "$found/stderr" || status=$?
	sed -i "s,$tree,DIR,g" "$found/stderr"
	name_pieces < "$found/raw" | shorten_json > "$found/stdout"
	[[ $status -eq 0 ]] || echo "$status" > "$found/status"
	for part in stdout stderr status; do
		if cmp -s <(expected "$found/$part") <(expected "$1/$part"); then continue; fi
		if [[ -n ${UPDATE_CASES:-} ]]; then
			echo "# ${1##*/}/$part is written anew" >&3
			rm -f "$1/$part"
			[[ ! -s $found/$part ]] || cp "$found/$part" "$1/$part"
			continue
		fi
		echo "--- ${1##*/}/$part:"
		diff <(expected "$1/$part") <(expected "$found/$part") || failed+=("${1##*/}")
	done
}

# Of a record names and places are made up.
without_names() {
	sed -E "s/(mounts on )[^;(]*/\\1X/; s/(unlocks as |passphrase of |the (key|header) of )[^ ;]+/\\1X/
		s/(is what|swap of|disable|mask) [^ ]+\.(mount|swap)/\\1 unit.\\2/g; s/resume= of the kernel's line|[^ ]*conf.d\\/resume/resume/" "$1"
}

# A host that record/record-host has recorded is refused what the host itself is.
@test "what is said of the record of a host with disks and networks" {
	local folder found=$BATS_TEST_TMPDIR/found count=0 status
	local -a words
	failed=()
	for folder in "$here"/cases/*/; do
		grep -qE '^(node .*( block|subsystem=net)|file etc/(fstab|crypttab))' "$folder/host" || continue
		rm -rf "$found"
		mkdir "$found"
		assemble "$folder/host" > "$found/host"
		"$HOST_MAKE" "$found/host" "$found/tree"
		"$here/../../record/record-host" "$found/tree" > "$found/recorded"
		"$HOST_MAKE" "$found/recorded" "$found/again"
		eval "words=($(< "$folder/command"))"
		status=0
		LD_LIBRARY_PATH=$NAMES "$HOSTDEVCTL" generate "${words[@]}" --root "$found/again" > /dev/null 2> "$found/stderr" || status=$?
		sed -i "s,$found/again,DIR,g" "$found/stderr"
		[[ $status == "$(expected "$folder/status")" ]] || failed+=("$folder $status")
		diff <(expected "$folder/stderr" | without_names -) <(without_names "$found/stderr") || failed+=("$folder")
		count=$((count + 1))
	done
	[[ $count -gt 12 ]]
	echo "${failed[@]}"
	[[ ${#failed[@]} -eq 0 ]]
}

@test "what is printed on each host" {
	local folder count=0
	failed=()
	for folder in "$here"/cases/*/; do
		run_case "${folder%/}" || failed+=("$folder")
		count=$((count + 1))
	done
	[[ $count -gt 50 ]]
	echo "${failed[@]}"
	[[ ${#failed[@]} -eq 0 ]]
}
