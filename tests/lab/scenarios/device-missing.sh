# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A device that the host does not have is refused by name.

guest g1 "$(hostdev no 0000:7f:1e.3)"
refused g1 0000:7f:1e.3
