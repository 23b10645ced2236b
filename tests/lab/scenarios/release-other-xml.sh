# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The XML at the release names other devices than were lent: what was lent comes home, nothing else is touched.

guest g1 "$(hostdev no "$NIC")"
hook g1 prepare begin - < <(xml_of g1)
said_nothing
on_vfio "$NIC"
sed "s|$(address_xml "$NIC")|$(address_xml "$NVME")|" <(xml_of g1) > "$WORK/other.xml"
! cmp -s "$WORK/other.xml" <(xml_of g1) || fail "the XML is the same"
hook g1 release end crashed < "$WORK/other.xml"
said_nothing
same_as_before
