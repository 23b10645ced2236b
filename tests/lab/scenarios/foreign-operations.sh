# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Operations that are not ours, of today or of tomorrow, succeed without a word and without a change.

guest g1 "$(hostdev no "$NIC")"
for operation in 'started begin -' 'stopped end -' 'migrate begin -' 'restore begin -' \
	'attach begin -' 'prepare end -' 'nonsense begin -' '- - -'; do
	read -r op sub extra <<< "$operation"
	hook g1 "$op" "$sub" "$extra" < <(xml_of g1)
	said_nothing
	same_as_before
	hook g1 "$op" "$sub" "$extra" < /dev/null
	said_nothing
done
