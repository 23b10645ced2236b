# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What "hostdevctl generate" prints, without the texts of generator/shell, which have tests of their own.

pieces=$(cd "${BASH_SOURCE[0]%/*}/../../generator/shell" && pwd)

# Whole files of generator/shell become their names.
name_pieces() {
	LC_ALL=C awk -v folder="$pieces/" -v pieces="$(cd "$pieces" && echo ./*)" '
		BEGIN {
			count = split(pieces, name, " ")
			for (i = 1; i <= count; i++) {
				sub(/^\.\//, "", name[i])
				while ((getline line < (folder name[i])) > 0) text[i] = text[i] "+" line "\n"
			}
		}
		function flush(  i) {
			for (i = 1; body != "" && i <= count; i++)
				if (body == text[i]) { print "= generator/shell/" name[i]; body = head = "" }
			if (head != "") print head
			printf "%s", body
			body = head = ""
		}
		/^\+\+\+ b/ { flush(); print; next }
		/^@@ -0,0 / { flush(); head = $0; next }
		/^\+/ && head != "" { body = body $0 "\n"; next }
		{ flush(); print }
		END { flush() }'
}

# Of JSON what changes with every change of generator/shell.
shorten_json() { sed -E '/^ +\{"kind": /{s/"diff": "([^"\\]|\\.){400,}"/"diff": "..."/; s/,[0-9a-f]{64}/,.../g}'; }
