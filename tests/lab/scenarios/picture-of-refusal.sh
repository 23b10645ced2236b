# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The refusal of which docs/ has a picture is what virsh prints: of two cards in one group, a guest wants one.

guest win11 "$(hostdev yes "$MATE_A")"
refused win11 "$MATE_A" "$MATE_B"
sed 's/ *$//; /^$/d' "$WORK/virsh.err" > "$WORK/refusal"
diff -u /lab/docs/refusal.txt "$WORK/refusal" > "$WORK/difference" || fail "docs/refusal.txt shows something else:"$'\n'"$(< "$WORK/difference")"
