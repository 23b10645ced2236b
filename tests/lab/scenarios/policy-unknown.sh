# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A policy that does not exist is refused, not guessed at.

guest g1 "$(policy group=nonsense)" "$(hostdev yes "$NIC")"
refused g1 nonsense
