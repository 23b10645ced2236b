# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What docs/integrated-and-card.md shows: KDE Plasma is on one card and has the other one open; it lets go of that one when
# it is told to, or is kept off it.
# machine: systemd
# deadline: 400

. /lab/pages.sh
reader_is_at_once
second_card
guest win11
touch /etc/environment
cp -a /etc/environment "$WORK/environment"
desktop kwin_wayland "$(card_node "$GPU")" "$CARD2"
page_says /lab/docs/integrated-and-card.md
desktop_over
cp -a "$WORK/environment" /etc/environment
second_card_over
