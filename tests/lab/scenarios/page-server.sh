# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What docs/server.md shows: an admin is logged in by ssh over one card, and gives guests virtual functions of another.

. /lab/pages.sh
reader_is_at_once
near=$(interface "$NIC") far=$(interface "$MATE_B")
guest router
log_in_by_ssh "$near" "$far"
page_says /lab/docs/server.md
log_out_of_ssh "$near"
