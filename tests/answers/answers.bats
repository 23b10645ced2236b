#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the whole command answers on the golden cases (tests/cases) that have an answer.txt, on a machine that is only
# files: the text and the JSON that test-answers expects. Of units nobody can be asked there, so of the cases with any only
# the form is looked at.

# shellcheck disable=SC2154 # root and errors are set in ctl/machine.bash
load ../ctl/machine

cases=$BATS_TEST_DIRNAME/../cases

is_built() { [[ -x ${HOST_MAKE:-} && -d ${NAMES:-} ]]; }

setup() {
	needs "to be run by ctest, which knows where the programs are" is_built
	needs_program python3
	root=$BATS_TEST_TMPDIR/tree
	export LD_LIBRARY_PATH=$NAMES
}

tree_make() { # FOLDER
	rm -rf "$root"
	"$HOST_MAKE" "$1/host" "$root"
	[[ ! -e $1/conf ]] || install -D -m 644 "$1/conf" "$root/etc/hostdev-hook/hostdev-hook.conf"
}

has_units() { # FOLDER
	grep -q '^unit ' "$1/host"
}

# The exit status and the verdict say the same.
form_is_right() { # STATUS JSON
	python3 - "$1" "$2" <<-'END'
		import json, sys
		answer = json.loads(sys.argv[2])
		assert list(answer)[0] == "version" and answer["version"] == 1
		assert (answer["verdict"] == "refuse") == (sys.argv[1] == "1") == bool(answer["refusals"])
		assert (answer["verdict"] == "start") == bool(answer["steps"])
		members = ["version", "guest", "verdict", "devices", "stopped", "ended", "waited_for", "allowed", "irreversible",
			"changed", "slow", "notes", "refusals", "steps"]
		assert list(answer) == members, list(answer)
	END
}

@test "text and JSON of the golden cases" {
	local folder count=0
	local -a failed=()
	for folder in "$cases"/*/; do
		folder=${folder%/}
		[[ -e $folder/answer.txt ]] || continue
		tree_make "$folder"
		ctl plan --root "$root" "$folder/domain.xml"
		[[ -z $errors ]]
		has_units "$folder" || diff -u "$folder/answer.txt" - <<< "$output" || failed+=("${folder##*/}")
		ctl plan --json --root "$root" "$folder/domain.xml"
		form_is_right "$status" "$output" || failed+=("${folder##*/}: form")
		if ! has_units "$folder"; then
			diff -u "$folder/answer.json" - <<< "$output" || failed+=("${folder##*/}: JSON")
			count=$((count + 1))
		fi
	done
	printf '%s\n' "${failed[@]}"
	[[ ${#failed[@]} -eq 0 && $count -ge 18 ]]
}
