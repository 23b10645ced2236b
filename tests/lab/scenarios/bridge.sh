# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A bridge is no device to lend: refused by name.

guest g1 "$(hostdev no "$BRIDGE")"
refused g1 "$BRIDGE"
