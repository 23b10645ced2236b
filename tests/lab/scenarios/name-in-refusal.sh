# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A guest with an odd name is named as it is in the refusal of another one.

guest "it's \"q\" --help" "$(hostdev no "$NIC")"
guest g2 "$(hostdev no "$NIC")"
start "it's \"q\" --help"
refused g2 "$NIC" "it's \"q\" --help"
stop "it's \"q\" --help"
same_as_before
