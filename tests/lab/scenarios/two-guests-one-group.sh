# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Two guests want two functions of one group: the second is refused.

guest first "$(hostdev yes "$GPU")"
guest second "$(hostdev yes "$SOUND")"
start first
refused second "$SOUND" first
running first
on_vfio "$GPU" "$SOUND"
stop first
same_as_before
