# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# libvirt may have no XML left at the release: the journal is enough. And a second release is harmless.

guest g1 "$(hostdev no "$NIC" "$GPU")"
hook g1 prepare begin - < <(xml_of g1)
said_nothing
on_vfio "$NIC" "$GPU" "$SOUND"
has_journal g1 || fail "no journal"
hook g1 start begin - < <(xml_of g1)
said_nothing
hook g1 stopped end - < /dev/null
said_nothing
on_vfio "$NIC" "$GPU" "$SOUND"
hook g1 release end - < /dev/null
said_nothing
same_as_before
hook g1 release end destroyed < /dev/null
said_nothing
same_as_before
