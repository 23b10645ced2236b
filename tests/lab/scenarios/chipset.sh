# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A function of the chipset is not lent.

guest g1 "$(hostdev no 0000:00:1f.2)"
guest g2 "$(policy group=whole)" "$(hostdev no 0000:00:1f.2)"
refused g1 0000:00:1f.2
refused g2 0000:00:1f.2
