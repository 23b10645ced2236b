# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A physical function whose virtual functions are enabled is refused by name.

guest g1 "$(hostdev no "$PF")"
refused g1 "$PF"
