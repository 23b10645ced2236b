# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Somebody draws to the screen with this card: that is a session, and it is not ended unless policy says so.

guest g1 "$(hostdev yes "$GPU")"
hold --master "$(card_node "$GPU")"
refused g1 "$GPU" "process $HELD" "display=release"
lives "$HELD"
end "$HELD"
