# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Two cards behind one bridge share a group: lending one of them is refused and the message names the other.

for managed in yes no; do
	guest "$managed" "$(hostdev "$managed" "$MATE_A")"
	refused "$managed" "$MATE_A" "$MATE_B"
done
