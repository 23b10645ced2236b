#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The ids of hostdevctl check: what the manual says of them is what the program says.

# shellcheck disable=SC2154 # output is set in machine.bash
load machine

page=$BATS_TEST_DIRNAME/../../man/hostdevctl-check.8

# The ids of the page with their first sentences, in the page's order.
explained() {
	sed -n '/^\.Sh FINDINGS/,/^\.Sh EXIT/p' "$page" | awk '
		/^\.It Cm / { id = $3; next }
		id { sub(/\.$/, ""); print id, tolower($0); id = "" }'
}

@test "the manual explains each id, in the order of the program" {
	ok check --ids --raw --noheadings
	diff <(tr '[:upper:]' '[:lower:]' <<< "${output//\\x20/ }" | sed 's/\\x27/'"'"'/g') <(explained)
	[[ $(explained | wc -l) -gt 80 ]]
}

@test "each id is spelled in small letters, and there is but one of its name" {
	ok check --ids --raw --noheadings
	[[ $(grep -cE '^[a-z0-9]+(-[a-z0-9]+)* ' <<< "$output") -eq $(wc -l <<< "$output") ]]
	[[ -z $(cut -d ' ' -f 1 <<< "$output" | sort | uniq -d) ]]
}

@test "the ids as JSON, and that nobody need be root to see them" {
	needs_program python3
	ok check --ids --json
	python3 - "$output" <<-'END'
		import json, sys
		ids = json.loads(sys.argv[1])["ids"]
		assert {"id": "iommu-off", "meaning": "the IOMMU is off"} in ids, ids
	END
}

@test "the columns of the ids" {
	ok check --ids -rn -o MEANING
	[[ $(wc -l <<< "$output") -gt 80 && $output != *' '* ]]
	ok check -rn -o ID --ids
	[[ $(wc -l <<< "$output") -gt 80 && $output != *[^a-z0-9$'\n'-]* ]]
	misuses check --ids -o NOTE
	[[ $errors == 'hostdevctl: unknown column "NOTE"; the columns are ID, MEANING'* ]]
	misuses check -o MEANING
	misuses check --ids win11
}

@test "an id that is none is not written into a guest's file" {
	machine_usual
	ok set --root "$root" win11 'ignore=lockdown, hook-copy'
	fails set --root "$root" win11 ignore=lockdwn
	[[ $errors == *"lockdwn is the id of no finding; did you mean lockdown?"* ]]
	ok set --root "$root" -rno KEY,VALUE win11
	[[ $output == *'ignore lockdown,\x20hook-copy'* ]]
}
