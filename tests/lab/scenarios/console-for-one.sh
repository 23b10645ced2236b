# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What policy allows for one device it allows for that one only.

guest other "$(policy "$SOUND" allow=console)" "$(hostdev yes "$GPU")"
guest g1 "$(policy "$GPU" allow=console)" "$(hostdev yes "$GPU")"
refused other "$GPU" fb0
start g1
on_vfio "$GPU" "$SOUND"
stop g1
same_as_before
