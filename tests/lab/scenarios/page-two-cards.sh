# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What docs/two-cards.md shows: GNOME is on one card and has the other one open, which a guest is to have.
# machine: systemd
# deadline: 400

. /lab/pages.sh
reader_is_at_once
second_card
before
guest win11
desktop gnome-shell "$(card_node "$GPU")" "$CARD2"
page_says /lab/docs/two-cards.md
desktop_over
rm -f /etc/udev/rules.d/61-mutter-ignore.rules
must udevadm control --reload
second_card_over
