# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Guests with names that are options, have blanks or quotes: a name is never more than a name. libvirt cannot define a
# guest called ".."; the hook is asked for it by hand all the same.

for name in --help 'a b' "it's \"q\""; do
	guest "$name" "$(hostdev no "$NIC")"
	start "$name"
	on_vfio "$NIC"
	stop "$name"
	same_as_before
done

# shellcheck disable=SC2016 # a name that is a command stays a name
for name in .. --version -rf '$(reboot)' '%s%n' '*' "$(printf 'x%.0s' {1..250})"; do
	described "$name" "$(hostdev no "$NIC")"
	hook "$name" prepare begin - < <(xml_of "$name")
	said_nothing
	on_vfio "$NIC"
	has_journal "$name" || fail "no journal of '$name'"
	hook "$name" release end - < <(xml_of "$name")
	said_nothing
	same_as_before
done
[[ -z $(find "${STATE%/*}" -maxdepth 1 -newer "$WORK/begin" -type f) ]] || fail "something was left beside the state folder"
