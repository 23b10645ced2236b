# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The package is upgraded, or downgraded, while a guest runs: the journal that the other version has written is read.

guest g1 "$(hostdev no "$NIC" "$NVME")"
journal=$(journal_of g1)

# As 0.1.0 has written it, with its lock file for each guest.
start g1
sed -i '/^device /d' "$journal"
rm "$STATE/guests.lock"
touch "${journal%.journal}.lock"
must hostdevctl recover
on_vfio "$NIC" "$NVME"
stop g1
same_as_before

# As a later one may.
start g1
sed -i -e 's/^limits .*/& suspend-time=30/' -e '/^claim /i weather fine, with a light breeze' "$journal"
echo "verified 1 by=reading" >> "$journal"
guest g2 "$(hostdev no "$NIC2")"
start g2
stop g2
stop g1
rm -f "${journal%.journal}.lock"
same_as_before
