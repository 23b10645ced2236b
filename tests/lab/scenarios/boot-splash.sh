# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A boot splash draws on the card: that is no session. It gets wait-time to be through, and is ended then.

# Nothing below /run may be run.
cp /lab/hold /lab/plymouthd
guest g1 "$(policy wait-time=2)" "$(hostdev yes "$GPU")"
hold_with /lab/plymouthd --master "$(card_node "$GPU")"
start g1
poll 5 gone "$HELD" || fail "it is still there"
on_vfio "$GPU" "$SOUND"
stop g1
same_as_before
