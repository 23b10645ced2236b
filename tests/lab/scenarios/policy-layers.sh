# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The policy for all guests, the admin's for this one, and the guest's own: the later one wins. What is written wrong is
# told with file and line.

both() { on_vfio "$MATE_A" "$MATE_B"; stop "$1"; same_as_before; }
guest g1 "$(hostdev yes "$MATE_A")"
guest own "$(policy group=whole)" "$(hostdev yes "$MATE_A")"
refused g1 "$MATE_B"
conf hostdev-hook.conf 'group = whole'
conf hostdev-hook.conf.d/10-lab.conf 'group = refuse'
refused g1 "$MATE_B"
conf hostdev-hook.conf.d/20-lab.conf 'group = whole'
start g1
both g1
conf guests/g1.conf 'group = refuse'
conf guests/own.conf 'group = refuse'
refused g1 "$MATE_B"
start own
both own

conf guests/g1.conf '# mine' '' 'grup = whole'
refused g1 guests/g1.conf:3 grup
conf guests/g1.conf 'group = half'
refused g1 guests/g1.conf:1 half
conf guests/g1.conf "[$GPU]" 'allow = console, nonsense'
refused g1 guests/g1.conf:2 nonsense
conf guests/g1.conf 'group = whole'
conf hostdev-hook.conf.d/30-lab.conf 'display = maybe'
refused g1 hostdev-hook.conf.d/30-lab.conf:1 maybe
