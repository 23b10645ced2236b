# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Called with other than four arguments the hook says what it is; as an ordinary user it does nothing.

for argument in --version --help; do
	must "$HOOK" "$argument" < /dev/null > "$WORK/out" 2>&1
	contains "$WORK/out" hostdev-hook
done
"$HOOK" < /dev/null > "$WORK/out" 2>&1 || :
contains "$WORK/out" hostdev-hook
guest g1 "$(hostdev no "$NIC")"
xml_of g1 > /tmp/g1.xml
must setpriv --reuid 65534 --regid 65534 --clear-groups "$HOOK" g1 prepare begin - < /tmp/g1.xml > "$WORK/out" 2>&1
[[ ! -s $WORK/out ]] || fail "it spoke: $(< "$WORK/out")"
same_as_before
