# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A guest is started again in the moment it has ended, round after round: udev, which still looks at the disk that has just
# come back, is waited for and stands in nobody's way.

guest g1 "$(hostdev no "$NVME" "$NIC")"
for _ in 1 2; do
	start g1
	stop g1
done
for _ in 1 2; do
	hook g1 prepare begin - < "$(xml_file g1)"
	said_nothing
	hook g1 release end - < "$(xml_file g1)"
	said_nothing
done
same_as_before
