# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Texts of machines (tests/host/machine.h) that take in others: a line "include NAME" stands for the text tests/NAME, or for
# the text "host" in the folder of that name.

texts=$(cd "${BASH_SOURCE[0]%/*}" && pwd)

# assemble FILE: the machine's text with all that it takes in, on stdout.
assemble() {
	local line file
	while IFS= read -r line; do
		if [[ $line == "include "* ]]; then
			file=$texts/${line#include }
			[[ ! -d $file ]] || file=$file/host
			assemble "$file"
		else
			printf '%s\n' "$line"
		fi
	done < "$1"
}
